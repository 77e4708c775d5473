/** Reads what was kept; undefined if there is nothing, it is not JSON, or the browser forbids storage. */
export function read<T>(key: string, area: 'local' | 'session' = 'local'): T | undefined {
  try {
    const text = store(area).getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

/** Keeps a value; undefined removes it. False if the browser has no room or forbids it. */
export function write(key: string, value: unknown, area: 'local' | 'session' = 'local'): boolean {
  try {
    if (value === undefined) store(area).removeItem(key);
    else store(area).setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The keys that begin with a prefix. */
export function keys(prefix: string): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i) ?? '').filter((k) =>
      k.startsWith(prefix),
    );
  } catch {
    return [];
  }
}

function store(area: 'local' | 'session'): Storage {
  return area === 'local' ? localStorage : sessionStorage;
}
