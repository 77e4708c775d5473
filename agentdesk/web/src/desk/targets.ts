import type { Directory } from '../lib/api';
import type { AgentStatus } from '../lib/proto.gen';

/** Where a call can go: a line of the list in the hand-over dialog. */
export interface Target {
  /** As the server takes it: "queue:support", "agent:ben", or a number. */
  to: string;
  kind: 'agent' | 'queue' | 'number' | 'dialled';
  name: string;
  /** What else it is found by, and shown with: an extension, a number. */
  detail: string;
  /** Its names in every language, and its ID: what it is found by besides what is shown. */
  also: string[];
  status?: AgentStatus;
  waiting?: number;
  ready?: number;
  /** It can not be had now. */
  blocked: boolean;
}

/** Who may be asked, or handed a call: who is there and not at work. */
function free(status: AgentStatus): boolean {
  return status === 'ready' || status === 'paused';
}

/** All that the directory offers, but the agent who looks: colleagues who can be had first, those who can not last. */
export function targets(
  directory: Directory,
  me: string,
  name: (names: Record<string, string> | undefined, id: string) => string,
): Target[] {
  const agents = directory.agents
    .filter((agent) => agent.id !== me)
    .map((agent): Target => ({
      to: `agent:${agent.id}`,
      kind: 'agent',
      name: name(agent.name, agent.id),
      detail: agent.extension ?? '',
      also: [agent.id, ...Object.values(agent.name)],
      status: agent.status,
      blocked: !free(agent.status),
    }));
  const queues = directory.queues.map((queue): Target => ({
    to: `queue:${queue.id}`,
    kind: 'queue',
    name: name(queue.names, queue.id),
    detail: queue.id,
    also: Object.values(queue.names),
    waiting: queue.waiting,
    ready: queue.ready,
    blocked: false,
  }));
  const numbers = directory.numbers.map((number): Target => ({
    to: number.number,
    kind: 'number',
    name: name(number.names, number.number),
    detail: number.number,
    also: Object.values(number.names ?? {}),
    blocked: false,
  }));
  return [
    ...agents.filter((agent) => !agent.blocked),
    ...queues,
    ...numbers,
    ...agents.filter((agent) => agent.blocked),
  ];
}

/** Those that fit what was typed; a number that was typed comes last, as it would be dialled. */
export function find(all: Target[], typed: string): Target[] {
  const wanted = typed.normalize('NFKC').trim().toLowerCase(); // a Chinese keyboard types wide digits
  if (wanted === '') return all;
  const found = all.filter((target) =>
    [target.name, target.detail, ...target.also].some((text) => text.toLowerCase().includes(wanted)),
  );
  const digits = wanted.replace(/[\s\-./()]/g, '');
  if (/^\+?[0-9*#]{3,20}$/.test(digits) && !all.some((target) => target.detail === digits)) {
    found.push({ to: digits, kind: 'dialled', name: digits, detail: '', also: [], blocked: false });
  }
  return found;
}
