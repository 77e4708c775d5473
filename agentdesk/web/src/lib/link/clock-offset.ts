interface Sample {
  offset: number;
  roundTrip: number;
}

/**
 * ClockOffset learns the distance between the server's clock and this page's monotonic one, so that
 * timers show the server's truth however wrong the computer's clock is. A ping's answer was stamped
 * somewhere within its round trip; of the last few the quickest says it best.
 */
export class ClockOffset {
  private samples: Sample[] = [];

  /** Forgets all: a new connection may be to a server with another clock. */
  reset(): void {
    this.samples = [];
  }

  /** Adds what the server said (epoch ms) to something sent at and answered at these moments (ms, monotonic). */
  add(serverNow: number, sentAt: number, answeredAt: number): void {
    const roundTrip = Math.max(0, answeredAt - sentAt);
    this.samples.push({ offset: serverNow - (sentAt + roundTrip / 2), roundTrip });
    if (this.samples.length > 8) this.samples.shift();
  }

  /** The last round trip, ms; null before the first. */
  get roundTrip(): number | null {
    return this.samples.at(-1)?.roundTrip ?? null;
  }

  /** What to add to the monotonic clock to have the server's time; null before the first sample. */
  get value(): number | null {
    let best: Sample | undefined;
    for (const sample of this.samples) {
      if (!best || sample.roundTrip <= best.roundTrip) best = sample;
    }
    return best ? best.offset : null;
  }
}
