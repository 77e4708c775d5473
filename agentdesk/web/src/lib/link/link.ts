import {
  CloseBadMessage,
  CloseSignedOut,
  CloseTakenOver,
  Subprotocol,
  type Ack,
  type Channel as ChannelName,
  type CommandName,
  type Commands,
  type Delta,
  type Hello,
  type ServerMessage,
  type Snap,
} from '../proto.gen';
import { backoff } from './backoff';
import { ClockOffset } from './clock-offset';
import { CommandError } from './commands';

/**
 * Where the link stands. The last three are final until [Link.open] is called again: the desk was opened
 * elsewhere, the session is over, the server refuses what this page says.
 */
export type LinkState = 'connecting' | 'up' | 'down' | 'taken_over' | 'signed_out' | 'refused';

/** What a channel tells its reader. */
export interface Channel {
  snap(snap: Snap): void;
  delta(delta: Delta): void;
  /** The server does not let us read it: "desk_elsewhere", "forbidden" … */
  refused(error: CommandError): void;
}

export interface LinkOptions {
  url: string;
  /** How often to ask whether the server is there, ms. */
  pingEvery?: number;
  onState?: (state: LinkState) => void;
  onHello?: (hello: Hello, first: boolean) => void;
  /** Something of the site was published. */
  onSite?: () => void;
  /** Asked after a handshake that came to nothing; false: the session is over. */
  signedIn?: () => Promise<boolean>;
}

interface Waiting {
  id: string;
  t: CommandName;
  text: string;
  resolve: (result: unknown) => void;
  reject: (error: CommandError) => void;
  timer: ReturnType<typeof setTimeout>;
  /** When it was last sent on the connection that is open now; null: not yet. */
  sentAt: number | null;
  /** A ping is not repeated on the next connection. */
  once: boolean;
  seenIn: ChannelName | undefined;
}

/** How a command is to be sent. */
export interface How {
  /** ms until it is given up. */
  timeout?: number;
  /** The channel that must show what was done before the command counts as done. */
  seenIn?: ChannelName;
}

interface Subscription {
  channel: Channel;
  epoch: string;
  seq: number;
  /** A gap was seen and the server asked to fill it: what comes out of order meanwhile is not news. */
  filling: boolean;
  /** The journal's number up to which the channel shows what happened. */
  journal: number;
  /** Who waits for a number. */
  watchers: Watcher[];
}

interface Watcher {
  seq: number;
  seen: () => void;
}

const seenWithin = 2000; // ms: what was done is done, though the channel is late to show it
const defaultTimeout = 10_000; // ms that a command may take, reconnects included
const deadAfter = 10_000; // ms after an unanswered ping

/**
 * Link is the page's one websocket. It comes back by itself, carries its commands over a break (their
 * IDs make a repeat harmless: the server answers it again but does not act again), asks for what its
 * channels missed, and learns the server's clock.
 */
export class Link {
  state: LinkState = 'connecting';
  readonly clock = new ClockOffset();
  /** When the server was last heard, ms monotonic; 0: never. */
  heardAt = 0;

  private socket: WebSocket | null = null;
  private tries = 0;
  private hellos = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;
  private pingSentAt: number | null = null;
  private nextID = 1;
  private readonly idPrefix = randomPrefix();
  private readonly waiting = new Map<string, Waiting>();
  private readonly subscriptions = new Map<ChannelName, Subscription>();
  private readonly comeBack = () => {
    if (this.state === 'down' && document.visibilityState === 'visible') this.connect();
  };

  constructor(private readonly options: LinkOptions) {}

  /** Connects, and stays connected until [Link.close] or a final state. */
  open(): void {
    window.addEventListener('online', this.comeBack);
    document.addEventListener('visibilitychange', this.comeBack);
    this.tries = 0;
    this.setState('connecting');
    this.connect();
  }

  /** Ends the link for good. What still waits for an answer fails with "closed". */
  close(): void {
    this.stop();
    this.setState('down');
  }

  /** Reads a channel from now on, over any number of reconnects. */
  subscribe(ch: ChannelName, channel: Channel): void {
    this.subscriptions.set(ch, {
      channel,
      epoch: '',
      seq: 0,
      filling: false,
      journal: 0,
      watchers: [],
    });
    if (this.state === 'up') this.ask(ch);
  }

