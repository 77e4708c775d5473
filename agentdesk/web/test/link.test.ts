import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { longest } from '../src/lib/link/backoff';
import type { CommandError } from '../src/lib/link/commands';
import { Link, type LinkState } from '../src/lib/link/link';
import type { Channel, Delta, Snap } from '../src/lib/proto.gen';
import { FakeSocket } from './fake-socket';

let links: Link[] = [];

function open(over: Partial<ConstructorParameters<typeof Link>[0]> = {}) {
  const states: LinkState[] = [];
  const link = new Link({ url: 'ws://desk.test/ws', onState: (state) => states.push(state), ...over });
  links.push(link);
  link.open();
  return { link, states };
}

function read(link: Link, ch: Channel = 'desk') {
  const seen: string[] = [];
  link.subscribe(ch, {
    snap: (snap: Snap) => seen.push(`snap ${String(snap.seq)}`),
    delta: (delta: Delta) => seen.push(`d ${String(delta.seq)}`),
    refused: (error: CommandError) => seen.push(`refused ${error.code}`),
  });
  return seen;
}

const snap = (seq: number, epoch = 'e1') => ({ t: 'snap', ch: 'desk', epoch, seq, now: 0 });
const delta = (seq: number) => ({ t: 'd', ch: 'desk', seq, now: 0 });

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.install();
});

