import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeskStore } from '../src/desk/desk.svelte';
import { i18n } from '../src/lib/i18n/i18n.svelte';
import type { Desk, Me } from '../src/lib/proto.gen';
import { spoken } from '../src/lib/ui/announce.svelte';
import { toasts } from '../src/lib/ui/toasts.svelte';
import { call, desk, item, offer, pop } from './desk-data';
import { FakeSocket } from './fake-socket';

const me = {
  id: 'amy',
  name: {},
  roles: [],
  rights: [],
  agent: 'amy',
  extension: '1001',
  language: 'en',
} as Me;
const site = {
  name: {},
  timezone: 'UTC',
  queues: [],
  agents: [{ id: 'ben', user: 'ben', extension: '1002', name: { en: 'Ben', 'zh-CN': '本' } }],
  people: [],
  pause_reasons: [],
  dispositions: [],
  ticket_kinds: [],
};
let store: DeskStore;
let close: () => void;
let seq = 0;

function says(shown: Desk) {
  FakeSocket.newest.say({ t: 'snap', ch: 'desk', epoch: 'e1', seq: ++seq, now: 0, desk: shown });
}

/** Everything is sent that will ever be. */
async function comeBack() {
  await vi.advanceTimersByTimeAsync(6000);
  FakeSocket.newest.hello();
  await vi.advanceTimersByTimeAsync(1000);
}

const browser = (shown: Desk): Desk => ({ ...shown, agent: { ...shown.agent, station_kind: 'webrtc' } });
const sent = (t: string) => FakeSocket.all.reduce((n, socket) => n + socket.count(t), 0);

beforeEach(async () => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  document.body.innerHTML = '';
  toasts.list = [];
  i18n.use('en');
  FakeSocket.install();
  const locks = { request: (_name: string, _how: object, hold: (lock: object) => unknown) => hold({}) };
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(locks as unknown as LockManager);
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(site))));
  store = new DeskStore(me);
  vi.spyOn(store.shift.ringer, 'start').mockReturnValue(undefined);
  close = store.open();
  FakeSocket.newest.hello();
  await vi.advanceTimersByTimeAsync(10);
});

