import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Pop, TicketItem } from '../src/lib/proto.gen';
import CallBar from '../src/desk/CallBar.svelte';
import CustomerPanel from '../src/desk/CustomerPanel.svelte';
import CallList from '../src/desk/CallList.svelte';
import HistoryPanel from '../src/desk/HistoryPanel.svelte';
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

/** A store whose parts know what the panel asks; over is added to the parts. */
function storeOf(over: Record<string, object | undefined> = {}) {
  const parts: Record<string, object> = {
    session: { online: true, pending: {} },
    shift: { on: true },
    names: { name: (_of: string, id: string) => id, person: () => '' },
    calls: {
      live: null,
      current: null,
      whoIsOn: () => '王芳',
      farParty: () => ({ number: '138 0000 0001' }),
      placed: () => false,
    },
    form: { unfinished: [], of: '王芳', drafts: new Drafts('amy') },
  };
  for (const [part, more] of Object.entries(over)) {
    if (parts[part]) Object.assign(parts[part], more);
  }
  return { ...parts, desk: over['desk'] ?? desk() };
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
  const of = show(CallBar, { store: storeOf({ calls: { live: talking } }), call: talking });
  expect(of('talk-timer')?.textContent).toBe('0:36');
  expect(of('hold-total')?.textContent).toBe('on hold 0:04');
});

it('takes the log’s word for a call that is over', () => {
  const over = call({ state: 'wrap_up', bridged_at: evening - 40_000, since: evening, end_cause: 'hangup' });
  const store = storeOf({ desk: desk({ recent: [item('c1', { talk_ms: 35_900 })] }) });
  const of = show(CallBar, { store, call: over });
  expect(of('call')?.textContent).toContain('Hung up · talked 0:35');
});

it('leaves the running call out of the average', () => {
  const of = show(StatusBar, { store: storeOf({ calls: { connected: true } }) });
  expect(of('status')?.textContent).toContain('Average 0:40');
});

it('promises nothing that is past', () => {
  const store = storeOf({ names: { site: { ticket_kinds: [] } } });
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
  const store = storeOf({ form: { wrapUp: form, reopened: item('c1') }, desk: desk({ unfinished }) });
  const of = show(WrapUpPanel, { store });
  expect(of('wrapup')?.querySelector('h2')?.textContent.trim()).toBe(title);
});

it('lets the agent choose among customers once there is a call', async () => {
  const identify = vi.fn().mockResolvedValue(false);
  const several = pop(customer('k1', '王芳'), customer('k2', '李雷'));
  const props = { pop: several, party: { number: '1' } };
  let of = show(CustomerPanel, { store: storeOf(), ...props });
  expect((of('other-customers') as HTMLSelectElement).disabled).toBe(true);
  expect(of('customer')?.textContent).toContain('once you have answered');
  if (shown) void unmount(shown);
  document.body.innerHTML = '';
  of = show(CustomerPanel, { store: storeOf({ calls: { current: call(), identify } }), ...props });
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
  const store = storeOf({
    calls: { live: call() },
    shift: { browserStation },
    session: { lostAt: evening - ms },
  });
  expect(show(LinkLost, { store })('banner-link')?.textContent).toContain(words);
});

it('shows what an unknown caller left', () => {
  const ticket: TicketItem = {
    id: 't1',
    number: 'V-1',
    kind: 'voicemail',
    subject: 'Voice message',
    state: 'open',
    created_at: evening,
    recording: '/api/v1/calls/c0/recording',
  };
  const left: Pop = { ...pop(null), tickets: [ticket], calls: [item('c0', { name: '' })] };
  const of = show(HistoryPanel, {
    store: storeOf({ shift: { extension: '1001' } }),
    call: 'c1',
    pop: left,
    active: true,
  });
  expect(of('ticket-item')?.textContent).toContain('Voice message');
  expect(of('ticket-recording')).not.toBeNull();
  expect(of('call-item')).not.toBeNull();
});

it('lets nobody send a subject that is too long, and says by how much', () => {
  const store = storeOf({ names: { site: { ticket_kinds: [] } } });
  const of = show(TicketForm, { store, call: 'c1', onclose: () => undefined });
  const subject = of('ticket-subject') as HTMLInputElement;
  const enter = (text: string) => {
    subject.value = text;
    subject.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  enter('投'.repeat(300));
  expect(subject.checkValidity()).toBe(true);
  enter('投'.repeat(303));
  expect(subject.validationMessage).toBe('Too long by 3 characters; at most 300.');
  enter('𠮷'.repeat(300)); // two UTF-16 units each, one character
  expect(subject.checkValidity()).toBe(true);
});

it('has a line for what no queue brought', () => {
  const calls = [item('c1', { direction: 'outbound', queue: '', talk_ms: 0 })];
  const store = storeOf({ shift: { extension: '1001' }, calls: { canDial: true } });
  const of = show(CallList, { store, calls, empty: '' });
  expect(of('call-item')?.textContent).toContain('王芳');
  expect(of('call-item')?.textContent).toContain('Outbound');
});
