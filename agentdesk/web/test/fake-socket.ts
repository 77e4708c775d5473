import { vi } from 'vitest';

/** A websocket without a network: the test is the server. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: { t: string; id: string; body?: Record<string, unknown> }[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket['sent'][number]);
  }

  close(): void {
    this.closed = true;
  }

  // ---- What the server does ----

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  hello(over: object = {}): void {
    this.say({
      t: 'hello',
      proto: 'cc.v1',
      epoch: 'e1',
      server_now: 1_000_000,
      build: 'b1',
      user: {},
      desk_elsewhere: false,
      resumed: false,
      ...over,
    });
  }

  ack(id: string, over: object = {}): void {
    this.say({ t: 'ack', id, ok: true, now: 1_000_000, ...over });
  }

  break(code = 1006): void {
    this.closed = true;
    this.onclose?.({ code });
  }

  /** The last command of a name. */
  last(t: string): FakeSocket['sent'][number] {
    const found = this.sent.filter((command) => command.t === t).at(-1);
    if (!found) throw new Error(`no ${t} was sent`);
    return found;
  }

  count(t: string): number {
    return this.sent.filter((command) => command.t === t).length;
  }

  static get newest(): FakeSocket {
    const newest = FakeSocket.all.at(-1);
    if (!newest) throw new Error('nobody connected');
    return newest;
  }

  static install(): void {
    FakeSocket.all = [];
    vi.stubGlobal('WebSocket', FakeSocket);
  }
}
