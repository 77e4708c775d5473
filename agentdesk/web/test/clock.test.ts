import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clock, elapsed, remaining } from '../src/lib/clock.svelte';
import { ClockOffset } from '../src/lib/link/clock-offset';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('believes the quickest of the last answers', () => {
  const offset = new ClockOffset();
  expect(offset.value).toBeNull();
  offset.add(10_000, 0, 400); // middle 200
  expect(offset.value).toBe(9800);
  offset.add(10_500, 490, 510); // middle 500, much quicker
  expect(offset.value).toBe(10_000);
  offset.add(12_000, 1000, 1900);
  expect(offset.value).toBe(10_000);
});

it('forgets answers that are long past, for clocks drift', () => {
  const offset = new ClockOffset();
  offset.add(1000, 0, 1);
  for (let i = 0; i < 8; i++) offset.add(2000, 0, 10);
  expect(offset.value).toBe(1995);
});

it('counts timers by the server’s clock, however wrong the computer’s is', () => {
  const server = Date.UTC(2026, 10, 22, 8, 0, 0);
  vi.setSystemTime(Date.UTC(2019, 0, 1)); // years behind
  const offset = new ClockOffset();
  const now = performance.now();
  offset.add(server, now, now);
  clock.follow(offset);
  const stop = clock.start();
  expect(elapsed(server - 5000)).toBeCloseTo(5000, 0);
  vi.advanceTimersByTime(2000);
  expect(elapsed(server - 5000)).toBeCloseTo(7000, 0);
  expect(remaining(server + 10_000)).toBeCloseTo(8000, 0);
  stop();
});

it('never shows less than nothing', () => {
  const offset = new ClockOffset();
  const now = performance.now();
  offset.add(1_000_000, now, now);
  clock.follow(offset);
  expect(elapsed(1_000_900)).toBe(0);
  expect(remaining(999_000)).toBe(0);
  expect(elapsed(undefined)).toBe(0);
});
