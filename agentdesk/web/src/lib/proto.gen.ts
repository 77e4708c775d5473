// Generated from the Go package agentdesk/proto. Do not edit.

/** Subprotocol is what both sides name in the websocket handshake. */
export const Subprotocol = 'cc.v1';

/** not JSON, too long, unknown type: do not come back unchanged */
export const CloseBadMessage = 4000;

/** the desk was opened elsewhere: do not come back by yourself */
export const CloseTakenOver = 4001;

/** the session is over: sign in again */
export const CloseSignedOut = 4003;

/** the client stopped reading: come back */
export const CloseTooSlow = 4008;

/** the server restarts: come back */
export const CloseServerStops = 4012;

/** Command is what a client sends. T names the command, the matching body is in Body. */
export interface Command {
  t: string;
  /** 1–64 characters */
  id: string;
  body?: unknown;
}

/**
 * Subscribe names a channel: "desk" (mine), "board" (all queues and agents that I may see). With Epoch
 * and Seq of the last message seen, the server sends what was missed, or a fresh snapshot.
 */
export interface Subscribe {
  ch: string;
  epoch?: string;
  seq?: number;
}

/** Station chooses what the agent speaks through. */
export interface Station {
  /** "webrtc", "sip", "pstn" */
  kind: string;
  extension?: string;
  number?: string;
}

/** State chooses what comes next. */
export interface State {
  /** "ready", "paused", "off" */
  state: string;
  reason?: string;
}

/** RTCOffer carries the browser's SDP offer. Gen grows with each new PeerConnection of the page. */
export interface RTCOffer {
  sdp: string;
  gen: number;
}

/** RTCAnswer is the server's SDP answer. */
export interface RTCAnswer {
  sdp: string;
  gen: number;
}

/** OfferRef names an offer. */
export interface OfferRef {
  offer: string;
}

/** CallRef names a call. */
export interface CallRef {
  call: string;
}

/** Mute cuts or opens the agent's microphone at the server. */
export interface Mute {
  call: string;
  muted: boolean;
}

/** DTMF sends keys to the far party. */
export interface DTMF {
  call: string;
  /** 0–9 * # A–D, at most 32 */
  digits: string;
}

/** Dial places a call: the agent's station first, then the number. */
export interface Dial {
  to: string;
}

/** Identify says whose call it is, where a number is several customers' or nobody's. */
export interface Identify {
  call: string;
  customer: string;
}

/** WrapUp is the wrap-up form as it stands. */
export interface WrapUp {
  call: string;
  disposition: string;
  notes: string;
}

/** TicketDraft is a ticket to be opened from a call. It is the call's customer's. */
export interface TicketDraft {
  call: string;
  kind: string;
  subject: string;
  text: string;
  /** "normal", "urgent", "very_urgent" */
  urgency?: string;
  /** epoch ms */
  due_at?: number;
}

/** TicketRef names a ticket. */
export interface TicketRef {
  ticket: string;
  number?: string;
}

/** LinkQuality is what the browser's getStats says of the leg. */
export interface LinkQuality {
  rtt_ms: number;
  jitter_ms: number;
  loss_pct: number;
  mos: number;
}

/** Hello is the first message of a connection. */
export interface Hello {
  t: string;
  proto: string;
  /** changes when the server restarts */
  epoch: string;
  /** epoch ms */
  server_now: number;
  /** hash of the web assets; a difference means "update ready" */
  build: string;
  user: Me;
  /**
   * DeskElsewhere says that this user's desk is open in another page: subscribe "desk" is refused
   * with code "desk_elsewhere" until take_over.
   */
  desk_elsewhere: boolean;
  resumed: boolean;
}

/** Me is the signed-in user. */
export interface Me {
  id: string;
  name: Record<string, string>;
  roles: string[];
  /** "verb:object:scope" */
  rights: string[];
  agent?: string;
  extension?: string;
  language: string;
}

/** Ack answers a command when it is done, or refused. */
export interface Ack {
  t: string;
  id: string;
  ok: boolean;
  /** epoch ms */
  now: number;
  /** the journal's number of what the command did: see Snap.Journal */
  seq?: number;
  err?: Error;
  result?: unknown;
}

/** Error is a code for the client to translate; Detail is English, for logs. */
export interface Error {
  code: string;
  params?: Record<string, string>;
  detail?: string;
}

/** Snap is a channel's whole state: Desk or Board is set, by channel. */
export interface Snap {
  t: string;
  ch: string;
  epoch: string;
  seq: number;
  now: number;
  /**
   * Journal is the journal's number up to which all that happened shows here: a command whose Ack has no higher
   * Seq is seen.
   */
  journal?: number;
  desk?: Desk;
  board?: BoardRows;
}

/** Delta is what changed in a channel: Desk is whole again (it is small); Board carries changed rows. */
export interface Delta {
  t: string;
  ch: string;
  seq: number;
  now: number;
  /** as in Snap */
  journal?: number;
  desk?: Desk;
  board?: BoardRows;
}

