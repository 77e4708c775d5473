import { expect, it } from 'vitest';
import { bars, between, estimateMOS, readStats } from '../src/lib/softphone/quality';

it('gives a clean line four bars and a bad one fewer', () => {
  expect(estimateMOS(30, 2, 0)).toBeGreaterThan(4.3);
  expect(bars(estimateMOS(30, 2, 0))).toBe(4);
  expect(estimateMOS(30, 2, 5)).toBeLessThan(estimateMOS(30, 2, 1));
  expect(estimateMOS(600, 2, 0)).toBeLessThan(estimateMOS(100, 2, 0));
  expect(bars(estimateMOS(400, 60, 10))).toBe(1);
});

it('stays within its scale', () => {
  for (const [rtt, jitter, loss] of [
    [0, 0, 0],
    [1e6, 1e6, 100],
  ] as const) {
    const mos = estimateMOS(rtt, jitter, loss);
    expect(mos).toBeGreaterThanOrEqual(1);
    expect(mos).toBeLessThanOrEqual(4.41);
  }
});

it('judges what happened between two looks, not since the beginning', () => {
  const report = (received: number, lost: number) =>
    readStats(
      new Map<string, unknown>([
        [
          'i',
          { type: 'inbound-rtp', kind: 'audio', packetsReceived: received, packetsLost: lost, jitter: 0.004 },
        ],
        ['p', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.031 }],
      ]),
    );
  const quality = between(report(1000, 500), report(1090, 510));
  expect(quality).toMatchObject({ rtt_ms: 31, jitter_ms: 4, loss_pct: 10 });
});

it('says nothing about a line on which nothing came', () => {
  const none = { received: 10, lost: 0, jitterMS: 0, rttMS: 0 };
  expect(between(none, none)).toBeNull();
});
