import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../src/lib/i18n/i18n.svelte';
import App from '../src/signin/App.svelte';

let shown: ReturnType<typeof mount> | undefined;
let params: Record<string, string>;

beforeEach(() => {
  i18n.use('en');
  vi.stubGlobal('fetch', (path: string) =>
    Promise.resolve(
      path.endsWith('/me')
        ? new Response('{}', { status: 401 })
        : new Response(JSON.stringify({ code: 'too_many_failures', params }), { status: 429 }),
    ),
  );
  shown = mount(App, { target: document.body });
  flushSync();
});

afterEach(() => {
  if (shown) void unmount(shown);
  vi.unstubAllGlobals();
});

it.each([
  [{ retry_after_ms: '800' }, 'Try again in 1 second.'],
  [{ retry_after_ms: '29100' }, 'Try again in 30 seconds.'],
  [{ retry_after_ms: '300000' }, 'Try again in 5 minutes.'],
  [{}, 'Wait a moment'],
])('says for how long nobody may try: %o', async (given, words) => {
  params = given as Record<string, string>;
  document.querySelector('form')?.dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
  const failure = () => document.querySelector('[data-testid="signin-failure"]')?.textContent;
  await vi.waitFor(() => {
    expect(failure()).toContain(words);
  });
});
