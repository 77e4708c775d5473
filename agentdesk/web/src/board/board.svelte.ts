import { signedIn } from '../lib/api';
import { clock } from '../lib/clock.svelte';
import { errorText } from '../lib/errors';
import { Link, type LinkState } from '../lib/link/link';
import { toSignIn } from '../lib/pages';
import type { AgentRow, BoardRows, Hello, QueueRow } from '../lib/proto.gen';
import { SiteNames } from '../lib/site.svelte';
import { socketURL } from '../lib/socket-url';
import { toast } from '../lib/ui/toasts.svelte';

/** Data that is older than this is shown as old, ms. */
export const staleAfter = 3000;

/** The sums over all queues and agents that the board's head shows. What is no sum comes from the server. */
export interface Totals {
  waiting: number;
  longestSince: number;
  longestQueue: QueueRow | null;
  offered: number;
  answered: number;
  abandoned: number;
  byStatus: Record<string, number>;
  signedIn: number;
}

/**
 * BoardStore keeps the rows as the server sends them. Deltas go into plain maps; templates see a change once
 * per painted frame at most, however many deltas came.
 */
export class BoardStore {
  readonly link: Link;
  readonly names = new SiteNames();
  linkState = $state<LinkState>('connecting');
  loaded = $state(false);
  /** 0…1, of all the queues' calls today, as the server has it; null: nothing to divide by. */
  serviceLevel = $state<number | null>(null);
  /** Grows with each frame in which something changed. */
  version = $state(0);
  updateReady = $state(false);
  refusal = $state('');
  /** When the last message came, in the server's time. */
  heardAt = $state(0);

  // Plain maps: a delta of hundreds of rows must not wake a template per row.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  private readonly queueRows = new Map<string, QueueRow>();
  private readonly agentRows = new Map<string, AgentRow>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  private frame = 0;
  private build = '';
  private epoch = '';

  constructor() {
    this.link = new Link({
      url: socketURL(),
      // Often enough that three seconds of silence mean something on a quiet board, too.
      pingEvery: 1500,
      signedIn,
      onState: (state) => {
        this.linkState = state;
        if (state === 'signed_out') toSignIn('board');
      },
      onHello: (hello) => {
        this.greeted(hello);
      },
      onSite: () => void this.names.load(),
    });
    clock.follow(this.link.clock);
  }

  open(): () => void {
    const stopClock = clock.start();
    const look = setInterval(() => {
      this.lookAtAge();
    }, 500);
    void this.names.load();
    this.link.subscribe('board', {
      snap: (snap) => {
        this.queueRows.clear();
        this.agentRows.clear();
        this.loaded = true;
        this.refusal = '';
        if (snap.board) this.take(snap.board);
        else this.show();
      },
      delta: (delta) => {
        if (delta.board) this.take(delta.board);
      },
      refused: (error) => {
        this.refusal = errorText(error);
        toast('error', () => errorText(error));
      },
    });
    this.link.open();
    return () => {
      clearInterval(look);
      cancelAnimationFrame(this.frame);
      stopClock();
      this.link.close();
    };
  }

  /** The rows as of the last frame. Reading them makes a template follow. */
  get queues(): QueueRow[] {
    void this.version;
    return [...this.queueRows.values()];
  }

  get agents(): AgentRow[] {
    void this.version;
    return [...this.agentRows.values()];
  }

  agent(id: string): AgentRow | undefined {
    void this.version;
    return this.agentRows.get(id);
  }

  get stale(): boolean {
    return this.loaded && clock.now - this.heardAt > staleAfter;
  }

  take(rows: BoardRows): void {
    if (rows.totals) this.serviceLevel = rows.totals.service_level;
    for (const row of rows.queues ?? []) this.queueRows.set(row.id, row);
    for (const row of rows.agents ?? []) this.agentRows.set(row.id, row);
    for (const gone of rows.gone ?? []) {
      const [kind, id = ''] = gone.split(/:(.*)/s);
      if (kind === 'queue') this.queueRows.delete(id);
      if (kind === 'agent') this.agentRows.delete(id);
    }
    this.show();
  }

  private show(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.version++;
      this.lookAtAge();
      clock.tick();
    });
  }

  /** The link's moment is of the page's monotonic clock: here it becomes the server's. */
  private lookAtAge(): void {
    if (this.link.heardAt > 0) this.heardAt = clock.read() - (performance.now() - this.link.heardAt);
  }

  private greeted(hello: Hello): void {
    if (this.build !== '' && hello.build !== this.build) this.updateReady = true;
    this.build ||= hello.build;
    const restarted = this.epoch !== '' && this.epoch !== hello.epoch;
    this.epoch = hello.epoch;
    if (!this.names.site || restarted) void this.names.load();
  }
}

/** Adds the rows up. */
export function totals(queues: QueueRow[], agents: AgentRow[]): Totals {
  const sum: Totals = {
    waiting: 0,
    longestSince: 0,
    longestQueue: null,
    offered: 0,
    answered: 0,
    abandoned: 0,
    byStatus: {},
    signedIn: 0,
  };
  for (const queue of queues) {
    sum.waiting += queue.waiting;
    sum.offered += queue.offered;
    sum.answered += queue.answered;
    sum.abandoned += queue.abandoned;
    if (
      queue.waiting > 0 &&
      queue.longest_since &&
      (!sum.longestSince || queue.longest_since < sum.longestSince)
    ) {
      sum.longestSince = queue.longest_since;
      sum.longestQueue = queue;
    }
  }
  for (const agent of agents) {
    sum.byStatus[agent.status] = (sum.byStatus[agent.status] ?? 0) + 1;
    if (agent.status !== 'off') sum.signedIn++;
  }
  return sum;
}
