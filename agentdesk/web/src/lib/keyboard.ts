/** A short cut, such as "alt+a", "ctrl+enter", "alt+1" or "?". */
export interface Shortcut {
  keys: string;
  run: (event: KeyboardEvent) => void;
  enabled?: () => boolean;
}

/** Whether keys that are pressed here are text. */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'color', 'file'].includes(target.type)
  );
}

/**
 * The name of what was pressed, or null if it is none of ours. While an input method composes (Chinese
 * input), every key belongs to it.
 */
export function chord(event: KeyboardEvent): string | null {
  if (event.isComposing || event.keyCode === 229) return null;
  // AltGr is Ctrl+Alt on Windows and types letters on many keyboards.
  if (event.getModifierState('AltGraph')) return null;
  const mods = [event.ctrlKey || event.metaKey ? 'ctrl' : '', event.altKey ? 'alt' : ''].filter(Boolean);
  return [...mods, keyName(event, mods.includes('alt'))].join('+');
}

/** With Alt, macOS types other letters: there the place of the key counts. Digits count by place too. */
function keyName(event: KeyboardEvent, alt: boolean): string {
  const key = event.key.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (alt && digit) return digit;
  if (alt && !/^[a-z]$/.test(key)) {
    const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
    if (letter) return letter.toLowerCase();
  }
  return key;
}

/** Listens for short cuts; the returned function ends it. */
export function listen(shortcuts: () => Shortcut[], singleKeys: () => boolean): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat) return;
    const pressed = chord(event);
    if (!pressed) return;
    const single = !pressed.includes('+');
    if (single && (!singleKeys() || isEditable(event.target))) return;
    const found = shortcuts().find((s) => s.keys === pressed && (s.enabled?.() ?? true));
    if (!found) return;
    event.preventDefault();
    found.run(event);
  };
  window.addEventListener('keydown', onKey);
  return () => {
    window.removeEventListener('keydown', onKey);
  };
}
