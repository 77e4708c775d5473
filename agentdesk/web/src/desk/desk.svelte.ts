import { api, signedIn, type Named, type Site } from '../lib/api';
import { clock } from '../lib/clock.svelte';
import { errorText } from '../lib/errors';
import { t, tCode, tName } from '../lib/i18n/i18n.svelte';
import { CommandError } from '../lib/link/commands';
import { Link, type Channel, type LinkState } from '../lib/link/link';
import { setTimeZone } from '../lib/format';
import { prefs } from '../lib/prefs.svelte';
import type {
  Call,
  CallItem,
  Desk,
  Hello,
  Me,
  Offer,
  Party,
  Pop,
  TicketDraft,
  TicketRef,
} from '../lib/proto.gen';
import { socketURL } from '../lib/socket-url';
import { Ringer } from '../lib/softphone/ringer';
import { Softphone } from '../lib/softphone/softphone.svelte';
import { read, write } from '../lib/storage';
import { announce } from '../lib/ui/announce.svelte';
import { toast } from '../lib/ui/toasts.svelte';
import { DeskLock } from './desk-lock';
import { Drafts } from './drafts';
import { itemName, partyName } from './names';
import { RingAlert } from './ring-alert';
import { stationCommand, type StationKind, type StationWish } from './station';
import { WrapUpForm } from './wrapup.svelte';

/** What the agent begins a shift with. */
export interface ShiftStart extends StationWish {
  state: 'ready' | 'paused';
}

const shiftKey = 'linedesk.shift'; // in this tab: the station kind while the shift is on
/** How long the server leaves a browser's call to an agent whose link is lost, ms. */
export const takenAfter = 15_000;
const deadLegAfter = 3000; // ms that the server may call our leg dead while we think it is up

/**
 * DeskStore is all that the desk page knows and does. The server's [Desk] is the truth about calls and
 * states; what is here besides it is the link, the sound, and what was typed.
 */
export class DeskStore {
  readonly link: Link;
  readonly phone: Softphone;
  readonly ringer = new Ringer();
  readonly wrapUp: WrapUpForm;
  readonly drafts: Drafts;

  linkState = $state<LinkState>('connecting');
  desk = $state.raw<Desk | null>(null);
  site = $state.raw<Site | null>(null);
  /** The desk is open in another page, and this one has not taken over. */
  elsewhere = $state(false);
  /** When the server was last heard before the link was lost, in its own time. */
  lostAt = $state(0);
  /** The server has newer pages than this one. */
  updateReady = $state(false);
  /** Commands on their way, by the name of their button. */
  pending = $state<Record<string, boolean>>({});
  /** The unfinished wrap-up that was opened from the list, if any. */
  reopened = $state.raw<CallItem | null>(null);
  /** Whose the form's call is. It stays when the call is gone from the desk. */
  formOf = $state('');
  /** The call in which the agent closed the microphone. Nobody but the agent opens it, whatever the link does. */
  private mutedIn = $state('');

  private readonly alert = new RingAlert(this.ringer);
  private readonly lock = new DeskLock();
  private readonly channel: Channel = {
    snap: (snap) => {
      if (snap.desk) this.show(snap.desk);
    },
    delta: (delta) => {
      if (delta.desk) this.show(delta.desk);
    },
    refused: (error) => {
      if (error.code === 'desk_elsewhere') void this.foundElsewhere();
      else toast('error', () => errorText(error));
    },
  };
  private build = '';
  private epoch = '';
  private offer = '';
  private legDeadSince = 0;
  private reportTurn = 0;

  constructor(readonly me: Me) {
    this.drafts = new Drafts(me.id);
    this.link = new Link({
      url: socketURL(),
      signedIn,
      onState: (state) => {
        this.linkChanged(state);
      },
      onHello: (hello) => {
        this.greeted(hello);
      },
    });
    this.phone = new Softphone(
      (sdp, gen) => this.link.send('rtc.offer', { sdp, gen }),
      () => ({ device: prefs.microphone, processing: prefs.processing, speaker: prefs.speaker }),
    );
    this.wrapUp = new WrapUpForm(this.drafts, {
      // Without a link it is kept at once, and sent with the next greeting.
      save: (form) =>
        this.online ? this.link.send('wrapup.save', form) : Promise.reject(new CommandError('closed')),
      finish: (form) => this.link.send('wrapup.finish', form),
    });
    clock.follow(this.link.clock);
  }

