/** The shortest and the longest wait before another try to connect, ms. */
export const shortest = 200;
export const longest = 5000;

/**
 * How long to wait before try number `tries` (0 is the first): anything between the shortest wait and
 * twice as much per failed try, so that a thousand desks don't come back to a restarted server together.
 */
export function backoff(tries: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longest, shortest * 2 ** Math.min(tries, 10));
  return Math.round(shortest + random() * (ceiling - shortest));
}