/** BoardRows are rows of the board, all of them in a snapshot, the changed ones in a delta. */
export interface BoardRows {
  queues?: QueueRow[];
  agents?: AgentRow[];
  /** "queue:support", "agent:amy" */
  gone?: string[];
}

/** QueueRow is one queue, now and today. */
export interface QueueRow {
  id: string;
  name: Record<string, string>;
  waiting: number;
  /** epoch ms */
  longest_since?: number;
  /** today, by arrival */
  offered: number;
  answered: number;
  answered_in_level: number;
  abandoned: number;
  /** ≤ 5 s */
  abandoned_short: number;
  /** 0…1; null: nothing to divide by */
  service_level: number | null;
  level_seconds: number;
  ready: number;
  talking: number;
  wrap_up: number;
  paused: number;
  signed_in: number;
}

/** AgentRow is one agent, now and today. */
export interface AgentRow {
  id: string;
  name: Record<string, string>;
  extension?: string;
  status: string;
  since: number;
  reason?: string;
  chosen: string;
  chosen_reason?: string;
  station_kind?: string;
  station_up: boolean;
  queues: string[];
  /** of the current call */
  queue?: string;
  call?: string;
  /** number or name of the current call */
  peer?: string;
  /** today */
  calls: number;
  /** today */
  talk_ms: number;
}

/** Desk is all that one agent's page shows of the moment. */
export interface Desk {
  agent: AgentRow;
  /** end of wrap-up, epoch ms */
  until?: number;
  /** browser leg: "none", "connecting", "up", "down" */
  link: string;
  offer?: Offer;
  /** in progress, or in wrap-up */
  call?: Call;
  /** the agent's own */
  queues: QueueRow[];
  /** the agent's last calls, newest first, at most 10 */
  recent: CallItem[];
  /** Unfinished are wrap-ups that time ended: they wait for their disposition. */
  unfinished: CallItem[];
}

/** Offer is a call that rings. */
export interface Offer {
  id: string;
  call: string;
  queue: string;
  since: number;
  until: number;
  waited_ms: number;
  from: Party;
  to: string;
  /** what was pressed, such as "main:2" */
  path: string[];
  pop?: Pop;
}

/** Party is the far side as it is to be shown. Number is formatted for reading. */
export interface Party {
  number: string;
  e164?: string;
  name?: string;
}

/** Pop is the customer's record with history and open tickets: what the agent must see at the greeting. */
export interface Pop {
  /** null: unknown number */
  customer: Customer | null;
  /** last 10 */
  calls: CallItem[];
  /** open ones */
  tickets: TicketItem[];
  /** more customers with the same number */
  others: Customer[];
  /** the look-up took too long; it follows */
  pending: boolean;
}

/** Customer is what the desk shows of one. */
export interface Customer {
  id: string;
  name: string;
  company?: string;
  position?: string;
  grade?: string;
  language?: string;
  address?: string;
  email?: string;
  /** account manager, user ID */
  manager?: string;
  tags: string[];
  notes?: string;
  phones: Phone[];
}

/** Phone is one of a customer's numbers. */
export interface Phone {
  /** "mobile", "work", "home", "other" */
  kind: string;
  number: string;
  e164?: string;
  primary: boolean;
}

/** CallItem is a line of a history. */
export interface CallItem {
  id: string;
  direction: string;
  number: string;
  customer?: string;
  name?: string;
  queue?: string;
  agent?: string;
  arrived_at: number;
  talk_ms: number;
  cause?: string;
  disposition?: string;
  notes?: string;
}

/** TicketItem is a line of a ticket list. */
export interface TicketItem {
  id: string;
  number: string;
  kind: string;
  subject: string;
  state: string;
  urgency?: string;
  owner?: string;
  due_at?: number;
  created_at: number;
  /** where the caller's message can be heard, for who may */
  recording?: string;
}

/** Call is the call that the agent is on, or wraps up. */
export interface Call {
  id: string;
  direction: string;
  /** "calling_you", "calling_customer", "calling_colleague", "unreached", "ringing", "talking", "held", "wrap_up", "ended" */
  state: string;
  queue?: string;
  from: Party;
  to: Party;
  /** of this state */
  since: number;
  bridged_at?: number;
  waited_ms: number;
  hold_ms: number;
  held_since?: number;
  muted: boolean;
  /** also why a number was not reached */
  end_cause?: string;
  path: string[];
  pop?: Pop;
  disposition: string;
  notes: string;
  /** opened from this call */
  tickets: TicketItem[];
}

/** Commands gives each command's body. */
export interface Commands {
  subscribe: Subscribe;
  unsubscribe: Subscribe;
  take_over: undefined;
  station: Station;
  state: State;
  'rtc.offer': RTCOffer;
  answer: OfferRef;
  decline: OfferRef;
  hold: CallRef;
  resume: CallRef;
  mute: Mute;
  dtmf: DTMF;
  hangup: CallRef;
  dial: Dial;
  'wrapup.save': WrapUp;
  'wrapup.finish': WrapUp;
  identify: Identify;
  'ticket.open': TicketDraft;
  quality: LinkQuality;
  ping: undefined;
}