  /** Begins. The returned function ends all of it. */
  open(): () => void {
    const stopClock = clock.start();
    const quality = setInterval(() => {
      this.reportQuality();
    }, 2000);
    // The page was reloaded in mid-shift: permission is there, so the microphone can open while the link does.
    if (this.shiftHere === 'webrtc') void this.phone.openMicrophone();
    void this.loadSite();
    this.link.subscribe('desk', this.channel);
    this.link.open();
    const leaving = () => {
      this.wrapUp.flush();
    };
    window.addEventListener('pagehide', leaving);
    return () => {
      window.removeEventListener('pagehide', leaving);
      clearInterval(quality);
      stopClock();
      this.alert.stop();
      this.link.close();
      this.phone.stop();
    };
  }

  // ---- What the templates ask ----

  get call(): Call | null {
    return this.desk?.call ?? null;
  }

  /** A call with somebody at the other end, or about to be. */
  get liveCall(): Call | null {
    const call = this.call;
    return call && call.state !== 'wrap_up' && call.state !== 'ended' ? call : null;
  }

  /** Somebody is at the other end, on hold or not. */
  get connected(): boolean {
    const state = this.liveCall?.state;
    return state === 'talking' || state === 'held';
  }

  get muted(): boolean {
    const call = this.liveCall;
    return call !== null && (call.muted || this.mutedIn === call.id);
  }

  /** Whether hold, keys and the like can be asked for now. */
  get canHold(): boolean {
    return this.online && this.connected;
  }

  /** The browser's microphone can be closed, and opened again, without the server; but not opened against it. */
  get canMute(): boolean {
    return this.connected && (this.online || (this.browserStation && !this.liveCall?.muted));
  }

  get canAnswer(): boolean {
    return this.online && this.browserStation && Boolean(this.desk?.offer) && !this.pending['answer'];
  }

  /** Wrap-ups that time ended, and calls from which a ticket was begun and not opened. */
  get unfinished(): CallItem[] {
    const unfinished = this.desk?.unfinished ?? [];
    const begun = (this.desk?.recent ?? []).filter(
      (item) =>
        item.id !== this.call?.id &&
        !unfinished.some((other) => other.id === item.id) &&
        this.drafts.ticket(item.id) !== undefined,
    );
    return [...unfinished, ...begun];
  }

  get onShift(): boolean {
    return this.desk !== null && this.desk.agent.status !== 'off';
  }

  get online(): boolean {
    return this.linkState === 'up';
  }

  /** Whether a number can be called now. */
  get canDial(): boolean {
    const status = this.desk?.agent.status ?? '';
    return (
      this.online &&
      !this.liveCall &&
      !this.desk?.offer &&
      ['ready', 'paused', 'wrap_up'].includes(status) &&
      !this.pending['dial']
    );
  }

  /** Not in mid-call: its sound would go with the old station. */
  get canChangeStation(): boolean {
    return this.online && this.onShift && !this.liveCall && !this.desk?.offer && !this.pending['station'];
  }

  /** The agent's own; "" if there is none. */
  get extension(): string {
    return this.desk?.agent.extension ?? this.me.extension ?? '';
  }

  /** Whose record is to be on screen. */
  get pop(): Pop | null {
    return this.desk?.offer?.pop ?? this.desk?.call?.pop ?? null;
  }

  get browserStation(): boolean {
    return this.desk?.agent.station_kind === 'webrtc';
  }

  /** The shift is on with the browser as station, but this page has no sound: it was opened anew. */
  get soundMissing(): boolean {
    return this.onShift && this.browserStation && this.phone.state === 'off';
  }

  /** Whether this agent called, rather than was called. */
  placed(call: Call): boolean {
    return (
      call.direction === 'outbound' || (call.direction === 'internal' && call.from.number === this.extension)
    );
  }

  /** Who is at the other end of a call. A colleague is known by the extension. */
  farParty(call: Call): Party {
    const party = this.placed(call) ? call.to : call.from;
    if (call.direction !== 'internal') return party;
    return { ...party, name: this.colleague(party.number) || (party.name ?? '') };
  }

  /** The name of the agent with an extension; "" if it is nobody's. */
  colleague(extension: string): string {
    if (!extension) return '';
    return tName(this.site?.agents.find((agent) => agent.extension === extension)?.name);
  }

  whoOffers(offer: Offer): string {
    return partyName(offer.from, offer.pop?.customer?.name || this.colleague(offer.from.number));
  }

  whoIsOn(call: Call): string {
    const customer = call.direction === 'internal' ? undefined : call.pop?.customer?.name;
    return partyName(this.farParty(call), customer);
  }

