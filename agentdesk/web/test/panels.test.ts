import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import CallBar from '../src/desk/CallBar.svelte';
import CustomerPanel from '../src/desk/CustomerPanel.svelte';
import LinkLost from '../src/desk/LinkLost.svelte';
import { Drafts } from '../src/desk/drafts';
import StatusBar from '../src/desk/StatusBar.svelte';
import TicketForm from '../src/desk/TicketForm.svelte';
import { WrapUpForm } from '../src/desk/wrapup.svelte';
import WrapUpPanel from '../src/desk/WrapUpPanel.svelte';
import { clock } from '../src/lib/clock.svelte';
import { setTimeZone } from '../src/lib/format';
import { i18n } from '../src/lib/i18n/i18n.svelte';
import { call, customer, desk, item, pop } from './desk-data';

const evening = Date.UTC(2026, 10, 22, 18, 30);
let shown: ReturnType<typeof mount> | undefined;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a store that knows what the panel asks
function show(panel: Component<any>, props: Record<string, unknown>) {
  shown = mount(panel, { target: document.body, props });
  flushSync();
  return (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
}

function storeOf(over: Record<string, unknown>) {
  return {
    online: true,
    onShift: true,
    pending: {},
    unfinished: [],
    desk: desk(),
    name: (_of: string, id: string) => id,
    whoIsOn: () => '王芳',
    farParty: () => ({ number: '138 0000 0001' }),
    placed: () => false,
    drafts: new Drafts('amy'),
    ...over,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(evening);
  localStorage.clear();
  document.body.innerHTML = '';
  i18n.use('en');
  setTimeZone('UTC');
  clock.tick();
});

afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
  vi.useRealTimers();
});

it('counts the talk without the hold', () => {
  const talking = call({ bridged_at: evening - 40_000, hold_ms: 4000 });
  const of = show(CallBar, { store: storeOf({ liveCall: talking }), call: talking });
  expect(of('talk-timer')?.textContent).toBe('0:36');
  expect(of('hold-total')?.textContent).toBe('on hold 0:04');
});

it('takes the log’s word for a call that is over', () => {
  const over = call({ state: 'wrap_up', bridged_at: evening - 40_000, since: evening, end_cause: 'hangup' });
  const store = storeOf({ liveCall: null, desk: desk({ recent: [item('c1', { talk_ms: 35_900 })] }) });
  const of = show(CallBar, { store, call: over });
  expect(of('call')?.textContent).toContain('Hung up · talked 0:35');
});

it('leaves the running call out of the average', () => {
  const of = show(StatusBar, { store: storeOf({ connected: true }) });
  expect(of('status')?.textContent).toContain('Average 0:40');
});

it('promises nothing that is past', () => {
  const store = storeOf({ site: { ticket_kinds: [] }, formOf: '王芳' });
  const of = show(TicketForm, { store, call: 'c1', onclose: () => undefined });
  expect(of('ticket-of')?.textContent).toContain('王芳');
  const form = of('ticket-form');
  expect(form?.textContent).not.toContain('Today 18:00');
  expect(form?.textContent).toContain('Tomorrow 18:00');
});

it.each([
  ['Unfinished: 王芳', [item('c1')]],
  ['Wrap-up: 王芳', []],
])('heads a form that time ended with “%s”', (title, unfinished) => {
  const nobody = () => Promise.resolve();
  const form = new WrapUpForm(new Drafts('amy'), { save: nobody, finish: nobody });
  form.open('c1', { disposition: '', notes: '' });
  const store = storeOf({
    wrapUp: form,
    reopened: item('c1'),
    formOf: '王芳',
    liveCall: null,
    desk: desk({ unfinished }),
  });
  const of = show(WrapUpPanel, { store });
  expect(of('wrapup')?.querySelector('h2')?.textContent.trim()).toBe(title);
});

it('lets the agent choose among customers once there is a call', async () => {
  const identify = vi.fn().mockResolvedValue(false);
  const several = pop(customer('k1', '王芳'), customer('k2', '李雷'));
  const props = { pop: several, party: { number: '1' } };
  let of = show(CustomerPanel, { store: storeOf({ call: null, person: () => '' }), ...props });
  expect((of('other-customers') as HTMLSelectElement).disabled).toBe(true);
  expect(of('customer')?.textContent).toContain('once you have answered');
  if (shown) void unmount(shown);
  document.body.innerHTML = '';
  of = show(CustomerPanel, { store: storeOf({ call: call(), person: () => '', identify }), ...props });
  const select = of('other-customers') as HTMLSelectElement;
  expect(select.disabled).toBe(false);
  select.value = 'k2';
  select.dispatchEvent(new Event('change', { bubbles: true }));
  expect(identify).toHaveBeenCalledWith('k2');
  await vi.advanceTimersByTimeAsync(0);
  expect(select.value, 'what was refused is not shown').toBe('k1');
});

it.each([
  [10_000, true, 'The call goes on'],
  [16_000, true, 'may have been taken'],
  [16_000, false, 'The call goes on'],
])('after %d ms without a link (browser: %s) says: %s', (ms, browserStation, words) => {
  const store = storeOf({ liveCall: call(), browserStation, lostAt: evening - ms });
  expect(show(LinkLost, { store })('banner-link')?.textContent).toContain(words);
});
