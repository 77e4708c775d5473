import { announce } from './announce.svelte';

export interface Toast {
  id: number;
  kind: 'info' | 'success' | 'error';
  /** Gives the text in the language of the moment. */
  text: () => string;
}

let next = 1;

/** The short messages that are shown at the moment, oldest first. */
export const toasts: { list: Toast[] } = $state({ list: [] });

/** Shows a short message; errors stay twice as long. At most four stand at once, the oldest goes. */
export function toast(kind: Toast['kind'], text: () => string): void {
  const id = next++;
  const same = text();
  toasts.list = [...toasts.list.filter((other) => other.text() !== same).slice(-3), { id, kind, text }];
  announce(same, kind === 'error' ? 'assertive' : 'polite');
  setTimeout(
    () => {
      dismiss(id);
    },
    kind === 'error' ? 10_000 : 5000,
  );
}

export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((other) => other.id !== id);
}
