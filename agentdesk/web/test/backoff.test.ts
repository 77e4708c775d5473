import { expect, it } from 'vitest';
import { backoff, longest, shortest } from '../src/lib/link/backoff';

it('waits between 0.2 and 5 s, whatever the number of tries and the chance', () => {
  for (let tries = 0; tries < 100; tries++) {
    for (const chance of [0, 0.25, 0.5, 0.999]) {
      const wait = backoff(tries, () => chance);
      expect(wait).toBeGreaterThanOrEqual(shortest);
      expect(wait).toBeLessThanOrEqual(longest);
    }
  }
});

it('spreads a thousand desks over the whole time', () => {
  const waits = Array.from({ length: 1000 }, () => backoff(9));
  const inTenth = new Set(
    waits.map((wait) => Math.floor((wait - shortest) / ((longest - shortest) / 10 + 1))),
  );
  expect(inTenth.size).toBe(10);
});