  name(of: 'queues' | 'pause_reasons' | 'dispositions' | 'ticket_kinds', id: string | undefined): string {
    if (!id) return '';
    const queue = of === 'queues' ? this.desk?.queues?.find((q) => q.id === id) : undefined;
    const named: Pick<Named, 'name'> | undefined = queue ?? this.site?.[of].find((n) => n.id === id);
    return tName(named?.name, id);
  }

  /** The name of an agent or a user, as far as the site knows one. */
  person(id: string | undefined): string {
    if (!id) return '';
    const known =
      this.site?.agents.find((a) => a.id === id || a.user === id) ??
      this.site?.people.find((u) => u.id === id);
    return tName(known?.name, id);
  }

  // ---- What the agent does ----

  /** Begins the shift: to be called from a click, which is what lets the browser give us sound. */
  async startShift(start: ShiftStart): Promise<void> {
    await this.run('shift', async () => {
      this.ringer.unlock();
      if ('Notification' in window && Notification.permission === 'default') {
        void Notification.requestPermission().catch(() => undefined);
      }
      if (await this.speakThrough(start)) await this.link.send('state', { state: start.state });
    });
  }

  /** Changes what the agent speaks through; true if it was. To be called from a click, like [DeskStore.startShift]. */
  async changeStation(wish: StationWish): Promise<boolean> {
    let changed = false;
    await this.run('station', async () => {
      changed = await this.speakThrough(wish);
    });
    return changed;
  }

  /** False if there is no microphone, which the sound settings say. */
  private async speakThrough(wish: StationWish): Promise<boolean> {
    const browser = wish.kind === 'webrtc';
    if (browser && !this.phone.microphone.track && !(await this.phone.openMicrophone())) return false;
    await this.link.send('station', stationCommand(wish));
    write(shiftKey, wish.kind, 'session');
    if (browser) await this.phone.start();
    else this.phone.stop();
    return true;
  }

  /** Gives sound to a shift that is on already. */
  async resumeSound(): Promise<void> {
    this.ringer.unlock();
    this.phone.unblock();
    write(shiftKey, 'webrtc', 'session');
    await this.phone.start();
  }

  choose(state: 'ready' | 'paused' | 'off', reason?: string): void {
    if (!this.online) return;
    void this.run('state', async () => {
      await this.link.send('state', reason ? { state, reason } : { state });
    });
  }

  answer(): void {
    const offer = this.desk?.offer;
    if (!offer || !this.canAnswer) return;
    this.alert.stop();
    this.phone.pass(true); // the first word must not be lost to the way of the news that we are connected
    void this.run('answer', () => this.link.send('answer', { offer: offer.id }, until(offer.until)));
  }

  decline(): void {
    const offer = this.desk?.offer;
    if (!offer || !this.online) return;
    this.alert.stop();
    void this.run('decline', () => this.link.send('decline', { offer: offer.id }, until(offer.until)));
  }

  toggleHold(): void {
    const call = this.liveCall;
    if (!this.canHold) return;
    if (call?.state === 'held') void this.run('hold', () => this.link.send('resume', { call: call.id }));
    if (call?.state === 'talking') void this.run('hold', () => this.link.send('hold', { call: call.id }));
  }

  toggleMute(): void {
    const call = this.liveCall;
    if (!call || !this.canMute || this.pending['mute']) return;
    const muted = !this.muted;
    this.mutedIn = muted ? call.id : '';
    this.passMicrophone(); // at once: nobody waits for the server to be unheard
    if (this.online) void this.run('mute', () => this.link.send('mute', { call: call.id, muted }));
  }

  hangUp(): void {
    const call = this.liveCall;
    if (call && this.online) void this.run('hangup', () => this.link.send('hangup', { call: call.id }));
  }

  sendKeys(digits: string): void {
    const call = this.liveCall;
    if (!call || !this.canHold) return;
    this.link.send('dtmf', { call: call.id, digits }).catch((error: unknown) => {
      toast('error', () => errorText(error));
    });
  }

  /** Calls a number; true if it was placed. */
  async dial(to: string): Promise<boolean> {
    const number = to.trim();
    if (number === '' || !this.canDial) return false;
    this.ringer.unlock();
    return this.run('dial', () => this.link.send('dial', { to: number }));
  }

