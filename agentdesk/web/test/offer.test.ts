import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeskStore } from '../src/desk/desk.svelte';
import OfferBar from '../src/desk/OfferBar.svelte';
import { i18n } from '../src/lib/i18n/i18n.svelte';
import type { Offer } from '../src/lib/proto.gen';

const offer: Offer = {
  id: 'o1',
  call: 'c1',
  queue: 'sales',
  since: Date.now(),
  until: Date.now() + 20_000,
  waited_ms: 41_000,
  from: { number: '138 0000 0001', name: '<img src=x onerror=alert(1)>' },
  to: '4000',
  path: ['main:1'],
};
const store = {
  session: { online: true, pending: {} },
  shift: { browserStation: true },
  names: { name: (_of: string, id: string) => id },
  ringing: { who: (o: Offer) => o.pop?.customer?.name ?? o.from.name },
} as unknown as DeskStore;

let shown: ReturnType<typeof mount> | undefined;

function show(over: Partial<Offer> = {}) {
  shown = mount(OfferBar, { target: document.body, props: { store, offer: { ...offer, ...over } } });
  flushSync();
  return (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
}

async function leave() {
  if (shown) await unmount(shown);
  shown = undefined;
  await tick();
}

beforeEach(() => {
  document.body.innerHTML = '<textarea></textarea><button>elsewhere</button>';
  i18n.use('en');
});
afterEach(leave);

it('takes the focus to Answer', () => {
  document.querySelector('button')?.focus();
  const of = show();
  expect(document.activeElement).toBe(of('answer'));
});

it('leaves the focus to somebody who writes', () => {
  document.querySelector('textarea')?.focus();
  show();
  expect(document.activeElement).toBe(document.querySelector('textarea'));
});

it.each([
  ['call-controls', 'the controls of the call it became'],
  ['state-menu', 'the state menu when there is no call'],
])('passes the focus on to #%s: %s', async (id) => {
  document.body.innerHTML = `<button id="${id}"></button>`;
  show();
  await leave();
  expect(document.activeElement?.id).toBe(id);
});

it('leaves the focus to whoever took it from Answer', async () => {
  document.body.innerHTML = '<textarea></textarea><button id="call-controls"></button>';
  show();
  document.querySelector('textarea')?.focus();
  await leave();
  expect(document.activeElement).toBe(document.querySelector('textarea'));
});

it('shows what a caller calls himself as text', () => {
  const of = show();
  expect(of('offer-who')?.textContent).toBe('<img src=x onerror=alert(1)>');
  expect(document.querySelector('img')).toBeNull();
});

it('shows the customer’s name once it is known', () => {
  const of = show({
    pop: {
      customer: { id: 'k', name: '王芳', tags: [], phones: [], grade: 'AAA' },
      calls: [],
      tickets: [],
      others: [],
      pending: false,
    },
  });
  expect(of('offer-who')?.textContent).toBe('王芳');
  expect(of('offer-number')?.textContent).toBe('138 0000 0001');
});

it('follows the language at once', () => {
  const of = show();
  expect(of('decline')?.textContent).toContain('Decline');
  i18n.use('zh-CN');
  flushSync();
  expect(of('decline')?.textContent).toContain('拒接');
});
