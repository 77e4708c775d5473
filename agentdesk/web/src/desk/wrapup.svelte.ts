import { isRefusal } from '../lib/errors';
import { CommandError } from '../lib/link/commands';
import { MaxNotes, type WrapUp } from '../lib/proto.gen';
import { excess } from '../lib/text';
import type { Drafts } from './drafts';

/**
 * Where the typed text is: as the server has it, typed and not sent, on its way, kept here until the server can be
 * reached, or refused: then it is kept here, too, and sent when it was changed.
 */
export type SaveState = 'clean' | 'dirty' | 'saving' | 'saved' | 'kept' | 'refused';

interface Sender {
  save(form: WrapUp): Promise<unknown>;
  finish(form: WrapUp): Promise<unknown>;
}

const pause = 1000; // ms without a key before it is saved
const patience = 1500; // ms that "saving" is said; then what is true in any case: it is kept here
const atLatest = 5000; // ms after the first key, however fast somebody types

/**
 * WrapUpForm is the form of one call: disposition and notes. Each key goes into the browser's storage at
 * once and to the server a second later, so that neither a crash here nor one there loses a word.
 */
export class WrapUpForm {
  call = $state<string | null>(null);
  disposition = $state('');
  notes = $state('');
  state = $state<SaveState>('clean');
  /** When the server last said that it has it, epoch ms of this computer. */
  savedAt = $state(0);
  /** Why it was refused, while it is. */
  refusal = $state.raw<unknown>(null);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private firstKeyAt = 0;
  private version = 0;

  constructor(
    private readonly drafts: Drafts,
    private readonly sender: Sender,
  ) {}

  /** Opens a call's form with what the server has, or with what was typed here and never arrived. */
  open(call: string, server: { disposition: string; notes: string }): void {
    if (this.call === call) {
      if (this.state === 'clean' || this.state === 'saved') this.take(server);
      return;
    }
    this.flush();
    this.call = call;
    this.version++;
    const draft = this.drafts.wrapUp(call);
    if (draft && (draft.notes !== server.notes || draft.disposition !== server.disposition)) {
      this.take(draft);
      this.state = 'dirty';
      this.schedule();
    } else {
      this.take(server);
      this.state = 'clean';
    }
  }

  /** Leaves the form; what was typed is saved first. */
  close(): void {
    this.flush();
    this.call = null;
    this.disposition = '';
    this.notes = '';
    this.state = 'clean';
  }

  choose(disposition: string): void {
    this.disposition = disposition;
    this.edited();
    this.flush();
  }

  /** To be called after each change of the notes. */
  edited(): void {
    if (!this.call) return;
    this.version++;
    this.drafts.keepWrapUp({ ...this.form(this.call), at: Date.now() });
    if (this.state !== 'dirty') this.firstKeyAt = Date.now();
    this.state = 'dirty';
    this.schedule();
  }

  /** Saves now what is not saved yet. */
  flush(): void {
    clearTimeout(this.timer);
    if (this.call && (this.state === 'dirty' || this.state === 'kept')) void this.save(this.call);
  }

  /** Ends the wrap-up with what the form says. Throws what the server refused; then nothing is lost. */
  async finish(): Promise<void> {
    const call = this.call;
    if (!call) return;
    clearTimeout(this.timer);
    const form = this.form(call);
    this.drafts.keepWrapUp({ ...form, at: Date.now() });
    this.state = 'saving';
    try {
      checkLength(form.notes);
      await this.sender.finish(form);
    } catch (error) {
      if (this.call === call) this.notTaken(error);
      throw error;
    }
    this.drafts.dropWrapUp(call);
    if (this.call === call) {
      this.state = 'clean';
      this.close();
    }
  }

  private async save(call: string): Promise<void> {
    const version = ++this.version;
    const form = this.form(call);
    this.state = 'saving';
    const current = () => this.call === call && this.version === version;
    const slow = setTimeout(() => {
      if (current()) this.state = 'kept';
    }, patience);
    try {
      checkLength(form.notes);
      await this.sender.save(form);
    } catch (error) {
      if (current()) this.notTaken(error);
      return;
    } finally {
      clearTimeout(slow);
    }
    const draft = this.drafts.wrapUp(call);
    if (draft?.notes === form.notes && draft.disposition === form.disposition) this.drafts.dropWrapUp(call);
    if (this.call === call && this.version === version) {
      this.state = 'saved';
      this.savedAt = Date.now();
    }
  }

  /** It is in the browser: sent again when the link is back, or when what was wrong with it is mended. */
  private notTaken(error: unknown): void {
    this.refusal = error;
    this.state = isRefusal(error) ? 'refused' : 'kept';
  }

  private form(call: string): WrapUp {
    return { call, disposition: this.disposition, notes: this.notes };
  }

  private take(from: { disposition: string; notes: string }): void {
    this.disposition = from.disposition;
    this.notes = from.notes;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const wait = Math.min(pause, Math.max(0, this.firstKeyAt + atLatest - Date.now()));
    this.timer = setTimeout(() => {
      this.flush();
    }, wait);
  }
}

/** What is too long is not sent: the server would say the same. */
function checkLength(notes: string): void {
  if (excess(notes, MaxNotes) > 0) throw new CommandError('bad_notes', { max: String(MaxNotes) });
}
