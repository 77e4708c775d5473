import type { Component } from 'svelte';
import Check from '@lucide/svelte/icons/check';
import Coffee from '@lucide/svelte/icons/coffee';
import NotebookPen from '@lucide/svelte/icons/notebook-pen';
import Phone from '@lucide/svelte/icons/phone';
import PhoneCall from '@lucide/svelte/icons/phone-call';
import PhoneIncoming from '@lucide/svelte/icons/phone-incoming';
import PhoneOff from '@lucide/svelte/icons/phone-off';
import Power from '@lucide/svelte/icons/power';
import type { AgentStatus } from '../proto.gen';

export interface StatusLook {
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>;
  /** Text and tint. */
  tone: string;
  /** Where it stands when agents are sorted by what they do. */
  rank: number;
}

const looks: Record<AgentStatus, StatusLook> = {
  offered: { icon: PhoneIncoming, tone: 'bg-offered-tint text-offered', rank: 0 },
  talking: { icon: PhoneCall, tone: 'bg-talking-tint text-talking', rank: 1 },
  busy: { icon: Phone, tone: 'bg-busy-tint text-busy', rank: 2 },
  wrap_up: { icon: NotebookPen, tone: 'bg-wrap-tint text-wrap', rank: 3 },
  ready: { icon: Check, tone: 'bg-ready-tint text-ready', rank: 4 },
  unreachable: { icon: PhoneOff, tone: 'bg-alarm-tint text-alarm', rank: 5 },
  paused: { icon: Coffee, tone: 'bg-paused-tint text-paused', rank: 6 },
  off: { icon: Power, tone: 'bg-off-tint text-off', rank: 7 },
} as unknown as Record<AgentStatus, StatusLook>;

/** The statuses in the order that boards show them. */
export const statuses = Object.keys(looks) as AgentStatus[];

/**
 * How a status looks: never by colour alone, there is an icon and a word with it. A newer server's status looks like
 * "off".
 */
export function statusLook(status: AgentStatus): StatusLook {
  return (looks as Partial<typeof looks>)[status] ?? looks.off;
}
