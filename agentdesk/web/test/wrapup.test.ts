import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Drafts } from '../src/desk/drafts';
import { WrapUpForm } from '../src/desk/wrapup.svelte';
import { CommandError } from '../src/lib/link/commands';
import { MaxNotes } from '../src/lib/proto.gen';

const save = vi.fn<(form: object) => Promise<unknown>>();
const finish = vi.fn<(form: object) => Promise<unknown>>();
const blank = { disposition: '', notes: '' };

function form() {
  return new WrapUpForm(new Drafts('amy'), { save, finish });
}

function type(f: WrapUpForm, text: string) {
  for (const letter of text) {
    f.notes += letter;
    f.edited();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  save.mockReset().mockResolvedValue(undefined);
  finish.mockReset().mockResolvedValue(undefined);
});
afterEach(() => {
  vi.useRealTimers();
});

it('keeps each letter at once and sends them a second after the last', async () => {
  const f = form();
  f.open('c1', blank);
  type(f, 'angry');
  expect(new Drafts('amy').wrapUp('c1')?.notes).toBe('angry');
  await vi.advanceTimersByTimeAsync(900);
  expect(save).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(100);
  expect(save.mock.calls).toEqual([[{ call: 'c1', disposition: '', notes: 'angry' }]]);
  expect(f.state).toBe('saved');
  expect(new Drafts('amy').wrapUp('c1')).toBeUndefined();
});

it('saves every five seconds while somebody types without a pause', async () => {
  const f = form();
  f.open('c1', blank);
  for (let i = 0; i < 24; i++) {
    type(f, 'x');
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(save.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(save.mock.calls.length).toBeLessThanOrEqual(3);
});

it('sends a chosen disposition at once', () => {
  const f = form();
  f.open('c1', blank);
  f.choose('sold');
  expect(save).toHaveBeenCalledWith({ call: 'c1', disposition: 'sold', notes: '' });
});

it('keeps what the server did not take, and sends it when asked again', async () => {
  save.mockRejectedValueOnce(new Error('link is down'));
  const f = form();
  f.open('c1', blank);
  type(f, 'callback at 9');
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('kept');
  expect(new Drafts('amy').wrapUp('c1')?.notes).toBe('callback at 9');
  f.flush();
  await vi.advanceTimersByTimeAsync(0);
  expect(f.state).toBe('saved');
});

it('says that it is kept here when the server takes long', async () => {
  let done: () => void = () => undefined;
  save.mockImplementationOnce(() => new Promise<void>((resolve) => (done = resolve)));
  const f = form();
  f.open('c1', blank);
  type(f, 'slow');
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('saving');
  await vi.advanceTimersByTimeAsync(1500);
  expect(f.state).toBe('kept');
  done();
  await vi.advanceTimersByTimeAsync(0);
  expect(f.state).toBe('saved');
});

it('does not call saved what was typed while saving', async () => {
  let done: () => void = () => undefined;
  save.mockImplementationOnce(() => new Promise<void>((resolve) => (done = resolve)));
  const f = form();
  f.open('c1', blank);
  type(f, 'a');
  await vi.advanceTimersByTimeAsync(1000);
  type(f, 'b');
  done();
  await vi.advanceTimersByTimeAsync(0);
  expect(f.state).toBe('dirty');
  expect(new Drafts('amy').wrapUp('c1')?.notes).toBe('ab');
  await vi.advanceTimersByTimeAsync(1000);
  expect(save).toHaveBeenLastCalledWith({ call: 'c1', disposition: '', notes: 'ab' });
});

it('brings back after a crash what never arrived', async () => {
  const before = form();
  before.open('c1', blank);
  type(before, 'lost?');
  const after = form();
  after.open('c1', blank);
  expect(after.notes).toBe('lost?');
  await vi.advanceTimersByTimeAsync(1000);
  expect(save).toHaveBeenCalledWith({ call: 'c1', disposition: '', notes: 'lost?' });
});

it('takes the server’s word unless something was typed here', () => {
  const f = form();
  f.open('c1', blank);
  f.open('c1', { disposition: 'sold', notes: 'by another page' });
  expect(f.notes).toBe('by another page');
  type(f, '!');
  f.open('c1', { disposition: 'sold', notes: 'late echo' });
  expect(f.notes).toBe('by another page!');
});

it('saves one call before it shows the next', () => {
  const f = form();
  f.open('c1', blank);
  type(f, 'first');
  f.open('c2', blank);
  expect(save).toHaveBeenCalledWith({ call: 'c1', disposition: '', notes: 'first' });
  expect(f.notes).toBe('');
});

it('finishes with what the form says and forgets the draft', async () => {
  const f = form();
  f.open('c1', blank);
  type(f, 'done');
  await f.finish();
  expect(finish).toHaveBeenCalledWith({ call: 'c1', disposition: '', notes: 'done' });
  expect(f.call).toBeNull();
  expect(new Drafts('amy').wrapUp('c1')).toBeUndefined();
});

it('loses nothing when finishing is refused', async () => {
  finish.mockRejectedValueOnce(new Error('no'));
  const f = form();
  f.open('c1', blank);
  type(f, 'precious');
  await expect(f.finish()).rejects.toThrow();
  expect(f.notes).toBe('precious');
  expect(f.state).toBe('kept');
  expect(new Drafts('amy').wrapUp('c1')?.notes).toBe('precious');
});

it('keeps the drafts of two users of one computer apart', () => {
  const f = form();
  f.open('c1', blank);
  type(f, 'amy wrote this');
  expect(new Drafts('ben').wrapUp('c1')).toBeUndefined();
});

it('calls a refusal a refusal, and sends again what was mended', async () => {
  const f = form();
  f.open('c1', blank);
  save.mockRejectedValueOnce(new CommandError('unknown_disposition'));
  type(f, 'x');
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('refused');
  expect(f.refusal).toMatchObject({ code: 'unknown_disposition' });
  expect(new Drafts('amy').wrapUp('c1')?.notes, 'it is not lost').toBe('x');
  f.flush(); // the link was lost and is back: the server would say the same
  expect(save).toHaveBeenCalledOnce();
  type(f, 'y');
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('saved');
});

it('does not call a refusal what the server cannot do now', async () => {
  const f = form();
  f.open('c1', blank);
  save.mockRejectedValueOnce(new CommandError('unavailable'));
  type(f, 'x');
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('kept');
});

it('counts characters as the server does', async () => {
  const f = form();
  f.open('c1', blank);
  f.notes = '𠮷'.repeat(MaxNotes); // two UTF-16 units each, one character
  f.edited();
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('saved');
  f.notes += '。';
  f.edited();
  await vi.advanceTimersByTimeAsync(1000);
  expect(f.state).toBe('refused');
  expect(save, 'what is too long is not sent').toHaveBeenCalledOnce();
  await expect(f.finish()).rejects.toMatchObject({ code: 'bad_notes' });
  expect(f.state).toBe('refused');
});
