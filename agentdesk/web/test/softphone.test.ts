import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Softphone } from '../src/lib/softphone/softphone.svelte';

class FakePeer {
  static all: FakePeer[] = [];
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  ontrack: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  closed = false;
  replaced: unknown[] = [];
  constructor() {
    FakePeer.all.push(this);
  }
  addTransceiver() {
    return {};
  }
  createOffer() {
    return Promise.resolve({ type: 'offer', sdp: `offer ${String(FakePeer.all.length)}` });
  }
  setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
    return Promise.resolve();
  }
  setRemoteDescription() {
    return Promise.resolve();
  }
  getSenders() {
    return [
      {
        replaceTrack: (track: unknown) => {
          this.replaced.push(track);
          return Promise.resolve();
        },
      },
    ];
  }
  getStats() {
    return Promise.resolve(new Map());
  }
  close() {
    this.closed = true;
  }
  become(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  static get newest() {
    const newest = FakePeer.all.at(-1);
    if (!newest) throw new Error('no connection was made');
    return newest;
  }
}

class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  stop() {
    this.stopped = true;
  }
}

const getUserMedia = vi.fn();
const signal = vi.fn();
let phone: Softphone;

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  FakePeer.all = [];
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal(
    'AudioContext',
    class {
      state = 'running';
      createAnalyser() {
        return { fftSize: 0, getFloatTimeDomainData: () => undefined };
      }
      createMediaStreamSource() {
        return { connect: () => undefined };
      }
      close() {
        return Promise.resolve();
      }
    },
  );
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
  getUserMedia
    .mockReset()
    .mockImplementation(() => Promise.resolve({ getAudioTracks: () => [new FakeTrack()] }));
  signal
    .mockReset()
    .mockImplementation((_sdp: string, gen: number) => Promise.resolve({ sdp: 'answer', gen }));
  phone = new Softphone(signal, () => ({ device: '', processing: true, speaker: '' }));
});

afterEach(() => {
  phone.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function up() {
  await phone.start();
  await vi.advanceTimersByTimeAsync(0);
  FakePeer.newest.become('connected');
}

it('connects once it has the microphone, and sends nothing before a call', async () => {
  await up();
  expect(phone.state).toBe('up');
  expect(phone.microphone.track?.enabled).toBe(false);
  phone.pass(true);
  expect(phone.microphone.track?.enabled).toBe(true);
});

it('makes a new connection of a higher generation when the old one fails', async () => {
  await up();
  FakePeer.newest.become('failed');
  expect(phone.state).toBe('down');
  await vi.advanceTimersByTimeAsync(300);
  expect(FakePeer.all).toHaveLength(2);
  expect(FakePeer.all[0]?.closed).toBe(true);
  const gens = signal.mock.calls.map((call) => call[1] as number);
  expect(gens[1]).toBeGreaterThan(gens[0] ?? 0);
});

it('gives a short interruption time to mend by itself', async () => {
  await up();
  FakePeer.newest.become('disconnected');
  await vi.advanceTimersByTimeAsync(2000);
  FakePeer.newest.become('connected');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakePeer.all).toHaveLength(1);
  FakePeer.newest.become('disconnected');
  await vi.advanceTimersByTimeAsync(2600);
  expect(FakePeer.all).toHaveLength(2);
});

it('tries again when the server does not answer, ever more slowly', async () => {
  signal.mockRejectedValue(new Error('timeout'));
  await phone.start();
  await vi.advanceTimersByTimeAsync(30_000);
  const tries = signal.mock.calls.length;
  expect(tries).toBeGreaterThan(5);
  expect(tries).toBeLessThan(20);
});

it('counts generations over a reload of the page', async () => {
  await up();
  phone.stop();
  phone = new Softphone(signal, () => ({ device: '', processing: true, speaker: '' }));
  await up();
  const gens = signal.mock.calls.map((call) => call[1] as number);
  expect(gens).toEqual([1, 2]);
});

it.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'missing'],
  ['NotReadableError', 'busy'],
])('says what is wrong with the microphone: %s', async (name, problem) => {
  getUserMedia.mockRejectedValue(new DOMException('no', name));
  expect(await phone.start()).toBe(false);
  expect(phone.microphone.problem).toBe(problem);
  expect(FakePeer.all).toHaveLength(0);
});

it('says that a page without https gets no microphone', async () => {
  Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true });
  expect(await phone.start()).toBe(false);
  expect(phone.microphone.problem).toBe('insecure');
});

it('falls back to any microphone when the chosen one is gone', async () => {
  phone = new Softphone(signal, () => ({ device: 'usb-1', processing: true, speaker: '' }));
  getUserMedia.mockRejectedValueOnce(new DOMException('gone', 'OverconstrainedError'));
  expect(await phone.start()).toBe(true);
  expect(getUserMedia).toHaveBeenCalledTimes(2);
});

it('changes the microphone in mid-call without a new connection', async () => {
  await up();
  phone.pass(true);
  await phone.useDevices();
  expect(FakePeer.all).toHaveLength(1);
  expect(FakePeer.newest.replaced).toEqual([phone.microphone.track]);
  expect(phone.microphone.track?.enabled).toBe(true);
});

it('is quiet after it was stopped', async () => {
  await up();
  phone.stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(FakePeer.all).toHaveLength(1);
  expect(phone.state).toBe('off');
});
