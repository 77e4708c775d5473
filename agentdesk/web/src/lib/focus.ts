import { tick } from 'svelte';

/**
 * For when parts of the page come and go: if nothing has the focus (it went with what went away, or the page
 * is new), the first of these elements that can take it gets it, so that whoever works by keyboard goes on
 * there and not at the top of the page.
 */
export async function passFocus(...ids: string[]): Promise<void> {
  await tick(); // what comes in its place is there
  for (const id of ids) {
    if (document.activeElement !== document.body) return;
    document.getElementById(id)?.focus();
  }
}
