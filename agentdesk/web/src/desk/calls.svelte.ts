import { errorText } from '../lib/errors';
import { t, tCode } from '../lib/i18n/i18n.svelte';
import type { Asks, Call, Party } from '../lib/proto.gen';
import { announce } from '../lib/ui/announce.svelte';
import { toast } from '../lib/ui/toasts.svelte';
import { partyName } from './names';
import type { Session } from './session.svelte';
import type { Shift } from './shift.svelte';

/** Somebody is at the other end, or about to be. */
function isLive(call: Call): boolean {
  return call.state !== 'wrap_up' && call.state !== 'ended';
}

/** Calls are the calls that the agent has, in progress or in wrap-up, and what can be done with one. */
export class Calls {
  /** The call in which the agent closed the microphone. Nobody but the agent opens it, whatever the link does. */
  private mutedIn = $state('');

  constructor(
    private readonly session: Session,
    private readonly shift: Shift,
    /** An offer is being answered: the microphone is to be open already. */
    private readonly answering: () => boolean,
  ) {}

  /** All of them, the one that is spoken in first. */
  get all(): Call[] {
    const call = this.session.desk?.call;
    return call ? [call] : [];
  }

  /** The one whose customer is on screen. */
  get current(): Call | null {
    return this.all[0] ?? null;
  }

  /** The one that is not over yet. */
  get live(): Call | null {
    return this.all.find(isLive) ?? null;
  }

  /** Somebody is at the other end, on hold or not. */
  get connected(): boolean {
    const state = this.live?.state;
    return state === 'talking' || state === 'held' || state === 'consulting';
  }

  /** This agent asks somebody beside the call, or could be asked back by a swap. */
  get asks(): Asks | null {
    const asks = this.live?.asks;
    return asks && asks.by === this.session.me.agent ? asks : null;
  }

  /** This agent is asked by a colleague. */
  get askedBy(): string {
    const asks = this.live?.asks;
    return asks && asks.by !== this.session.me.agent ? asks.by : '';
  }

  /** Whether the call can be handed over, parked, or somebody asked about it. */
  get canHandOver(): boolean {
    return this.canHold && this.asks === null;
  }

  /** Whether a parked call can be taken up. */
  get canTake(): boolean {
    return this.canDial;
  }

  /** Whom a consultation is with, by name or number. */
  whoIsAsked(asks: Asks): string {
    const [kind, name] = asks.to.includes(':') ? asks.to.split(':', 2) : ['', asks.to];
    if (asks.agent || kind === 'agent') return this.session.names.person(asks.agent || name);
    return this.session.names.colleague(name ?? '') || (name ?? '');
  }

  get muted(): boolean {
    const call = this.live;
    return call !== null && (call.muted || this.mutedIn === call.id);
  }

  /** Whether hold, keys and the like can be asked for now. */
  get canHold(): boolean {
    return this.session.online && this.connected && this.live?.state !== 'consulting';
  }

  get canSendKeys(): boolean {
    return this.session.online && this.connected;
  }

  /** The browser's microphone can be closed, and opened again, without the server; but not opened against it. */
  get canMute(): boolean {
    return this.connected && (this.session.online || (this.shift.browserStation && !this.live?.muted));
  }

  /** Whether a number can be called now. */
  get canDial(): boolean {
    const { desk, online, pending } = this.session;
    const status = desk?.agent.status ?? 'off';
    return (
      online &&
      !this.live &&
      !desk?.offer &&
      ['ready', 'paused', 'wrap_up'].includes(status) &&
      !pending['dial']
    );
  }

  /** Whether this agent called, rather than was called. */
  placed(call: Call): boolean {
    return (
      call.direction === 'outbound' ||
      (call.direction === 'internal' && call.from.number === this.shift.extension)
    );
  }

  /** Who is at the other end of a call. A colleague is known by the extension. */
  farParty(call: Call): Party {
    const party = this.placed(call) ? call.to : call.from;
    if (call.direction !== 'internal') return party;
    return { ...party, name: this.session.names.colleague(party.number) || (party.name ?? '') };
  }