afterEach(() => {
  for (const link of links) link.close();
  links = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('channels', () => {
  it('names the subprotocol and subscribes after the greeting', () => {
    const { link, states } = open();
    read(link);
    expect(FakeSocket.newest.protocol).toBe('cc.v1');
    expect(FakeSocket.newest.count('subscribe')).toBe(0);
    FakeSocket.newest.hello();
    expect(states.at(-1)).toBe('up');
    expect(FakeSocket.newest.last('subscribe').body).toEqual({ ch: 'desk' });
  });

  it('passes on a snapshot and the deltas after it, each once', () => {
    const { link } = open();
    const seen = read(link);
    const socket = FakeSocket.newest;
    socket.hello();
    for (const message of [delta(4), snap(5), delta(5), delta(6), delta(6), delta(7)]) socket.say(message);
    expect(seen).toEqual(['snap 5', 'd 6', 'd 7']);
  });

  it('asks for what it missed when it sees a gap, once', () => {
    const { link } = open();
    const seen = read(link);
    const socket = FakeSocket.newest;
    socket.hello();
    for (const message of [snap(5), delta(6), delta(9), delta(10)]) socket.say(message);
    expect(socket.count('subscribe')).toBe(2);
    expect(socket.last('subscribe').body).toEqual({ ch: 'desk', epoch: 'e1', seq: 6 });
    for (const message of [delta(7), delta(8), delta(9), delta(10), delta(11)]) socket.say(message);
    expect(seen).toEqual(['snap 5', 'd 6', 'd 7', 'd 8', 'd 9', 'd 10', 'd 11']);
  });

  it('resumes after a break from where it was', () => {
    const { link } = open();
    const seen = read(link);
    FakeSocket.newest.hello();
    FakeSocket.newest.say(snap(5));
    FakeSocket.newest.say(delta(6));
    FakeSocket.newest.break();
    expect(link.state).toBe('down');
    vi.advanceTimersByTime(longest);
    FakeSocket.newest.hello({ resumed: true });
    expect(FakeSocket.newest.last('subscribe').body).toEqual({ ch: 'desk', epoch: 'e1', seq: 6 });
    FakeSocket.newest.say(delta(7));
    expect(seen.at(-1)).toBe('d 7');
  });

  it('takes a fresh snapshot of a restarted server, whatever its numbers', () => {
    const { link } = open();
    const seen = read(link);
    FakeSocket.newest.hello();
    FakeSocket.newest.say(snap(500));
    FakeSocket.newest.break(4012);
    vi.advanceTimersByTime(longest);
    FakeSocket.newest.hello({ epoch: 'e2' });
    FakeSocket.newest.say(snap(1, 'e2'));
    FakeSocket.newest.say(delta(2));
    expect(seen).toEqual(['snap 500', 'snap 1', 'd 2']);
  });

  it('tells why a channel was refused', async () => {
    const { link } = open();
    const seen = read(link);
    FakeSocket.newest.hello();
    FakeSocket.newest.ack(FakeSocket.newest.last('subscribe').id, {
      ok: false,
      err: { code: 'desk_elsewhere' },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual(['refused desk_elsewhere']);
  });

  it('is not upset by rubbish or by messages of a newer server', () => {
    const { link } = open();
    const seen = read(link);
    const socket = FakeSocket.newest;
    socket.hello();
    socket.onmessage?.({ data: '{not json' });
    socket.onmessage?.({ data: '7' });
    socket.say({ t: 'from_the_future', ch: 'desk' });
    socket.say({ ...snap(1), ch: 'elsewhere' });
    socket.say(snap(1));
    expect(seen).toEqual(['snap 1']);
  });
});

describe('commands', () => {
  it('gives the result of the ack, and fails with its code', async () => {
    const { link } = open();
    FakeSocket.newest.hello();
    const dialled = link.command('dial', { to: '4000' });
    FakeSocket.newest.ack(FakeSocket.newest.last('dial').id, { result: { call: 'c1' } });
    expect(await dialled).toEqual({ call: 'c1' });
    const held = link.command('hold', { call: 'c1' });
    FakeSocket.newest.ack(FakeSocket.newest.last('hold').id, {
      ok: false,
      err: { code: 'not_your_call', params: { call: 'c1' } },
    });
    await expect(held).rejects.toMatchObject({ code: 'not_your_call', params: { call: 'c1' } });
  });

  it('repeats what was not answered after a break, with the same ID, and settles once', async () => {
    const { link } = open();
    FakeSocket.newest.hello();
    const answered = vi.fn();
    void link.command('answer', { offer: 'o1' }).then(answered);
    const first = FakeSocket.newest;
    const id = first.last('answer').id;
    first.break();
    vi.advanceTimersByTime(longest);
    FakeSocket.newest.hello();
    expect(FakeSocket.newest).not.toBe(first);
    expect(FakeSocket.newest.last('answer').id).toBe(id);
    FakeSocket.newest.ack(id);
    FakeSocket.newest.ack(id);
    await vi.advanceTimersByTimeAsync(0);
    expect(answered).toHaveBeenCalledTimes(1);
    expect(FakeSocket.newest.count('answer')).toBe(1);
  });

  it('waits for the link, but not for ever', async () => {
    const { link } = open();
    const early = link.command('state', { state: 'ready' });
    const never = link.command('hold', { call: 'c1' }, { timeout: 3000 });
    never.catch(() => undefined);
    expect(FakeSocket.newest.sent).toEqual([]);
    FakeSocket.newest.hello();
    FakeSocket.newest.ack(FakeSocket.newest.last('state').id);
    await expect(early).resolves.toBeUndefined();
    await vi.advanceTimersByTimeAsync(3000);
    await expect(never).rejects.toMatchObject({ code: 'timeout' });
  });

  it('gives every command an ID of its own, unlike those of another page', () => {
    const one = open().link;
    const first = FakeSocket.newest;
    const other = open().link;
    const second = FakeSocket.newest;
    first.hello();
    second.hello();
    for (const link of [one, one, other, other]) link.command('ping').catch(() => undefined);
    const ids = [...first.sent, ...second.sent].map((command) => command.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/);
  });
});

describe('breaks', () => {
  it('comes back sooner at first and never later than 5 s', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    open();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = FakeSocket.all.length;
      FakeSocket.newest.break();
      let waited = 0;
      while (FakeSocket.all.length === before) {
        vi.advanceTimersByTime(50);
        waited += 50;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it.each([
    [4000, 'refused'],
    [4001, 'taken_over'],
    [4003, 'signed_out'],
  ] as const)('stays away after close code %i', (code, state) => {
    const { link } = open();
    FakeSocket.newest.hello();
    const pending = link.command('hold', { call: 'c1' });
    pending.catch(() => undefined);
    FakeSocket.newest.break(code);
    vi.advanceTimersByTime(60_000);
    expect(link.state).toBe(state);
    expect(FakeSocket.all).toHaveLength(1);
    return expect(pending).rejects.toMatchObject({ code: 'closed' });
  });

  it.each([4008, 4012, 1006, 1001])('comes back after close code %i', (code) => {
    open();
    FakeSocket.newest.hello();
    FakeSocket.newest.break(code);
    vi.advanceTimersByTime(longest);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('finds out by HTTP that a refused handshake means signed out', async () => {
    const { link } = open({ signedIn: () => Promise.resolve(false) });
    FakeSocket.newest.break();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.state).toBe('signed_out');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('goes on trying when the server is away altogether', async () => {
    const { link } = open({ signedIn: () => Promise.reject(new Error('no network')) });
    FakeSocket.newest.break();
    await vi.advanceTimersByTimeAsync(longest);
    expect(link.state).toBe('down');
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('notices a server that has gone silent', () => {
    const { link } = open({ pingEvery: 5000 });
    const socket = FakeSocket.newest;
    socket.hello();
    socket.ack(socket.last('ping').id);
    vi.advanceTimersByTime(5000);
    expect(socket.count('ping')).toBe(2);
    vi.advanceTimersByTime(14_000);
    expect(link.state).not.toBe('up');
    expect(socket.closed).toBe(true);
  });

  it('does not take its own sleep for the server’s silence', () => {
    const { link } = open({ pingEvery: 5000 });
    const socket = FakeSocket.newest;
    socket.hello();
    for (let i = 0; i < 5; i++) {
      socket.ack(socket.last('ping').id);
      vi.advanceTimersByTime(5000);
    }
    expect(link.state).toBe('up');
  });

  it('gives up a handshake that hangs', () => {
    open();
    vi.advanceTimersByTime(10_000 + longest);
    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.all[0]?.closed).toBe(true);
  });

  it('connects at once when the network is back', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    open();
    for (let i = 0; i < 6; i++) {
      FakeSocket.newest.break();
      vi.advanceTimersByTime(longest);
    }
    const before = FakeSocket.all.length;
    FakeSocket.newest.break();
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.all).toHaveLength(before + 1);
  });
});

describe('the clock', () => {
  it('learns the server’s time from the quickest answer', () => {
    const { link } = open();
    const socket = FakeSocket.newest;
    socket.hello({ server_now: 5_000_000 });
    const at = performance.now();
    vi.advanceTimersByTime(40);
    socket.ack(socket.last('ping').id, { now: 5_000_020 });
    expect(link.clock.value).toBeCloseTo(5_000_020 - (at + 20), 3);
    expect(link.clock.roundTrip).toBeCloseTo(40, 3);
  });
});

describe('a command whose doing is to be seen', () => {
  function asked() {
    const { link } = open();
    const socket = FakeSocket.newest;
    socket.hello();
    read(link);
    socket.say({ ...snap(1), journal: 40 });
    const done = vi.fn();
    void link.command('hold', { call: 'c1' }, { seenIn: 'desk' }).then(done);
    return { link, socket, done };
  }

  it('is done when its channel shows it', async () => {
    const { socket, done } = asked();
    socket.ack(socket.last('hold').id, { seq: 42 });
    await vi.advanceTimersByTimeAsync(100);
    expect(done).not.toHaveBeenCalled();
    socket.say({ ...delta(2), journal: 41 });
    await vi.advanceTimersByTimeAsync(100);
    expect(done).not.toHaveBeenCalled();
    socket.say({ ...delta(3), journal: 42 });
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledOnce();
  });

  it.each([
    ['shown before the ack came', 40],
    ['of no number', undefined],
  ])('is done at once where it is %s', async (_what, seq) => {
    const { socket, done } = asked();
    socket.ack(socket.last('hold').id, { seq });
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledOnce();
  });

  it('is done in any case before long: the channel may be late', async () => {
    const { socket, done } = asked();
    socket.ack(socket.last('hold').id, { seq: 42 });
    await vi.advanceTimersByTimeAsync(1900);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(done).toHaveBeenCalledOnce();
  });

  it('is seen in the snapshot that follows a break', async () => {
    const { socket, done } = asked();
    socket.ack(socket.last('hold').id, { seq: 42 });
    socket.break();
    await vi.advanceTimersByTimeAsync(500);
    const next = FakeSocket.newest;
    next.hello();
    next.say({ ...snap(9), journal: 50 });
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledOnce();
  });
});
