/** An AudioContext that can play somewhere else than on the system's default device (Chromium). */
type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/**
 * Ringer makes the ring tone, so that there is no file to load at the wrong moment. It plays on the ring
 * device: the loudspeaker, while the voice is in the headset.
 */
export class Ringer {
  volume = 0.6;
  private context: SinkContext | null = null;
  private sink = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  private gain: GainNode | null = null;

  /** Makes sound possible. Browsers want it called from a click; a second call is harmless. */
  unlock(): void {
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') this.context.resume().catch(() => undefined);
  }

  /** Chooses the device to ring on; "" is the system's. */
  async use(sink: string): Promise<void> {
    this.sink = sink;
    await this.context?.setSinkId?.(sink).catch(() => undefined);
  }

  get ringing(): boolean {
    return this.timer !== undefined;
  }

  /** Rings until [Ringer.stop]: two short rings every three seconds. */
  start(): void {
    if (this.timer !== undefined) return;
    this.unlock();
    void this.use(this.sink);
    this.burst();
    this.timer = setInterval(() => {
      this.burst();
    }, 3000);
  }

  /** Rings once, to try the device. */
  test(): void {
    this.unlock();
    void this.use(this.sink);
    this.burst();
  }

  /** Silence, at once: what was scheduled is cut off too. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.gain?.disconnect();
    this.gain = null;
  }

  private burst(): void {
    const context = this.context;
    if (!context) return;
    this.gain?.disconnect();
    const gain = context.createGain();
    this.gain = gain;
    gain.gain.value = 0;
    gain.connect(context.destination);
    for (const [at, frequency] of [
      [0, 660],
      [0.18, 880],
      [0.6, 660],
      [0.78, 880],
    ] as const) {
      const start = context.currentTime + at;
      const tone = context.createOscillator();
      tone.type = 'triangle';
      tone.frequency.value = frequency;
      tone.connect(gain);
      tone.start(start);
      tone.stop(start + 0.16);
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(this.volume * 0.5, start + 0.02);
      gain.gain.linearRampToValueAtTime(0, start + 0.15);
    }
  }
}
