import type { WrapUp } from '../lib/proto.gen';
import type { Drafts } from './drafts';

/** Where the typed text is: as the server has it, typed and not sent, on its way, or refused for now. */
export type SaveState = 'clean' | 'dirty' | 'saving' | 'saved' | 'kept';

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
      await this.sender.finish(form);
    } catch (error) {
      if (this.call === call) this.state = 'kept';
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
    const kept = () => {
      if (this.call === call && this.version === version) this.state = 'kept';
    };
    const slow = setTimeout(kept, patience);
    try {
      await this.sender.save(form);
    } catch {
      kept(); // in the browser; it is sent again when the link is back
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
