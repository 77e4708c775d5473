import { ApiError } from './api';
import { hasCode, t, tCode } from './i18n/i18n.svelte';
import { CommandError } from './link/commands';

/** Says in the user's language what the server refused. */
export function errorText(error: unknown): string {
  if (error instanceof CommandError || error instanceof ApiError) {
    if (hasCode('error', error.code)) return tCode('error', error.code, error.params);
    return t('error.other', { code: error.code });
  }
  return t('error.other', { code: error instanceof Error ? error.message : String(error) });
}
