import { ApiError } from './api';
import { hasCode, t, tCode } from './i18n/i18n.svelte';
import { CommandError, type OwnCode } from './link/commands';
import type { ErrorCode } from './proto.gen';

// Codes of what may go well a moment later: nothing is wrong with what was asked.
const passing: ReadonlySet<string> = new Set<ErrorCode | OwnCode | 'unreachable'>([
  'timeout',
  'closed',
  'unreachable',
  'busy',
  'call_overloaded',
  'desk_elsewhere',
  'failed',
  'not_ready',
  'not_yet',
  'server_stops',
  'signed_out',
  'too_many_commands',
  'too_many_sockets',
  'too_slow',
  'unavailable',
]);

/** Whether the server refused this for what it is, so that asking again is of no use. */
export function isRefusal(error: unknown): boolean {
  return (error instanceof CommandError || error instanceof ApiError) && !passing.has(error.code);
}

/** Says in the user's language what the server refused. */
export function errorText(error: unknown): string {
  if (error instanceof CommandError || error instanceof ApiError) {
    if (hasCode('error', error.code)) return tCode('error', error.code, error.params);
    return t('error.other', { code: error.code });
  }
  return t('error.other', { code: error instanceof Error ? error.message : String(error) });
}