afterEach(() => {
  close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('without a link', () => {
  it('does nothing, then or when the link is back', async () => {
    says(desk({ call: call() }));
    FakeSocket.newest.break();
    expect(store.calls.canHold).toBe(false);
    store.calls.toggleHold();
    store.calls.hangUp();
    store.calls.sendKeys('1');
    store.shift.choose('paused');
    void store.calls.dial('13800000001');
    void store.form.finish();
    void store.calls.identify('k2');
    await comeBack();
    for (const t of ['hold', 'hangup', 'dtmf', 'state', 'dial', 'wrapup.finish', 'identify'])
      expect(sent(t), t).toBe(0);
    expect(toasts.list).toEqual([]);
  });

  it('does not answer a call that rang when it broke', async () => {
    says(browser(desk({ offer: offer() })));
    expect(store.ringing.canAnswer).toBe(true);
    FakeSocket.newest.break();
    expect(store.ringing.canAnswer).toBe(false);
    store.ringing.answer();
    store.ringing.decline();
    await comeBack();
    expect(sent('answer') + sent('decline')).toBe(0);
  });

  it('mutes the browser, shows it, keeps it, and tells the server when the link is back', async () => {
    says(browser(desk({ call: call() })));
    const pass = vi.spyOn(store.shift.phone, 'pass');
    FakeSocket.newest.break();
    expect(store.calls.canMute).toBe(true);
    store.calls.toggleMute();
    expect(pass).toHaveBeenLastCalledWith(false);
    expect(store.calls.muted).toBe(true);
    await comeBack();
    expect(FakeSocket.newest.last('mute').body).toEqual({ call: 'c1', muted: true });
    says(browser(desk({ call: call() }))); // the server has not got to it yet
    expect(store.calls.muted).toBe(true);
    expect(pass).not.toHaveBeenCalledWith(true);
    says(browser(desk({ call: call({ muted: true }) })));
    store.calls.toggleMute();
    expect(FakeSocket.newest.last('mute').body).toEqual({ call: 'c1', muted: false });
    says(browser(desk({ call: call() })));
    expect(store.calls.muted).toBe(false);
    expect(pass).toHaveBeenLastCalledWith(true);
  });

  it('does not open what the server holds shut, nor mute a phone on the desk', () => {
    says(browser(desk({ call: call({ muted: true }) })));
    FakeSocket.newest.break();
    expect(store.calls.canMute).toBe(false);
    says(desk({ call: call() }));
    expect(store.calls.canMute).toBe(false);
  });

  it('says at once that notes are kept here, and sends them later', async () => {
    says(desk({ call: call() }));
    FakeSocket.newest.break();
    store.form.wrapUp.notes = 'by the way';
    store.form.wrapUp.edited();
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.form.wrapUp.state).toBe('kept');
    await comeBack();
    expect(FakeSocket.newest.last('wrapup.save').body).toMatchObject({ notes: 'by the way' });
  });
});

it('keeps the mute when the server does not answer', async () => {
  says(browser(desk({ call: call() })));
  store.calls.toggleMute();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(store.calls.muted).toBe(true);
});

it('does not carry a mute into the next call', () => {
  says(browser(desk({ call: call() })));
  store.calls.toggleMute();
  says(browser(desk({ call: call({ id: 'c2' }) })));
  expect(store.calls.muted).toBe(false);
});

describe('the form', () => {
  const draft = { kind: 'complaint', subject: 'Late', text: '', urgency: 'normal', due: '' } as const;

  it('stays while a ticket is written, and says whose it is through the next offer', () => {
    says(desk({ call: call({ state: 'wrap_up' }) }));
    expect(store.form.of).toBe('王芳');
    store.form.drafts.keepTicket('c1', draft);
    says(desk()); // time ran out; the log has not caught up
    expect(store.form.wrapUp.call).toBe('c1');
    says(desk({ offer: offer(), recent: [item('c1', { disposition: 'sold' })] }));
    expect(store.form.wrapUp.call).toBe('c1');
    expect(store.form.of).toBe('王芳');
    expect(store.pop?.customer?.name).toBe('Ms Next');
  });

  it('stays while the cursor is in an empty ticket', () => {
    document.body.innerHTML = '<form id="ticket-form"><input /></form>';
    says(desk({ call: call({ state: 'wrap_up' }) }));
    document.querySelector('input')?.focus();
    says(desk());
    expect(store.form.wrapUp.call).toBe('c1');
  });

  it('goes when nothing is left to write', () => {
    says(desk({ call: call({ state: 'wrap_up' }) }));
    says(desk());
    expect(store.form.wrapUp.call).toBeNull();
  });

  it('can be found again by a ticket that was begun before the next call', () => {
    says(desk({ call: call({ state: 'wrap_up' }) }));
    store.form.drafts.keepTicket('c1', draft);
    says(desk({ call: call({ id: 'c2' }), recent: [item('c1', { disposition: 'sold' })] }));
    expect(store.form.wrapUp.call).toBe('c2');
    says(desk({ recent: [item('c2', { disposition: 'sold' }), item('c1', { disposition: 'sold' })] }));
    expect(store.form.unfinished.map((i) => i.id)).toEqual(['c1']);
  });
});

it('says whose call it is', () => {
  says(desk({ call: call() }));
  void store.calls.identify('k2');
  expect(FakeSocket.newest.last('identify').body).toEqual({ call: 'c1', customer: 'k2' });
});

describe('a call between colleagues', () => {
  const internal = { direction: 'internal', queue: '', pop: pop(null) } as const;

  it.each([
    ['placed', { from: { number: '1001' }, to: { number: '1002' } }, true],
    ['taken', { from: { number: '1002' }, to: { number: '1001' } }, false],
  ])('that is %s has the colleague at the other end', (_how, parties, placed) => {
    const shown = call({ ...internal, ...parties });
    says(desk({ call: shown }));
    expect(store.calls.placed(shown)).toBe(placed);
    expect(store.calls.farParty(shown)).toEqual({ number: '1002', name: 'Ben' });
    expect(store.calls.whoIsOn(shown)).toBe('Ben');
  });

  it('shows the extension of who has no name', () => {
    const shown = call({ ...internal, from: { number: '1001' }, to: { number: '1099' } });
    says(desk({ call: shown }));
    expect(store.calls.whoIsOn(shown)).toBe('1099');
  });
});

describe('a screen reader is told', () => {
  it('why nobody was reached', () => {
    says(desk({ call: call({ state: 'calling_customer', direction: 'outbound' }) }));
    says(desk({ call: call({ state: 'unreached', direction: 'outbound', end_cause: 'busy' }) }));
    expect(spoken.polite).toBe('Not reached: Busy');
  });

  it('of the key that answers only where there is one', () => {
    says(desk({ offer: offer() }));
    expect(spoken.assertive).toContain('Pick up your phone');
    says(browser(desk({ offer: offer({ id: 'o3' }) })));
    expect(spoken.assertive).toContain('Alt A');
  });
});

describe('the station', () => {
  it('can be changed between calls', async () => {
    says(desk());
    const stop = vi.spyOn(store.shift.phone, 'stop');
    const changed = store.shift.changeStation({ kind: 'sip', extension: '1001', number: '' });
    expect(FakeSocket.newest.last('station').body).toEqual({ kind: 'sip', extension: '1001' });
    FakeSocket.newest.ack(FakeSocket.newest.last('station').id);
    expect(await changed).toBe(true);
    expect(stop).toHaveBeenCalled();
  });

  it('stays when the server refuses the new one', async () => {
    says(desk());
    const stop = vi.spyOn(store.shift.phone, 'stop');
    const changed = store.shift.changeStation({ kind: 'pstn', extension: '', number: '12' });
    FakeSocket.newest.ack(FakeSocket.newest.last('station').id, { ok: false, err: { code: 'bad_number' } });
    expect(await changed).toBe(false);
    expect(stop).not.toHaveBeenCalled();
  });

  it('is not changed under a call', () => {
    says(desk({ call: call() }));
    expect(store.shift.canChangeStation).toBe(false);
    says(desk({ call: call({ state: 'wrap_up' }) }));
    expect(store.shift.canChangeStation).toBe(true);
  });
});

it('forgets how the last call sounded', () => {
  says(browser(desk({ call: call() })));
  store.shift.phone.quality = { rtt_ms: 1, jitter_ms: 1, loss_pct: 0, mos: 4 };
  says(browser(desk({ call: call() })));
  expect(store.shift.phone.quality).not.toBeNull();
  says(browser(desk({ call: call({ state: 'wrap_up' }) })));
  expect(store.shift.phone.quality).toBeNull();
});

it('takes no second hold until the desk shows the first', async () => {
  says(desk({ call: call() }));
  store.calls.toggleHold();
  FakeSocket.newest.ack(FakeSocket.newest.last('hold').id, { seq: 7 });
  await vi.advanceTimersByTimeAsync(100);
  store.calls.toggleHold(); // the call shows as talking still: this would hold what is held
  expect(sent('hold')).toBe(1);
  FakeSocket.newest.say({
    t: 'd',
    ch: 'desk',
    seq: ++seq,
    now: 0,
    journal: 7,
    desk: desk({ call: call({ state: 'held' }) }),
  });
  await vi.advanceTimersByTimeAsync(0);
  store.calls.toggleHold();
  expect(sent('resume')).toBe(1);
});

it.each([
  ['answered', { call: call({ id: 'c2' }) }],
  ['gone', {}],
])('says nothing at once any more of a ring that is %s', (_how, after) => {
  says(desk({ offer: offer() }));
  expect(spoken.assertive).toContain('Ms Next');
  says(desk(after));
  expect(spoken.assertive).toBe('');
});

it('reads the site again when something of it was published', async () => {
  expect(store.names.colleague('1002')).toBe('Ben');
  const renamed = { ...site, agents: [{ ...site.agents[0], name: { en: 'Benjamin' } }] };
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(renamed))));
  FakeSocket.newest.say({ t: 'site' });
  await vi.advanceTimersByTimeAsync(10);
  expect(store.names.colleague('1002')).toBe('Benjamin');
});

it('asks whether the site it has is the newest, and keeps it if so', async () => {
  const asked: (string | null)[] = [];
  const answers = [
    new Response(JSON.stringify(site), { headers: { ETag: '"one"' } }),
    new Response(null, { status: 304, headers: { ETag: '"one"' } }),
    new Response(JSON.stringify({ ...site, agents: [] }), { headers: { ETag: '"two"' } }),
  ];
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    asked.push(new Headers(init.headers).get('If-None-Match'));
    return Promise.resolve(answers.shift());
  });
  for (const name of ['Ben', 'Ben', '']) {
    FakeSocket.newest.say({ t: 'site' });
    await vi.advanceTimersByTimeAsync(10);
    expect(store.names.colleague('1002')).toBe(name);
  }
  expect(asked).toEqual([null, '"one"', '"one"']);
});
