/** What the two live regions say. They stand in the page from the start: regions that come later are not read. */
export const spoken = $state({ assertive: '', polite: '' });

/** Has a screen reader say something: at once, or when it is done with what it says. */
export function announce(text: string, how: 'assertive' | 'polite' = 'polite'): void {
  // The same text twice is no change, and no change is not read.
  spoken[how] = spoken[how] === text ? `${text}\u00a0` : text;
}

/** Takes back what was said at once: it is over, and who reads the page by its parts must not find it there. */
export function hush(): void {
  spoken.assertive = '';
}
