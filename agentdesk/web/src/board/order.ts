import type { AgentRow, AgentStatus } from '../lib/proto.gen';
import { statusLook } from '../lib/ui/status';

export type SortBy = 'status' | 'name' | 'since' | 'calls';

export interface Filter {
  text: string;
  status: AgentStatus | '' | 'on'; // "" is any; "on" is any but off
  queue: string; // "" is any
}

/** Whether an agent is to be shown. */
export function matches(agent: AgentRow, filter: Filter, language: string): boolean {
  if (
    filter.status === 'on' ? agent.status === 'off' : filter.status !== '' && agent.status !== filter.status
  ) {
    return false;
  }
  if (filter.queue !== '' && !(agent.queues ?? []).includes(filter.queue)) return false;
  const text = filter.text.trim().toLowerCase();
  if (text === '') return true;
  return [
    agent.name?.[language],
    ...Object.values(agent.name ?? {}),
    agent.id,
    agent.extension,
    agent.peer,
  ].some((value) => value?.toLowerCase().includes(text));
}

/**
 * Sorts agents. Who compares equal stays in the order of the names, then of the IDs, so that rows never change
 * places without a reason.
 */
export function sorted(
  agents: AgentRow[],
  by: SortBy,
  nameOf: (agent: AgentRow) => string,
  collator: Intl.Collator,
): AgentRow[] {
  const names = new Map(agents.map((agent) => [agent.id, nameOf(agent)]));
  const byName = (a: AgentRow, b: AgentRow) =>
    collator.compare(names.get(a.id) ?? '', names.get(b.id) ?? '') ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const rank: Record<SortBy, (a: AgentRow, b: AgentRow) => number> = {
    name: () => 0,
    status: (a, b) => statusLook(a.status).rank - statusLook(b.status).rank,
    since: (a, b) => a.since - b.since,
    calls: (a, b) => b.calls - a.calls,
  };
  return [...agents].sort((a, b) => rank[by](a, b) || byName(a, b));
}

/** Keeps an order that is frozen: who was there stays in place, who is gone goes, who is new comes last. */
export function frozen(before: string[], now: string[]): string[] {
  const present = new Set(now);
  const known = new Set(before);
  return [...before.filter((id) => present.has(id)), ...now.filter((id) => !known.has(id))];
}
