import type { LinkQuality } from '../proto.gen';

/**
 * Estimates the mean opinion score of G.711 (1…4.4) from delay, jitter and loss, in the shape of the
 * E-model (ITU-T G.107): R = 93.2 − Id − Ie,eff, with Bpl = 4.3 of G.711 without concealment (G.113).
 */
export function estimateMOS(rttMS: number, jitterMS: number, lossPct: number): number {
  const delay = rttMS / 2 + jitterMS * 2 + 20; // one way: network, jitter buffer, one frame
  const delayImpairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const lossImpairment = (95 * lossPct) / (lossPct + 4.3);
  const r = Math.max(0, Math.min(93.2, 93.2 - delayImpairment - lossImpairment));
  const mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
  return Math.max(1, Math.min(4.41, mos));
}

/** How many of four bars a score is worth. */
export function bars(mos: number): 1 | 2 | 3 | 4 {
  if (mos >= 4) return 4;
  if (mos >= 3.6) return 3;
  if (mos >= 3.1) return 2;
  return 1;
}

/** What one look at a PeerConnection's figures says. */
export interface Counters {
  received: number;
  lost: number;
  jitterMS: number;
  rttMS: number;
}

/** Picks our figures out of getStats. */
export function readStats(report: Iterable<[string, unknown]>): Counters {
  const counters: Counters = { received: 0, lost: 0, jitterMS: 0, rttMS: 0 };
  let pairRTT = 0;
  for (const [, entry] of report) {
    const stat = entry as Record<string, unknown>;
    const value = (name: string) => (typeof stat[name] === 'number' ? stat[name] : 0);
    if (stat['type'] === 'inbound-rtp' && stat['kind'] === 'audio') {
      counters.received += value('packetsReceived');
      counters.lost += value('packetsLost');
      counters.jitterMS = value('jitter') * 1000;
    } else if (stat['type'] === 'remote-inbound-rtp' && stat['kind'] === 'audio') {
      counters.rttMS = value('roundTripTime') * 1000;
    } else if (stat['type'] === 'candidate-pair' && stat['nominated'] === true) {
      pairRTT = value('currentRoundTripTime') * 1000;
    }
  }
  if (counters.rttMS === 0) counters.rttMS = pairRTT;
  return counters;
}

/** What happened between two looks; null if nothing came in: there is nothing to judge. */
export function between(before: Counters | null, now: Counters): LinkQuality | null {
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  if (received <= 0) return null;
  const lossPct = (100 * lost) / (received + lost);
  return {
    rtt_ms: round(now.rttMS),
    jitter_ms: round(now.jitterMS),
    loss_pct: round(lossPct),
    mos: round(estimateMOS(now.rttMS, now.jitterMS, lossPct)),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