  async finishWrapUp(): Promise<void> {
    const call = this.wrapUp.call;
    if (!call || !this.online) return;
    if (this.liveCall?.id === call) {
      toast('info', () => t('wrapup.still_talking'));
      return;
    }
    if (this.drafts.ticket(call)) {
      toast('info', () => t('wrapup.ticket_first'));
      return;
    }
    if (await this.run('finish', () => this.wrapUp.finish())) {
      this.reopened = null;
      announce(t('wrapup.finished'));
      this.followForm();
    }
  }

  /** Opens an unfinished wrap-up from the list. */
  reopen(item: CallItem): void {
    if (this.call) return;
    this.reopened = item;
    this.formOf = itemName(item);
    this.wrapUp.open(item.id, { disposition: item.disposition ?? '', notes: item.notes ?? '' });
  }

  closeReopened(): void {
    this.reopened = null;
    this.wrapUp.close();
    this.followForm();
  }

  /** Says whose call it is, where a number is several customers'. */
  identify(customer: string): Promise<boolean> {
    const call = this.call;
    if (!call || !this.online) return Promise.resolve(false);
    return this.run('identify', () => this.link.send('identify', { call: call.id, customer }));
  }

  async openTicket(draft: TicketDraft): Promise<TicketRef | null> {
    let ticket: TicketRef | null = null;
    await this.run('ticket', async () => {
      ticket = await this.link.send('ticket.open', draft);
    });
    return ticket;
  }

  async takeOver(): Promise<void> {
    await this.run('take_over', async () => {
      if (this.linkState !== 'up') this.link.open();
      await this.link.send('take_over');
      await this.own();
    });
  }

  /** Ends the session on this browser; the shift ends with it. */
  async signOut(): Promise<void> {
    this.wrapUp.flush();
    await this.run('sign_out', async () => {
      if (this.onShift && this.online) await this.link.send('state', { state: 'off' });
      await api.signOut();
      write(shiftKey, undefined, 'session');
      this.phone.stop();
      location.replace('/');
    });
  }

  // ---- What the server says ----

  private greeted(hello: Hello): void {
    if (this.build !== '' && hello.build !== this.build) this.updateReady = true;
    this.build ||= hello.build;
    const restarted = this.epoch !== '' && this.epoch !== hello.epoch;
    this.epoch = hello.epoch;
    if (!this.site) void this.loadSite();
    if (this.elsewhere) return;
    // After a reload the sound must be back before anything else is; after a restart the server knows no leg.
    if (this.shiftHere === 'webrtc' && !hello.desk_elsewhere) {
      if (this.phone.state === 'off') void this.phone.start();
      else this.phone.again(restarted);
    }
    this.wrapUp.flush();
    // What was muted while the link was lost is muted at the server, too: the team lead sees it.
    if (this.liveCall && !this.liveCall.muted && this.muted) {
      this.link.send('mute', { call: this.liveCall.id, muted: true }).catch(() => undefined);
    }
  }

  private linkChanged(state: LinkState): void {
    const before = this.linkState;
    this.linkState = state;
    if (state === 'taken_over') {
      this.elsewhere = true;
      this.desk = null;
      this.alert.stop();
      this.phone.stop();
      this.lock.release();
    } else if (state === 'signed_out') {
      this.alert.stop();
      this.phone.stop();
      location.replace('/?next=desk');
    } else if (state === 'down' && before === 'up') {
      this.lostAt = clock.read() - (performance.now() - this.link.heardAt);
      announce(t('link.lost'), 'assertive');
    } else if (state === 'up' && before === 'down') {
      announce(t('link.back'));
    }
  }

  private async foundElsewhere(): Promise<void> {
    // This very tab had it before a reload or a break, and no other tab of this browser has it now: the
    // other page is what the server still remembers of us.
    if (this.lock.hadIt && (await this.lock.take(false))) {
      await this.takeOver();
      return;
    }
    this.elsewhere = true;
  }

  private async own(): Promise<void> {
    this.elsewhere = false;
    await this.lock.take(true);
    this.link.subscribe('desk', this.channel);
    if (this.shiftHere === 'webrtc') await this.phone.start();
  }

  private show(desk: Desk): void {
    const first = this.desk === null;
    const wasOn = this.onShift;
    const before = this.liveCall;
    this.desk = desk;
    this.elsewhere = false;
    if (first) void this.lock.take(false);
    clock.tick();
    this.followOffer(desk);
    this.followCall(before);
    this.followShift(desk, first, wasOn);
    this.followLeg(desk);
    this.passMicrophone();
    this.followForm();
  }

