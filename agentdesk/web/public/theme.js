// Runs before the page is painted, so that a dark desk doesn't flash white. Our content security policy
// allows no inline script. src/lib/prefs.svelte.ts takes over from here.
(() => {
  let theme = 'system';
  try {
    theme = JSON.parse(localStorage.getItem('linedesk.prefs') ?? '{}').theme ?? 'system';
  } catch {
    // No storage, no wish.
  }
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
