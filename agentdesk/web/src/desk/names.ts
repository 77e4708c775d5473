import { hasCode, tCode } from '../lib/i18n/i18n.svelte';
import type { CallItem, Party } from '../lib/proto.gen';
import type { SiteNames } from '../lib/site.svelte';

/** The reason of a break: the site's own, or one that the server gave ("missed", "link_lost"). */
export function reasonName(names: SiteNames, reason: string | undefined): string {
  if (!reason) return '';
  return hasCode('reason', reason) ? tCode('reason', reason) : names.name('pause_reasons', reason);
}

/** Who it is, as well as we know. */
export function partyName(party: Party, customer?: string): string {
  return customer || party.name || party.number;
}

export function itemName(item: CallItem): string {
  return item.name || item.number;
}
