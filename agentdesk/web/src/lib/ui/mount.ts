import { mount, type Component } from 'svelte';
import '../../app.css';

/** Puts a page's root component into the document. */
export function mountPage(page: Component): void {
  const target = document.getElementById('app');
  if (!target) throw new Error('the page has no #app');
  mount(page, { target });
}