  private followOffer(desk: Desk): void {
    const offer = desk.offer;
    if ((offer?.id ?? '') === this.offer) return;
    const had = this.offer !== '';
    this.offer = offer?.id ?? '';
    if (!offer) {
      this.alert.stop();
      if (had && !desk.call) announce(t('offer.gone'), 'assertive');
      return;
    }
    this.ringer.volume = prefs.ringVolume;
    void this.ringer.use(prefs.ringer);
    const who = this.whoOffers(offer);
    const queue = this.name('queues', offer.queue);
    this.alert.start(who, queue, desk.agent.station_kind === 'webrtc');
    announce(
      this.browserStation ? t('offer.announce', { who, queue }) : t('offer.announce_phone', { who, queue }),
      'assertive',
    );
  }

  private followCall(before: Call | null): void {
    const call = this.liveCall;
    if (call?.id !== before?.id) this.phone.forgetQuality(); // it is that call's
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

  private followShift(desk: Desk, first: boolean, wasOn: boolean): void {
    if (desk.agent.status === 'off') {
      // The shift ended, here or by somebody else. While one is being started, "off" is yesterday's news.
      if (first || wasOn) {
        this.phone.stop();
        write(shiftKey, undefined, 'session');
      }
    } else if (first && this.browserStation && this.phone.state === 'off') {
      void this.startIfAllowed();
    }
  }

  /** A new tab in mid-shift: where the microphone is allowed already, nobody needs to click. */
  private async startIfAllowed(): Promise<void> {
    try {
      const permission = await navigator.permissions.query({ name: 'microphone' as PermissionName });
      if (permission.state === 'granted' && this.soundMissing) await this.resumeSound();
    } catch {
      // This browser doesn't tell: the button does it.
    }
  }

  /** The server calls our leg dead while we believe in it: it knows better. */
  private followLeg(desk: Desk): void {
    const dead = this.phone.state === 'up' && (desk.link === 'none' || desk.link === 'down');
    if (!dead) this.legDeadSince = 0;
    else this.legDeadSince ||= performance.now();
  }

  private passMicrophone(): void {
    const call = this.liveCall;
    const answering = this.pending['answer'] === true;
    this.phone.pass((call !== null && !this.muted) || answering);
  }

  /** The form follows the call; without one it stays with what is unfinished. */
  private followForm(): void {
    const desk = this.desk;
    if (!desk) return;
    if (desk.call) {
      this.reopened = null;
      this.formOf = this.whoIsOn(desk.call);
      this.wrapUp.open(desk.call.id, desk.call);
      return;
    }
    const open = this.wrapUp.call;
    if (!open || this.reopened?.id === open || this.pending['finish']) return;
    // Time ran out. The form stays for whoever has not finished, or writes at this very moment.
    const writing =
      Boolean(document.activeElement?.closest('#notes, #ticket-form')) ||
      ['dirty', 'kept'].includes(this.wrapUp.state) ||
      this.drafts.ticket(open) !== undefined;
    const item =
      (desk.unfinished ?? []).find((i) => i.id === open) ??
      (writing ? (desk.recent ?? []).find((i) => i.id === open) : undefined);
    if (item) this.reopened = item;
    else if (!writing) this.wrapUp.close();
  }

  private reportQuality(): void {
    if (this.legDeadSince > 0 && performance.now() - this.legDeadSince > deadLegAfter) {
      this.legDeadSince = 0;
      this.phone.again(true);
    }
    // The page shows it every 2 s; the server needs it every 10 s, and of calls only.
    this.reportTurn = (this.reportTurn + 1) % 5;
    const quality = this.phone.quality;
    if (this.reportTurn === 0 && quality && this.online && this.liveCall) {
      this.link.send('quality', quality).catch(() => undefined);
    }
  }

  private async loadSite(): Promise<void> {
    try {
      const site = await api.site();
      setTimeZone(site.timezone);
      this.site = site;
    } catch {
      // Without it IDs are shown in place of names; the next greeting tries again.
    }
  }

  private get shiftHere(): StationKind | undefined {
    return read<StationKind>(shiftKey, 'session');
  }

  /** Carries out a command under a button's name; says what went wrong. */
  private async run(name: string, command: () => Promise<unknown>): Promise<boolean> {
    if (this.pending[name]) return false;
    this.pending[name] = true;
    try {
      await command();
      return true;
    } catch (error) {
      if (!(error instanceof CommandError && error.code === 'closed')) toast('error', () => errorText(error));
      return false;
    } finally {
      this.pending[name] = false;
      this.passMicrophone();
    }
  }
}

/** How long an answer to an offer makes sense, ms. */
function until(end: number): number {
  return Math.max(1000, end - clock.read());
}