  /**
   * Sends a command and gives its result. If the link breaks before the ack, the command is repeated with the
   * same ID when it is back; after `timeout` ms it fails with the code "timeout". With `seenIn` it waits until that
   * channel shows what the command did, so that what is read afterwards is not the state from before.
   */
  command<T extends CommandName>(
    t: T,
    ...[body, how = {}]: Commands[T]['body'] extends undefined
      ? [body?: undefined, how?: How]
      : [body: Commands[T]['body'], how?: How]
  ): Promise<Commands[T]['result']> {
    return this.send(t, body, how);
  }

  private send<T extends CommandName>(
    t: T,
    body: unknown,
    { timeout = defaultTimeout, seenIn, once = false }: How & { once?: boolean },
  ): Promise<Commands[T]['result']> {
    const id = `${this.idPrefix}-${String(this.nextID++)}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new CommandError('timeout'));
      }, timeout);
      const waiting: Waiting = {
        id,
        t,
        text: JSON.stringify(body === undefined ? { t, id } : { t, id, body }),
        resolve: resolve as (result: unknown) => void, // what the server promises of this command
        reject,
        timer,
        sentAt: null,
        once,
        seenIn,
      };
      this.waiting.set(id, waiting);
      if (this.state === 'up') this.put(waiting);
    });
  }

  private put(waiting: Waiting): void {
    waiting.sentAt = performance.now();
    this.socket?.send(waiting.text);
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.drop();
    let greeted = false;
    const socket = new WebSocket(this.options.url, Subprotocol);
    this.socket = socket;
    // A handshake that hangs (a proxy that holds it) must not hold us for minutes.
    const handshake = setTimeout(() => {
      if (this.socket === socket && !greeted) this.broken(0, greeted);
    }, deadAfter);
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.socket !== socket || typeof event.data !== 'string') return;
      const message = parse(event.data);
      if (!message) return;
      this.heardAt = performance.now();
      if (message.t === 'hello') {
        greeted = true;
        clearTimeout(handshake);
        this.greeted(message);
      } else {
        this.take(message);
      }
    };
    socket.onclose = (event: CloseEvent) => {
      clearTimeout(handshake);
      if (this.socket === socket) this.broken(event.code, greeted);
    };
  }

  private greeted(hello: Hello): void {
    const now = performance.now();
    this.tries = 0;
    this.pingSentAt = null;
    this.clock.reset();
    // Nobody knows how long the greeting travelled: the first ping will know better.
    this.clock.add(hello.server_now, now - 1000, now + 1000);
    this.setState('up');
    this.options.onHello?.(hello, this.hellos++ === 0);
    for (const ch of this.subscriptions.keys()) this.ask(ch);
    for (const waiting of this.waiting.values()) {
      if (waiting.sentAt === null) this.put(waiting);
    }
    clearInterval(this.pinger);
    this.pinger = setInterval(() => {
      this.ping();
    }, this.options.pingEvery ?? 5000);
    this.ping();
  }

  private ping(): void {
    const now = performance.now();
    if (this.pingSentAt !== null) {
      // Nobody is there, whatever the operating system thinks of the connection.
      if (now - this.pingSentAt >= deadAfter && this.heardAt < this.pingSentAt) this.broken(0, true);
      return;
    }
    this.pingSentAt = now;
    this.send('ping', undefined, { timeout: deadAfter * 2, once: true }).catch(() => undefined);
  }

  private take(message: Exclude<ServerMessage, { t: 'hello' }>): void {
    switch (message.t) {
      case 'ack':
        this.acked(message);
        break;
      case 'snap':
        this.snapped(message);
        break;
      case 'd':
        this.changed(message);
        break;
      case 'site':
        this.options.onSite?.();
        break;
      // A type that we don't know is a newer server's: not for us.
    }
  }

  private acked(ack: Ack): void {
    const waiting = this.waiting.get(ack.id);
    if (!waiting) return; // answered before, or given up
    this.waiting.delete(ack.id);
    clearTimeout(waiting.timer);
    if (waiting.t === 'ping') {
      this.pingSentAt = null;
      this.clock.add(ack.now, waiting.sentAt ?? performance.now(), performance.now());
    }
    if (ack.ok) {
      this.whenSeen(waiting.seenIn, ack.seq ?? 0, () => {
        waiting.resolve(ack.result);
      });
    } else {
      waiting.reject(new CommandError(ack.err?.code ?? 'failed', ack.err?.params ?? {}, ack.err?.detail));
    }
  }

  /** Goes on once a channel shows what the journal's number stands for, or is too late to. */
  private whenSeen(ch: ChannelName | undefined, seq: number, go: () => void): void {
    const sub = ch && this.subscriptions.get(ch);
    if (!sub || seq <= sub.journal) {
      go();
      return;
    }
    const watcher = {
      seq,
      seen: () => {
        clearTimeout(timer);
        sub.watchers = sub.watchers.filter((other) => other !== watcher);
        go();
      },
    };
    const timer = setTimeout(watcher.seen, seenWithin);
    sub.watchers.push(watcher);
  }

  private shows(sub: Subscription, journal = 0): void {
    sub.journal = Math.max(sub.journal, journal);
    for (const watcher of sub.watchers) {
      if (watcher.seq <= sub.journal) watcher.seen();
    }
  }

  private snapped(snap: Snap): void {
    const sub = this.subscriptions.get(snap.ch);
    if (!sub) return;
    sub.epoch = snap.epoch;
    sub.seq = snap.seq;
    sub.filling = false;
    sub.channel.snap(snap);
    this.shows(sub, snap.journal);
  }

  private changed(delta: Delta): void {
    const sub = this.subscriptions.get(delta.ch);
    if (!sub || sub.epoch === '') return; // the snapshot is still to come
    if (delta.seq <= sub.seq) return; // seen before: a replay overlaps
    if (delta.seq > sub.seq + 1) {
      if (!sub.filling) this.ask(delta.ch);
      sub.filling = true;
      return;
    }
    sub.seq = delta.seq;
    sub.filling = false;
    sub.channel.delta(delta);
    this.shows(sub, delta.journal);
  }

  /** Asks for a channel from where we are. */
  private ask(ch: ChannelName): void {
    const sub = this.subscriptions.get(ch);
    if (!sub) return;
    sub.filling = false;
    const from = sub.epoch === '' ? {} : { epoch: sub.epoch, seq: sub.seq };
    this.send('subscribe', { ch, ...from }, { once: true }).then(
      () => {
        sub.filling = false; // should the gap still be there, the next delta tells
      },
      (error: unknown) => {
        if (error instanceof CommandError && error.code !== 'timeout' && error.code !== 'closed') {
          sub.channel.refused(error);
        }
      },
    );
  }

  private broken(code: number, greeted: boolean): void {
    this.drop();
    clearInterval(this.pinger);
    for (const waiting of this.waiting.values()) {
      waiting.sentAt = null;
      if (waiting.once) {
        this.waiting.delete(waiting.id);
        clearTimeout(waiting.timer);
        waiting.reject(new CommandError('timeout'));
      }
    }
    const final = finalState(code);
    if (final) {
      this.stop();
      this.setState(final);
      return;
    }
    this.setState('down');
    this.retry = setTimeout(() => {
      this.connect();
    }, backoff(this.tries++));
    if (!greeted) void this.askSession();
  }

  /** A refused handshake looks to a page like any other failure, so we ask by HTTP whether we are signed in. */
  private async askSession(): Promise<void> {
    const signedIn = await (this.options.signedIn?.() ?? Promise.resolve(true)).catch(() => true);
    if (signedIn || this.state !== 'down') return;
    this.stop();
    this.setState('signed_out');
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  private stop(): void {
    window.removeEventListener('online', this.comeBack);
    document.removeEventListener('visibilitychange', this.comeBack);
    clearTimeout(this.retry);
    clearInterval(this.pinger);
    this.drop();
    for (const waiting of this.waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new CommandError('closed'));
    }
    this.waiting.clear();
  }

  private setState(state: LinkState): void {
    if (this.state === state && state !== 'up') return;
    this.state = state;
    this.options.onState?.(state);
  }
}

// Any other code means: come back.
function finalState(code: number): LinkState | null {
  switch (code) {
    case CloseBadMessage:
      return 'refused';
    case CloseTakenOver:
      return 'taken_over';
    case CloseSignedOut:
      return 'signed_out';
    default:
      return null;
  }
}

function parse(text: string): ServerMessage | null {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null && 't' in message) return message as ServerMessage;
  } catch {
    // Not ours to repair: the next message, or the ping's silence, will tell.
  }
  return null;
}

/** Makes this page's command IDs unlike any other's. crypto.randomUUID is missing on plain http. */
function randomPrefix(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (b) => b.toString(36).padStart(2, '0')).join('');
}
