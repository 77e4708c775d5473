import { api, type MeWithTheme } from './api';
import { browserLanguage, i18n, isLanguage, type Language } from './i18n/i18n.svelte';
import { read, write } from './storage';

export type Theme = 'system' | 'light' | 'dark';

/** What one person wants of this browser. Kept in the browser, shared by its tabs. */
export interface Prefs {
  theme: Theme | null; // null: as the user's record says
  language: Language | null; // null: as the user's record says
  microphone: string; // device ID, "" is the system's choice
  speaker: string;
  ringer: string;
  /** Echo cancelling, noise suppression and gain control by the browser. Off suits headsets that do it themselves. */
  processing: boolean;
  ringVolume: number; // 0…1
  /** Single keys as short cuts ("?"). Can be turned off, for those who speak to their computer. */
  singleKeys: boolean;
}

const key = 'linedesk.prefs';

const defaults: Prefs = {
  theme: null,
  language: null,
  microphone: '',
  speaker: '',
  ringer: '',
  processing: true,
  ringVolume: 0.6,
  singleKeys: true,
};

export const prefs: Prefs = $state({ ...defaults, ...read<Partial<Prefs>>(key) });

const darkScheme = window.matchMedia('(prefers-color-scheme: dark)');

/** The theme that was asked for, here or in the user's record. */
export function wantedTheme(): Theme {
  return prefs.theme ?? (user.theme === 'light' || user.theme === 'dark' ? user.theme : 'system');
}

function showTheme(): void {
  const theme = wantedTheme();
  const dark = theme === 'dark' || (theme === 'system' && darkScheme.matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

function showLanguage(): void {
  const recorded = isLanguage(user.language) ? user.language : browserLanguage();
  i18n.use(prefs.language ?? recorded);
}

const user = $state({ signedIn: false, language: '', theme: '' });

/** Takes what the user's record says, which counts until something was chosen on this browser. */
export function setUser(me: MeWithTheme): void {
  Object.assign(user, { signedIn: true, language: me.language, theme: me.theme ?? '' });
  showTheme();
  showLanguage();
}

/** Changes something and keeps it. */
export function setPrefs(change: Partial<Prefs>): void {
  Object.assign(prefs, change);
  write(key, $state.snapshot(prefs));
  showTheme();
  showLanguage();
  if (user.signedIn && ('language' in change || 'theme' in change)) {
    const theme = wantedTheme();
    // Kept here in any case: that the record did not take it is nothing to trouble anybody with.
    api
      .setPreferences({ language: i18n.language, theme: theme === 'system' ? '' : theme })
      .catch(() => undefined);
  }
}

darkScheme.addEventListener('change', showTheme);
window.addEventListener('storage', (event) => {
  if (event.key !== key) return;
  Object.assign(prefs, defaults, read<Partial<Prefs>>(key));
  showTheme();
  showLanguage();
});
showTheme();
showLanguage();
