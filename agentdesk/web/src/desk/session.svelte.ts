import { api, signedIn } from '../lib/api';
import { clock } from '../lib/clock.svelte';
import { errorText } from '../lib/errors';
import { t } from '../lib/i18n/i18n.svelte';
import { CommandError } from '../lib/link/commands';
import { Link, type Channel, type How, type LinkState } from '../lib/link/link';
import type { CommandName, Commands, Desk, Hello, Me } from '../lib/proto.gen';
import { SiteNames } from '../lib/site.svelte';
import { socketURL } from '../lib/socket-url';
import { announce } from '../lib/ui/announce.svelte';
import { toast } from '../lib/ui/toasts.svelte';
import { DeskLock } from './desk-lock';

/** What the rest of the desk does when the session says something. */
interface Listeners {
  /** The server greeted us, and the desk is ours; restarted: it knows nothing of what it had of us. */
  greeted: (hello: Hello, restarted: boolean) => void;
  /** The desk as the server has it now. */
  shown: (desk: Desk) => void;
  /** Another page has the desk now, or nobody is signed in. */
  lost: () => void;
  /** The desk was taken over from another page. */
  owned: () => Promise<void>;
  /** A command ended, however it did. */
  done: () => void;
}

/**
 * Session is this page's part in the user's session: the link, whose desk it is among the user's pages, the last
 * [Desk] that the server showed, and commands on their way.
 */
export class Session {
  readonly link: Link;
  readonly names = new SiteNames();
  linkState = $state<LinkState>('connecting');
  /** The truth about calls and states; null until it came. */
  desk = $state.raw<Desk | null>(null);
  /** The desk is open in another page, and this one has not taken over. */
  elsewhere = $state(false);
  /** When the server was last heard before the link was lost, in its own time. */
  lostAt = $state(0);
  /** The server has newer pages than this one. */
  updateReady = $state(false);
  /** Commands on their way, by the name of their button. */
  pending = $state<Record<string, boolean>>({});

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

  constructor(
    readonly me: Me,
    private readonly listeners: Listeners,
  ) {
    this.link = new Link({
      url: socketURL(),
      signedIn,
      onState: (state) => {
        this.linkChanged(state);
      },
      onHello: (hello) => {
        this.greeted(hello);
      },
      onSite: () => void this.names.load(),
    });
    clock.follow(this.link.clock);
  }

  /** Begins. The returned function ends it. */
  open(): () => void {
    const stopClock = clock.start();
    void this.names.load();
    this.link.subscribe('desk', this.channel);
    this.link.open();
    return () => {
      stopClock();
      this.link.close();
    };
  }

  get online(): boolean {
    return this.linkState === 'up';
  }

  /** Carries out a command, until the desk shows what it did. Throws what was refused. */
  ask<T extends CommandName>(
    name: T,
    ...[body, how = {}]: Commands[T]['body'] extends undefined
      ? [body?: undefined, how?: How]
      : [body: Commands[T]['body'], how?: How]
  ): Promise<Commands[T]['result']> {
    const ask = this.link.command.bind(this.link) as (
      name: T,
      body: Commands[T]['body'] | undefined,
      how: How,
    ) => Promise<Commands[T]['result']>;
    return ask(name, body, { seenIn: 'desk', ...how });
  }

  /** Does something under a button's name, which is pending meanwhile; says what went wrong. True if it was done. */
  async run(name: string, command: () => Promise<unknown>): Promise<boolean> {
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
      this.listeners.done();
    }
  }

  async takeOver(): Promise<void> {
    await this.run('take_over', async () => {
      if (this.linkState !== 'up') this.link.open();
      await this.link.command('take_over');
      this.elsewhere = false;
      await this.lock.take(true);
      this.link.subscribe('desk', this.channel);
      await this.listeners.owned();
    });
  }

  /** Ends the session on this browser. */
  async signOut(): Promise<void> {
    await api.signOut();
    location.replace('/');
  }

  private show(desk: Desk): void {
    const first = this.desk === null;
    this.elsewhere = false;
    if (first) void this.lock.take(false);
    clock.tick();
    this.listeners.shown(desk);
  }

  private greeted(hello: Hello): void {
    if (this.build !== '' && hello.build !== this.build) this.updateReady = true;
    this.build ||= hello.build;
    const restarted = this.epoch !== '' && this.epoch !== hello.epoch;
    this.epoch = hello.epoch;
    if (!this.names.site || restarted) void this.names.load();
    if (!this.elsewhere) this.listeners.greeted(hello, restarted);
  }

  private linkChanged(state: LinkState): void {
    const before = this.linkState;
    this.linkState = state;
    if (state === 'taken_over') {
      this.elsewhere = true;
      this.desk = null;
      this.listeners.lost();
      this.lock.release();
    } else if (state === 'signed_out') {
      this.listeners.lost();
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
}