  whoIsOn(call: Call): string {
    const customer = call.direction === 'internal' ? undefined : call.pop?.customer?.name;
    return partyName(this.farParty(call), customer);
  }

  toggleHold(): void {
    const call = this.live;
    if (!call || !this.canHold) return;
    const command = call.state === 'held' ? 'resume' : 'hold';
    void this.session.run('hold', () => this.session.ask(command, { call: call.id }));
  }

  toggleMute(): void {
    const call = this.live;
    if (!call || !this.canMute || this.session.pending['mute']) return;
    const muted = !this.muted;
    this.mutedIn = muted ? call.id : '';
    this.passMicrophone(); // at once: nobody waits for the server to be unheard
    if (this.session.online)
      void this.session.run('mute', () => this.session.ask('mute', { call: call.id, muted }));
  }

  hangUp(): void {
    const call = this.live;
    if (call && this.session.online)
      void this.session.run('hangup', () => this.session.ask('hangup', { call: call.id }));
  }

  sendKeys(digits: string): void {
    const call = this.live;
    if (!call || !this.canSendKeys) return;
    this.session.link.command('dtmf', { call: call.id, digits }).catch((error: unknown) => {
      toast('error', () => errorText(error));
    });
  }

  /** Hands the call over, without a word to who gets it. Throws what was refused. */
  async transfer(to: string, keepWait: boolean): Promise<void> {
    const call = this.live;
    if (call)
      await this.session.ask('transfer', { call: call.id, to, ...(keepWait ? { keep_wait: true } : {}) });
  }

  /** Asks somebody beside the call. Throws what was refused. */
  async consult(to: string): Promise<void> {
    const call = this.live;
    if (call) await this.session.ask('consult', { call: call.id, to });
  }

  /** Speaks with the other of the two, hands the call over to who is asked, or ends the asking. */
  asking(command: 'swap' | 'complete' | 'cancel'): void {
    const call = this.live;
    if (!call || !this.asks || !this.session.online) return;
    void this.session.run(command, () => this.session.ask(command, { call: call.id }));
  }

  /** Puts the call down in a slot, for whoever takes it up. */
  park(): void {
    const call = this.live;
    if (!call || !this.canHandOver) return;
    void this.session.run('park', async () => {
      const { slot } = await this.session.ask('park', { call: call.id });
      toast('info', () => t('park.done', { slot }));
    });
  }

  /** Takes a parked call up. */
  take(slot: number): void {
    if (!this.canTake) return;
    this.shift.ringer.unlock();
    void this.session.run('take', () => this.session.ask('take', { slot }));
  }

  /** Calls a number; true if it was placed. */
  async dial(to: string): Promise<boolean> {
    const number = to.trim();
    if (number === '' || !this.canDial) return false;
    this.shift.ringer.unlock();
    return this.session.run('dial', () => this.session.ask('dial', { to: number }));
  }

  /** Says whose call it is, where a number is several customers'. */
  identify(customer: string): Promise<boolean> {
    const call = this.current;
    if (!call || !this.session.online) return Promise.resolve(false);
    return this.session.run('identify', () => this.session.ask('identify', { call: call.id, customer }));
  }

  // ---- What the desk's store tells ----

  /** The link is back. */
  greeted(): void {
    // What was muted while the link was lost is muted at the server, too: the team lead sees it.
    const call = this.live;
    if (call && !call.muted && this.muted) {
      this.session.link.command('mute', { call: call.id, muted: true }).catch(() => undefined);
    }
  }

  /** A new desk is shown; before is the call that was live until then. */
  follow(before: Call | null): void {
    const call = this.live;
    if (call?.id !== before?.id) this.shift.phone.forgetQuality(); // it is that call's
    if (!call) return;
    const news = call.state !== before?.state || call.end_cause !== before.end_cause;
    if (call.state === 'unreached' && news) {
      announce(
        call.end_cause
          ? t('call.not_reached', { cause: tCode('cause', call.end_cause) })
          : tCode('call_state', 'unreached'),
      );
    }
  }

  /** Opens the microphone for who is to be heard, and closes it for the rest. */
  passMicrophone(): void {
    this.shift.phone.pass((this.live !== null && !this.muted) || this.answering());
  }
}
