import type { ClockOffset } from './link/clock-offset';

/**
 * Clock is the page's idea of the server's time. Timers are always computed from a moment that the server
 * gave and this clock; nothing on the page counts by itself.
 */
class Clock {
  /** The server's time (epoch ms) as of the last tick: reading it in a template makes it tick. */
  now = $state(Date.now());
  private offset: ClockOffset | null = null;

  /** Follows the link's offset from now on. */
  follow(offset: ClockOffset): void {
    this.offset = offset;
    this.tick();
  }

  /** The server's time at this very moment, epoch ms. */
  read(): number {
    const offset = this.offset?.value;
    return offset === null || offset === undefined ? Date.now() : performance.now() + offset;
  }

  tick(): void {
    this.now = this.read();
  }

  /** Ticks twice a second, so that no timer is seen to skip a second; the returned function ends it. */
  start(): () => void {
    const timer = setInterval(() => {
      this.tick();
    }, 500);
    return () => {
      clearInterval(timer);
    };
  }
}

export const clock = new Clock();

/** Milliseconds from a server moment until the last tick, never below zero. */
export function elapsed(since: number | undefined): number {
  return since ? Math.max(0, clock.now - since) : 0;
}

/** Milliseconds left until a server moment, never below zero. */
export function remaining(until: number | undefined): number {
  return until ? Math.max(0, until - clock.now) : 0;
}
