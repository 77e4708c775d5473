import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import HandOverDialog from '../src/desk/HandOverDialog.svelte';
import type { DeskStore } from '../src/desk/desk.svelte';
import { api, type Directory } from '../src/lib/api';
import { i18n } from '../src/lib/i18n/i18n.svelte';
import { CommandError } from '../src/lib/link/commands';
import type { AgentStatus } from '../src/lib/proto.gen';

const directory = (ben: AgentStatus): Directory => ({
  agents: [
    { id: 'ben', name: { en: 'Ben' }, extension: '1002', status: ben },
    { id: 'chen', name: { en: 'Chen' }, extension: '1003', status: 'ready' },
  ],
  queues: [{ id: 'support', names: { en: 'Support' }, waiting: 0, ready: 1 }],
  numbers: [],
});

let shown: ReturnType<typeof mount> | undefined;
let answer: () => Promise<Directory>;
let refuse: CommandError | null;
const sent: string[] = [];

const of = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const chosen = () =>
  document.querySelector<HTMLElement>('[role="option"][aria-selected="true"]')?.dataset['testid'];

/** Until the directory has been read once more. */
async function later() {
  await vi.advanceTimersByTimeAsync(3100);
  flushSync();
}

async function press(key: string) {
  of('handover-find')?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
}

async function open() {
  const store = {
    session: { online: true, me: { agent: 'amy' } },
    calls: {
      live: {},
      transfer: (to: string) => {
        sent.push(to);
        return refuse ? Promise.reject(refuse) : Promise.resolve();
      },
    },
  };
  shown = mount(HandOverDialog, {
    target: document.body,
    props: { store: store as unknown as DeskStore, open: true, onclose: () => undefined },
  });
  flushSync();
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '';
  i18n.use('en');
  sent.length = 0;
  refuse = null;
  answer = () => Promise.resolve(directory('ready'));
  vi.spyOn(api, 'directory').mockImplementation(() => answer());
});

afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('hands the call to nobody else when the chosen one gets busy', async () => {
  await open();
  expect(chosen()).toBe('target-agent:ben');
  answer = () => Promise.resolve(directory('talking'));
  await later();
  expect(chosen()).toBe('target-agent:ben');
  await press('Enter');
  expect(sent).toEqual([]);
  await press('ArrowUp');
  expect(chosen()).toBe('target-queue:support');
  await press('Enter');
  expect(sent).toEqual(['queue:support']);
});

it('chooses nobody in the place of one who is there no more', async () => {
  await open();
  answer = () => Promise.resolve({ ...directory('ready'), agents: directory('ready').agents.slice(1) });
  await later();
  await press('Enter');
  expect(sent).toEqual([]);
  await press('ArrowDown');
  expect(chosen()).toBe('target-agent:chen');
});

it('says a refusal of whom it was said, and not of the next one', async () => {
  await open();
  refuse = new CommandError('target_busy');
  await press('Enter');
  expect(of('handover-refused')?.textContent).toBe('Your colleague is busy at the moment.');
  await later();
  expect(of('handover-refused')).not.toBeNull();
  of('target-queue:support')?.click();
  flushSync();
  expect(of('handover-refused')).toBeNull();
  expect(of('keep-wait')).not.toBeNull();
});

it('forgets that the directory could not be read once it can be', async () => {
  answer = () => Promise.reject(new Error('gone'));
  await open();
  expect(of('handover-unread')).not.toBeNull();
  answer = () => Promise.resolve(directory('ready'));
  await later();
  expect(of('handover-unread')).toBeNull();
  expect(chosen()).toBe('target-agent:ben');
});
