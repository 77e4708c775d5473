import type { Urgency } from '../lib/proto.gen';
import { keys, read, write } from '../lib/storage';

/** A wrap-up form as it was typed, kept in the browser until the server has it. */
export interface Draft {
  call: string;
  disposition: string;
  notes: string;
  /** When it was typed, epoch ms of this computer. */
  at: number;
}

/** A ticket that is being written. */
export interface TicketForm {
  kind: string;
  subject: string;
  text: string;
  urgency: Urgency;
  due: string; // as in <input type="datetime-local">
}

const prefix = 'linedesk.draft.';
const keepFor = 14 * 24 * 3600 * 1000; // ms: what nobody came back to in two weeks goes

/** Drafts keeps what one user typed. Several users may share a computer: each has their own. */
export class Drafts {
  constructor(private readonly user: string) {
    for (const key of keys(prefix)) {
      const at = read<{ at?: number }>(key)?.at ?? 0;
      if (Date.now() - at > keepFor) write(key, undefined);
    }
  }

  wrapUp(call: string): Draft | undefined {
    return read<Draft>(this.key('wrapup', call));
  }

  keepWrapUp(draft: Draft): boolean {
    return write(this.key('wrapup', draft.call), draft);
  }

  dropWrapUp(call: string): void {
    write(this.key('wrapup', call), undefined);
  }

  ticket(call: string): TicketForm | undefined {
    return read<TicketForm>(this.key('ticket', call));
  }

  keepTicket(call: string, form: TicketForm): void {
    write(this.key('ticket', call), { ...form, at: Date.now() });
  }

  dropTicket(call: string): void {
    write(this.key('ticket', call), undefined);
  }

  private key(kind: string, call: string): string {
    return `${prefix}${this.user}.${kind}.${call}`;
  }
}
