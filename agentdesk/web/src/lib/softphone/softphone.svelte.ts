import type { LinkQuality, RTCAnswer } from '../proto.gen';
import { read, write } from '../storage';
import { Microphone, type Wishes } from './microphone.svelte';
import { between, readStats, type Counters } from './quality';

/** Where the browser's leg stands, as the browser sees it. */
export type LegState = 'off' | 'connecting' | 'up' | 'down';

/** Carries an SDP offer to the server and brings back its answer. */
export type Signal = (sdp: string, gen: number) => Promise<RTCAnswer>;

const generationKey = 'linedesk.gen';
const connectWithin = 6000; // ms for ICE and DTLS before another try
const recoverWithin = 2500; // ms that "disconnected" may last before another try
const lookEvery = 2000; // ms between two looks at the figures

/**
 * Softphone keeps one nailed-up PeerConnection to the server for as long as the shift lasts. Calls come and
 * go on it without any negotiation. Whenever it breaks it makes a new one: the server puts that
 * under the same leg, so a call in progress goes on.
 */
export class Softphone {
  readonly microphone = new Microphone();
  state = $state<LegState>('off');
  /** The browser refused to play sound without a click. */
  blocked = $state(false);
  quality = $state.raw<LinkQuality | null>(null);

  private wanted = false;
  private connection: RTCPeerConnection | null = null;
  private audio: HTMLAudioElement | null = null;
  private stream: MediaStream | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looker: ReturnType<typeof setInterval> | undefined;
  private before: Counters | null = null;
  private tries = 0;
  private open = false;

  constructor(
    private readonly signal: Signal,
    private readonly wishes: () => Wishes & { speaker: string },
  ) {
    this.microphone.onEnded = () => void this.reopenMicrophone();
  }

  /** The element that plays the far side. Without one Chromium decodes nothing at all. */
  attach(audio: HTMLAudioElement): void {
    this.audio = audio;
    this.play();
  }

  /** Opens the microphone; asks for permission if need be, so call it from a click the first time. */
  async openMicrophone(): Promise<boolean> {
    const ok = await this.microphone.open(this.wishes());
    this.microphone.pass(this.open);
    return ok;
  }

  /** Connects and stays connected until [Softphone.stop]. */
  async start(): Promise<boolean> {
    this.wanted = true;
    if (!this.microphone.track && !(await this.openMicrophone())) {
      this.wanted = false;
      return false;
    }
    this.tries = 0;
    void this.connect();
    return true;
  }

  stop(): void {
    this.wanted = false;
    this.hangUp();
    this.microphone.release();
    this.state = 'off';
    this.quality = null;
  }

  /** Connects anew, unless it is connected and `force` is not set: the server lost our leg, or the network changed. */
  again(force = false): void {
    if (!this.wanted || (this.state === 'up' && !force)) return;
    if (this.state === 'connecting' && !force) return;
    this.tries = 0;
    void this.connect();
  }

  /** Lets the microphone through (in a call, not muted) or not. */
  pass(on: boolean): void {
    this.open = on;
    this.microphone.pass(on);
  }

  /** Shows no figures until there are new ones. */
  forgetQuality(): void {
    this.quality = null;
  }

  /** Plays what could not be played without a click. */
  unblock(): void {
    this.play();
  }

  /** Takes the devices and the processing that are wished for now, in mid-call too. */
  async useDevices(): Promise<void> {
    this.useSpeaker();
    if (this.microphone.track) await this.reopenMicrophone();
  }

  private async reopenMicrophone(): Promise<void> {
    if (!(await this.openMicrophone())) return;
    const track = this.microphone.track;
    const sender = this.connection?.getSenders()[0];
    if (track && sender) await sender.replaceTrack(track).catch(() => undefined);
  }

  private async connect(): Promise<void> {
    this.hangUp();
    const track = this.microphone.track;
    if (!track) return;
    this.state = 'connecting';
    const pc = new RTCPeerConnection();
    this.connection = pc;
    pc.addTransceiver(track, { direction: 'sendrecv' });
    pc.ontrack = (event) => {
      if (this.connection !== pc) return;
      this.stream = event.streams[0] ?? new MediaStream([event.track]);
      this.play();
    };
    pc.onconnectionstatechange = () => {
      if (this.connection === pc) this.changed(pc.connectionState);
    };
    this.retryIn(connectWithin);
    try {
      const gen = nextGeneration();
      await pc.setLocalDescription(await pc.createOffer());
      // No waiting for candidates: the server is ICE-lite and learns ours from the first check.
      const answer = await this.signal(pc.localDescription?.sdp ?? '', gen);
      if (this.connection !== pc) return;
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    } catch {
      if (this.connection === pc) this.lost();
    }
  }

  private changed(state: RTCPeerConnectionState): void {
    switch (state) {
      case 'connected':
        clearTimeout(this.timer);
        this.tries = 0;
        this.state = 'up';
        this.look();
        break;
      case 'disconnected':
        this.retryIn(recoverWithin);
        break;
      case 'failed':
      case 'closed':
        this.lost();
        break;
    }
  }

  /** Tries again after a while that grows from at once to 4 s. */
  private lost(): void {
    this.state = 'down';
    this.quality = null;
    this.retryIn(Math.min(4000, 250 * 2 ** this.tries++ - 250));
  }

  private retryIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.wanted) return;
      if (this.state === 'up') this.state = 'down';
      void this.connect();
    }, ms);
  }

  private hangUp(): void {
    clearTimeout(this.timer);
    clearInterval(this.looker);
    this.before = null;
    const pc = this.connection;
    this.connection = null;
    if (!pc) return;
    pc.ontrack = null;
    pc.onconnectionstatechange = null;
    pc.close();
  }

  private play(): void {
    const audio = this.audio;
    if (!audio || !this.stream) return;
    if (audio.srcObject !== this.stream) audio.srcObject = this.stream;
    this.useSpeaker();
    audio.play().then(
      () => {
        this.blocked = false;
      },
      (error: unknown) => {
        // An AbortError only says that a newer stream took its place.
        if (error instanceof DOMException && error.name === 'NotAllowedError') this.blocked = true;
      },
    );
  }

  private useSpeaker(): void {
    const audio = this.audio;
    const speaker = this.wishes().speaker;
    if (!audio || !('setSinkId' in audio) || audio.sinkId === speaker) return;
    audio.setSinkId(speaker).catch(() => undefined); // gone: the system's choice goes on
  }

  private look(): void {
    clearInterval(this.looker);
    const pc = this.connection;
    this.looker = setInterval(() => {
      if (!pc || this.connection !== pc) return;
      pc.getStats().then(
        (report) => {
          const now = readStats(report as unknown as Map<string, unknown>);
          this.quality = between(this.before, now);
          this.before = now;
        },
        () => undefined,
      );
    }, lookEvery);
  }
}

/** Grows over reloads of the page too, so that the server can tell the newest connection. */
function nextGeneration(): number {
  const gen = (read<number>(generationKey, 'session') ?? 0) + 1;
  write(generationKey, gen, 'session');
  return gen;
}
