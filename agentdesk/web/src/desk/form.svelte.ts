import { t } from '../lib/i18n/i18n.svelte';
import { CommandError } from '../lib/link/commands';
import type { CallItem, TicketDraft, TicketRef } from '../lib/proto.gen';
import { announce } from '../lib/ui/announce.svelte';
import { toast } from '../lib/ui/toasts.svelte';
import type { Calls } from './calls.svelte';
import { Drafts } from './drafts';
import { itemName } from './names';
import type { Session } from './session.svelte';
import { WrapUpForm } from './wrapup.svelte';

/** CallForm is what the agent writes about a call: the wrap-up, its ticket, and the calls that wait for theirs. */
export class CallForm {
  readonly wrapUp: WrapUpForm;
  readonly drafts: Drafts;
  /** The unfinished wrap-up that was opened from the list, if any. */
  reopened = $state.raw<CallItem | null>(null);
  /** Whose the form's call is. It stays when the call is gone from the desk. */
  of = $state('');

  constructor(
    private readonly session: Session,
    private readonly calls: Calls,
  ) {
    this.drafts = new Drafts(session.me.id);
    this.wrapUp = new WrapUpForm(this.drafts, {
      // Without a link it is kept at once, and sent with the next greeting.
      save: (form) =>
        session.online
          ? session.link.command('wrapup.save', form)
          : Promise.reject(new CommandError('closed')),
      finish: (form) => session.ask('wrapup.finish', form),
    });
  }

  /** Wrap-ups that time ended, and calls from which a ticket was begun and not opened. */
  get unfinished(): CallItem[] {
    const unfinished = this.session.desk?.unfinished ?? [];
    const begun = (this.session.desk?.recent ?? []).filter(
      (item) =>
        item.id !== this.calls.current?.id &&
        !unfinished.some((other) => other.id === item.id) &&
        this.drafts.ticket(item.id) !== undefined,
    );
    return [...unfinished, ...begun];
  }

  async finish(): Promise<void> {
    const call = this.wrapUp.call;
    if (!call || !this.session.online) return;
    if (this.calls.live?.id === call) {
      toast('info', () => t('wrapup.still_talking'));
      return;
    }
    if (this.drafts.ticket(call)) {
      toast('info', () => t('wrapup.ticket_first'));
      return;
    }
    if (await this.session.run('finish', () => this.wrapUp.finish())) {
      this.reopened = null;
      announce(t('wrapup.finished'));
      this.follow();
    }
  }

  /** Opens an unfinished wrap-up from the list. */
  reopen(item: CallItem): void {
    if (this.calls.current) return;
    this.reopened = item;
    this.of = itemName(item);
    this.wrapUp.open(item.id, { disposition: item.disposition ?? '', notes: item.notes ?? '' });
  }

  closeReopened(): void {
    this.reopened = null;
    this.wrapUp.close();
    this.follow();
  }

  async openTicket(draft: TicketDraft): Promise<TicketRef | null> {
    let ticket: TicketRef | null = null;
    await this.session.run('ticket', async () => {
      ticket = await this.session.ask('ticket.open', draft);
    });
    return ticket;
  }

  /** The form follows the call; without one it stays with what is unfinished. */
  follow(): void {
    const desk = this.session.desk;
    if (!desk) return;
    const call = this.calls.current;
    if (call) {
      this.reopened = null;
      this.of = this.calls.whoIsOn(call);
      this.wrapUp.open(call.id, call);
      return;
    }
    const open = this.wrapUp.call;
    if (!open || this.reopened?.id === open || this.session.pending['finish']) return;
    // Time ran out. The form stays for whoever has not finished, or writes at this very moment.
    const writing =
      Boolean(document.activeElement?.closest('#notes, #ticket-form')) ||
      ['dirty', 'kept', 'refused'].includes(this.wrapUp.state) ||
      this.drafts.ticket(open) !== undefined;
    const item =
      (desk.unfinished ?? []).find((i) => i.id === open) ??
      (writing ? (desk.recent ?? []).find((i) => i.id === open) : undefined);
    if (item) this.reopened = item;
    else if (!writing) this.wrapUp.close();
  }
}
