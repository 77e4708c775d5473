import { prefs } from '../lib/prefs.svelte';
import type { ChosenState, Desk } from '../lib/proto.gen';
import { Ringer } from '../lib/softphone/ringer';
import { Softphone } from '../lib/softphone/softphone.svelte';
import { read, write } from '../lib/storage';
import type { Session } from './session.svelte';
import { stationCommand, type StationKind, type StationWish } from './station';

/** What the agent begins a shift with. */
export interface ShiftStart extends StationWish {
  state: 'ready' | 'paused';
}

const key = 'linedesk.shift'; // in this tab: the station kind while the shift is on
const deadLegAfter = 3000; // ms that the server may call our leg dead while we think it is up

/** Shift is whether the agent works, in which state, and what is spoken through: the browser's sound with it. */
export class Shift {
  readonly phone: Softphone;
  readonly ringer = new Ringer();

  private legDeadSince = 0;
  private reportTurn = 0;

  constructor(
    private readonly session: Session,
    /** Whether somebody is on the line. */
    private readonly talking: () => boolean,
  ) {
    this.phone = new Softphone(
      (sdp, gen) => session.link.command('rtc.offer', { sdp, gen }),
      () => ({ device: prefs.microphone, processing: prefs.processing, speaker: prefs.speaker }),
    );
  }

  /** Begins. The returned function ends it. */
  open(): () => void {
    const quality = setInterval(() => {
      this.lookAtLeg();
    }, 2000);
    // The page was reloaded in mid-shift: permission is there, so the microphone can open while the link does.
    if (this.here === 'webrtc') void this.phone.openMicrophone();
    return () => {
      clearInterval(quality);
      this.phone.stop();
    };
  }

  get on(): boolean {
    const desk = this.session.desk;
    return desk !== null && desk.agent.status !== 'off';
  }

  /** The agent's own; "" if there is none. */
  get extension(): string {
    return this.session.desk?.agent.extension ?? this.session.me.extension ?? '';
  }

  get browserStation(): boolean {
    return this.session.desk?.agent.station_kind === 'webrtc';
  }

  /** The shift is on with the browser as station, but this page has no sound: it was opened anew. */
  get soundMissing(): boolean {
    return this.on && this.browserStation && this.phone.state === 'off';
  }

  /** Not in mid-call: its sound would go with the old station. */
  get canChangeStation(): boolean {
    const { online, desk, pending } = this.session;
    return online && this.on && !this.talking() && !desk?.offer && !pending['station'];
  }

  /** Begins the shift: to be called from a click, which is what lets the browser give us sound. */
  async start(start: ShiftStart): Promise<void> {
    await this.session.run('shift', async () => {
      this.ringer.unlock();
      if ('Notification' in window && Notification.permission === 'default') {
        void Notification.requestPermission().catch(() => undefined);
      }
      if (await this.speakThrough(start)) await this.session.ask('state', { state: start.state });
    });
  }

  /** Changes what the agent speaks through; true if it was. To be called from a click, like [Shift.start]. */
  async changeStation(wish: StationWish): Promise<boolean> {
    let changed = false;
    await this.session.run('station', async () => {
      changed = await this.speakThrough(wish);
    });
    return changed;
  }

  choose(state: ChosenState, reason?: string): void {
    if (!this.session.online) return;
    void this.session.run('state', () => this.session.ask('state', reason ? { state, reason } : { state }));
  }

  /** Ends the shift, where the server can be told so. */
  async end(): Promise<void> {
    if (this.on && this.session.online) await this.session.ask('state', { state: 'off' });
    this.forget();
  }

  /** Gives sound to a shift that is on already. */
  async resumeSound(): Promise<void> {
    this.ringer.unlock();
    this.phone.unblock();
    write(key, 'webrtc', 'session');
    await this.phone.start();
  }

  // ---- What the desk's store tells ----

  /** The server greets: after a reload the sound must be back before anything else is. */
  greeted(deskElsewhere: boolean, restarted: boolean): void {
    if (this.here !== 'webrtc' || deskElsewhere) return;
    if (this.phone.state === 'off') void this.phone.start();
    else this.phone.again(restarted); // after a restart the server knows no leg
  }

  /** The desk is ours now. */
  async owned(): Promise<void> {
    if (this.here === 'webrtc') await this.phone.start();
  }

  follow(desk: Desk, first: boolean, wasOn: boolean): void {
    if (desk.agent.status === 'off') {
      // The shift ended, here or by somebody else. While one is being started, "off" is yesterday's news.
      if (first || wasOn) this.forget();
    } else if (first && this.browserStation && this.phone.state === 'off') {
      void this.startIfAllowed();
    }
    // The server calls our leg dead while we believe in it: it knows better.
    const dead = this.phone.state === 'up' && (desk.link === 'none' || desk.link === 'down');
    if (!dead) this.legDeadSince = 0;
    else this.legDeadSince ||= performance.now();
  }

  private forget(): void {
    this.phone.stop();
    write(key, undefined, 'session');
  }

  /** False if there is no microphone, which the sound settings say. */
  private async speakThrough(wish: StationWish): Promise<boolean> {
    const browser = wish.kind === 'webrtc';
    if (browser && !this.phone.microphone.track && !(await this.phone.openMicrophone())) return false;
    await this.session.ask('station', stationCommand(wish));
    write(key, wish.kind, 'session');
    if (browser) await this.phone.start();
    else this.phone.stop();
    return true;
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

  private lookAtLeg(): void {
    if (this.legDeadSince > 0 && performance.now() - this.legDeadSince > deadLegAfter) {
      this.legDeadSince = 0;
      this.phone.again(true);
    }
    // The page shows it every 2 s; the server needs it every 10 s, and of calls only.
    this.reportTurn = (this.reportTurn + 1) % 5;
    const quality = this.phone.quality;
    if (this.reportTurn === 0 && quality && this.session.online && this.talking()) {
      this.session.link.command('quality', quality).catch(() => undefined);
    }
  }

  private get here(): StationKind | undefined {
    return read<StationKind>(key, 'session');
  }
}
