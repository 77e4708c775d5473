import { expect, it } from 'vitest';
import { BoardStore, totals } from '../src/board/board.svelte';
import { frozen, matches, sorted, type Filter } from '../src/board/order';
import type { AgentRow, QueueRow } from '../src/lib/proto.gen';

const queue = (id: string, over: Partial<QueueRow> = {}): QueueRow => ({
  id,
  name: { en: id },
  waiting: 0,
  offered: 0,
  answered: 0,
  answered_in_level: 0,
  abandoned: 0,
  abandoned_short: 0,
  service_level: null,
  level_seconds: 20,
  ready: 0,
  talking: 0,
  wrap_up: 0,
  paused: 0,
  signed_in: 0,
  ...over,
});
const agent = (id: string, over: Partial<AgentRow> = {}): AgentRow => ({
  id,
  name: { en: id, 'zh-CN': `坐席${id}` },
  status: 'ready',
  since: 0,
  chosen: 'ready',
  station_up: true,
  queues: ['sales'],
  calls: 0,
  talk_ms: 0,
  ...over,
});
const collator = new Intl.Collator('en');
const ids = (rows: AgentRow[]) => rows.map((row) => row.id);

it('shows the service level that the server gives, and no other', async () => {
  const store = new BoardStore();
  const rows = [queue('a', { offered: 2, answered: 2, answered_in_level: 2, service_level: 1 })];
  store.take({ queues: rows, totals: { service_level: 0.25 } });
  expect(store.serviceLevel).toBe(0.25);
  store.take({ queues: rows }); // it did not change
  expect(store.serviceLevel).toBe(0.25);
  store.take({ totals: { service_level: null } });
  expect(store.serviceLevel).toBeNull();
  await new Promise(requestAnimationFrame);
});

it('finds who waits longest, among queues where somebody waits', () => {
  const sum = totals(
    [
      queue('a', { waiting: 1, longest_since: 300 }),
      queue('b', { waiting: 2, longest_since: 200 }),
      queue('c', { waiting: 0, longest_since: 100 }),
    ],
    [agent('x'), agent('y', { status: 'off' }), agent('z', { status: 'talking' })],
  );
  expect([sum.waiting, sum.longestSince, sum.longestQueue?.id]).toEqual([3, 200, 'b']);
  expect([sum.signedIn, sum.byStatus['ready'], sum.byStatus['talking']]).toEqual([2, 1, 1]);
});

it('sorts by state, then by name, the same on every run', () => {
  const rows = [
    agent('d', { status: 'off' }),
    agent('c', { status: 'talking' }),
    agent('a', { status: 'talking' }),
    agent('b', { status: 'offered' }),
  ];
  const nameOf = (row: AgentRow) => row.id;
  expect(ids(sorted(rows, 'status', nameOf, collator))).toEqual(['b', 'a', 'c', 'd']);
  expect(ids(sorted([...rows].reverse(), 'status', nameOf, collator))).toEqual(['b', 'a', 'c', 'd']);
  expect(ids(sorted(rows, 'calls', () => 'same', collator))).toEqual(['a', 'b', 'c', 'd']);
});

it('keeps a frozen order, drops who is gone, adds who is new at the end', () => {
  expect(frozen(['c', 'a', 'b'], ['a', 'b', 'd', 'c'])).toEqual(['c', 'a', 'b', 'd']);
  expect(frozen(['c', 'a'], ['a'])).toEqual(['a']);
});

it.each<[Filter, boolean]>([
  [{ text: '坐席am', status: '', queue: '' }, true],
  [{ text: ' 1001 ', status: '', queue: '' }, true],
  [{ text: '8888', status: '', queue: '' }, true],
  [{ text: 'nobody', status: '', queue: '' }, false],
  [{ text: '', status: 'on', queue: '' }, true],
  [{ text: '', status: 'paused', queue: '' }, false],
  [{ text: '', status: '', queue: 'support' }, false],
])('filters by %j: %s', (filter, shown) => {
  const row = agent('amy', { extension: '1001', peer: '138 8888', status: 'talking' });
  expect(matches(row, filter, 'en')).toBe(shown);
  expect(matches({ ...row, status: 'off' }, { text: '', status: 'on', queue: '' }, 'en')).toBe(false);
});

it('sorts two thousand agents well within a frame', () => {
  const rows = Array.from({ length: 2000 }, (_, i) => agent(`a${String((i * 7919) % 2000)}`, { since: i }));
  const before = performance.now();
  sorted(rows, 'since', (row) => row.id, collator);
  expect(performance.now() - before).toBeLessThan(200);
});
