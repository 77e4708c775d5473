/** How long a button that took another's place lets the pointer through it, ms: a double click is over by then. */
export const settleTime = 600;

/**
 * An attachment for a button that does what cannot be undone and appears where another one stood: the second
 * click of a double click was meant for that one. Keys reach it at once. Another `place` (an offer, a call)
 * makes it a new button though it is the same element.
 */
export function settle(_place: string) {
  return (button: HTMLElement) => {
    button.style.pointerEvents = 'none';
    const timer = setTimeout(() => {
      button.style.pointerEvents = '';
    }, settleTime);
    return () => {
      clearTimeout(timer);
    };
  };
}
