/** Why there is no microphone. */
export type MicrophoneProblem = 'insecure' | 'denied' | 'missing' | 'busy';

export interface Wishes {
  device: string; // "" is the system's choice
  processing: boolean;
}

/** Below this a microphone gives nothing at all: even a quiet room is louder than digital silence. */
const nothing = 1e-4;
const silentFor = 10_000; // ms of nothing before we say so

/** Microphone holds the open microphone, its level, and what is wrong with it. */
export class Microphone {
  track = $state.raw<MediaStreamTrack | null>(null);
  problem = $state<MicrophoneProblem | null>(null);
  /** Root mean square of the last moment, 0…1; 0 while nobody measures. */
  level = $state(0);
  /** It has been open for 10 s and gave nothing at all: muted at the headset, or the wrong device. */
  silent = $state(false);
  /** Called when the device went away under us. */
  onEnded: (() => void) | null = null;

  private context: AudioContext | null = null;
  private meter: ReturnType<typeof setInterval> | undefined;
  private lastSound = 0;

  /** Opens it. False if there is none to be had; the problem says why. */
  async open(wishes: Wishes): Promise<boolean> {
    if (!window.isSecureContext || !('mediaDevices' in navigator)) {
      this.problem = 'insecure';
      return false;
    }
    const audio: MediaTrackConstraints = {
      echoCancellation: wishes.processing,
      noiseSuppression: wishes.processing,
      autoGainControl: wishes.processing,
      channelCount: 1,
    };
    try {
      const stream = await this.get(
        wishes.device ? { ...audio, deviceId: { exact: wishes.device } } : audio,
        audio,
      );
      const track = stream.getAudioTracks()[0];
      if (!track) throw new DOMException('no audio track', 'NotFoundError');
      this.release();
      this.problem = null;
      this.track = track;
      track.addEventListener('ended', () => {
        if (this.track === track) this.onEnded?.();
      });
      this.measure(stream);
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    }
  }

  /** Lets what it hears through, or not. A closed microphone stays open to the system but gives silence. */
  pass(on: boolean): void {
    if (!this.track || this.track.enabled === on) return;
    this.track.enabled = on;
    this.lastSound = performance.now();
    this.silent = false;
  }

  release(): void {
    this.track?.stop();
    this.track = null;
    this.level = 0;
    this.silent = false;
    clearInterval(this.meter);
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  /** The device that was chosen may be gone: then any. */
  private async get(audio: MediaTrackConstraints, fallback: MediaTrackConstraints): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      const gone =
        error instanceof DOMException && ['OverconstrainedError', 'NotFoundError'].includes(error.name);
      if (!gone || audio === fallback) throw error;
      return navigator.mediaDevices.getUserMedia({ audio: fallback });
    }
  }

  private measure(stream: MediaStream): void {
    const context = new AudioContext();
    this.context = context;
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.lastSound = performance.now();
    this.meter = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      this.level = Math.sqrt(sum / samples.length);
      const now = performance.now();
      if (this.level > nothing || !this.track?.enabled || context.state !== 'running') this.lastSound = now;
      this.silent = now - this.lastSound > silentFor;
    }, 200);
  }
}

function problemOf(error: unknown): MicrophoneProblem {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    default:
      return 'busy';
  }
}
