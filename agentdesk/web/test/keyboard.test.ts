import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { chord, listen, type Shortcut } from '../src/lib/keyboard';

function key(init: KeyboardEventInit) {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  // happy-dom takes Alt for AltGr; browsers don't.
  Object.defineProperty(event, 'getModifierState', { value: (name: string) => name === altGraph });
  return event;
}

let altGraph = '';
let stop: (() => void) | undefined;
let singleKeys = true;
const run = vi.fn();
const shortcuts: Shortcut[] = [
  { keys: 'alt+a', run },
  { keys: '?', run },
  { keys: 'alt+h', run, enabled: () => false },
];

beforeEach(() => {
  run.mockReset();
  singleKeys = true;
  altGraph = '';
  document.body.innerHTML = '<textarea></textarea><button>b</button><input type="checkbox">';
  stop = listen(
    () => shortcuts,
    () => singleKeys,
  );
});
afterEach(() => stop?.());

it.each([
  [{ key: 'a', altKey: true, code: 'KeyA' }, 'alt+a'],
  [{ key: 'å', altKey: true, code: 'KeyA' }, 'alt+a'], // macOS types letters with Alt
  [{ key: '!', altKey: true, code: 'Digit1' }, 'alt+1'],
  [{ key: '&', altKey: true, code: 'Digit1' }, 'alt+1'], // digits of a French keyboard want Shift
  [{ key: 'q', altKey: true, code: 'KeyA' }, 'alt+q'], // what is printed on the key counts
  [{ key: 'Enter', ctrlKey: true, code: 'Enter' }, 'ctrl+enter'],
  [{ key: 'Enter', metaKey: true, code: 'Enter' }, 'ctrl+enter'],
  [{ key: '?', shiftKey: true, code: 'Slash' }, '?'],
])('names %j', (init, name) => {
  expect(chord(key(init))).toBe(name);
});

it('works while somebody writes, and keeps the letter out of the text', () => {
  const event = key({ key: 'a', altKey: true, code: 'KeyA' });
  document.querySelector('textarea')?.dispatchEvent(event);
  expect(run).toHaveBeenCalledTimes(1);
  expect(event.defaultPrevented).toBe(true);
});

it('leaves every key to an input method that composes', () => {
  document
    .querySelector('textarea')
    ?.dispatchEvent(key({ key: 'a', altKey: true, code: 'KeyA', isComposing: true }));
  const process = key({ key: 'a', altKey: true, code: 'KeyA' });
  Object.defineProperty(process, 'keyCode', { value: 229 });
  document.querySelector('textarea')?.dispatchEvent(process);
  expect(run).not.toHaveBeenCalled();
});

it('takes single keys only where they are no text, and only if they are wanted', () => {
  document.querySelector('textarea')?.dispatchEvent(key({ key: '?' }));
  expect(run).not.toHaveBeenCalled();
  document.querySelector('button')?.dispatchEvent(key({ key: '?' }));
  document.querySelector('input')?.dispatchEvent(key({ key: '?' }));
  expect(run).toHaveBeenCalledTimes(2);
  singleKeys = false;
  document.querySelector('button')?.dispatchEvent(key({ key: '?' }));
  expect(run).toHaveBeenCalledTimes(2);
});

it('passes on what it has no use for at the moment', () => {
  const event = key({ key: 'h', altKey: true, code: 'KeyH' });
  document.body.dispatchEvent(event);
  expect(run).not.toHaveBeenCalled();
  expect(event.defaultPrevented).toBe(false);
});

it('does not answer twice because a key is held down', () => {
  document.body.dispatchEvent(key({ key: 'a', altKey: true, code: 'KeyA', repeat: true }));
  expect(run).not.toHaveBeenCalled();
});

it('leaves AltGr to the letters that it types', () => {
  altGraph = 'AltGraph';
  expect(chord(key({ key: 'a', altKey: true, ctrlKey: true, code: 'KeyA' }))).toBeNull();
});
