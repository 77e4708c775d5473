import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { settle, settleTime } from '../src/lib/settle';

const through = (button: HTMLElement) => button.style.pointerEvents === 'none';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets the second click of a double click through, and takes the next', () => {
  const button = document.createElement('button');
  settle('c1')(button);
  expect(through(button)).toBe(true);
  vi.advanceTimersByTime(settleTime - 1);
  expect(through(button)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(through(button)).toBe(false);
});

it('begins anew when the same element stands for something else', () => {
  const button = document.createElement('button');
  const leave = settle('c1')(button);
  vi.advanceTimersByTime(settleTime / 2);
  leave();
  settle('c2')(button);
  vi.advanceTimersByTime(settleTime - 1);
  expect(through(button)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(through(button)).toBe(false);
});

it('does not keep the keyboard off', () => {
  const button = document.createElement('button');
  const pressed = vi.fn();
  button.onclick = pressed;
  document.body.append(button);
  settle('c1')(button);
  button.focus();
  button.click(); // what Enter does
  expect(pressed).toHaveBeenCalledOnce();
});
