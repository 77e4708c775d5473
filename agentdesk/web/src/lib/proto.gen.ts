// Generated from the Go package agentdesk/proto. Do not edit.

/**
 * ErrorCode says what went wrong, in the answers of the HTTP API and of the websocket alike. It is stable, and the set
 * is closed: clients have a text for each, see [Codes].
 */
export const errorCodes = [
  'bad_body', // a command's body is not what it should be
  'bad_cursor', // the cursor is not one that a list gave
  'bad_handshake', // not a websocket handshake
  'bad_request', // the request cannot be read
  'bad_subprotocol', // the websocket asks for another protocol
  'bad_value', // a field says what it may not
  'error', // no code fits better
  'invalid', // the record would not be one
  'method_not_allowed', // the path does not take the method
  'missing_body', // a command without the body it has
  'missing_field', // a field must be given
  'missing_parameter', // a parameter must be given
  'no_such_route', // there is no such path
  'too_large', // the request is too long
  'unknown_channel', // the channels are desk and board
  'unknown_field', // there is no such field
  'unknown_parameter', // there is no such parameter
  'unsupported_media_type', // the body is of a kind that is not read
  'forbidden', // the roles do not allow it
  'foreign_origin', // a page from elsewhere asks
  'signed_out', // nobody is signed in
  'too_many_failures', // too many wrong passwords
  'wrong_credentials', // user or password is wrong
  'changed_meanwhile', // somebody else has changed the record
  'exists', // there is one already
  'not_found', // there is none that the user may see
  'unknown_agent',
  'unknown_disposition',
  'unknown_extension',
  'unknown_feature', // no such feature code
  'unknown_reason', // of a pause
  'unknown_state', // of an agent or a ticket
  'unknown_station_kind',
  'unknown_ticket_kind',
  'unknown_target', // the site has no such queue, agent, extension or flow
  'unknown_user',
  'unknown_command', // a call cannot do that
  'agent_busy', // the agent is on a call
  'answer_at_phone', // the station is a telephone, answered there
  'bad_digits', // not keys of a telephone
  'bad_notes', // too long, or unreadable
  'bad_number', // no telephone number
  'bad_sdp', // the browser's description of its sound
  'bad_subject', // missing, too long, or unreadable
  'bad_target', // a call can not be handed over to that
  'bad_text', // too long, or unreadable
  'call_over', // everybody has left
  'call_overloaded', // the call cannot keep up with what it is told
  'desk_elsewhere', // another page of the user has the desk
  'extension_taken', // it belongs to another agent
  'no_agent', // the user is no agent
  'no_desk', // the page has not subscribed to the desk
  'no_extension', // the agent has none of its own
  'no_outbound_trunk', // the site has no line for outbound calls
  'not_signed_in', // the agent's shift has not begun
  'consulting', // somebody is asked beside the call already
  'no_slot', // as many calls are parked as may be
  'not_consulting', // nobody is asked beside the call
  'not_parked', // the slot is empty
  'not_talking', // nobody talks on the call
  'not_your_call', // the agent has no part in it
  'offer_over', // answered, withdrawn or missed
  'queue_full', // as many wait as may
  'station_unreachable', // the agent's phone or browser is not there
  'target_busy', // the colleague is on a call, or wraps one up
  'target_off', // the colleague is not there, or not within reach
  'busy', // too many sign-ins at once
  'client_gone', // nobody waits for the answer
  'failed', // the server made a mistake
  'not_ready', // it cannot take calls
  'not_yet', // what was waited for does not show in time
  'server_stops', // it restarts
  'too_many_calls', // as many as it takes
  'too_many_commands', // of one page, unanswered
  'too_many_sockets', // of one user, or of all
  'too_slow', // not done in time
  'unavailable', // the log says why
] as const;
export type ErrorCode = (typeof errorCodes)[number];

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
  t: CommandName;
  /** 1–64 characters */
  id: string;
  body?: unknown;
}

/** Channel is what a page may follow. */
export const channels = [
  'desk', // mine
  'board', // all queues and agents that I may see
] as const;
export type Channel = (typeof channels)[number];

/**
 * Subscribe names a channel. With Epoch and Seq of the last message seen, the server sends what was missed, or a
 * fresh snapshot.
 */
export interface Subscribe {
  ch: Channel;
  epoch?: string;
  seq?: number;
}

/** Station chooses what the agent speaks through. */
export interface Station {
  kind: StationKind;
  extension?: string;
  number?: string;
}

/** State chooses what comes next. */
export interface State {
  state: ChosenState;
  /** of a pause */
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

/** Transfer hands a call over, without a word to who gets it. */
export interface Transfer {
  call: string;
  /** queue:support, agent:ben, extension:1002, flow:main, or a number as it is dialled */
  to: string;
  /** to a queue: it stands there as if it had waited since it first did */
  keep_wait?: boolean;
}

/** Consult asks somebody beside the call, while the far party hears music. */
export interface Consult {
  call: string;
  /** agent:ben, extension:1002, or a number as it is dialled */
  to: string;
}

/** Slot is where a call is parked. */
export interface Slot {
  /** 1…99 */
  slot: number;
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

/** Urgency is how soon a ticket is to be seen to. */
export const urgencies = [
  'normal',
  'urgent',
  'very_urgent',
] as const;
export type Urgency = (typeof urgencies)[number];

/** TicketDraft is a ticket to be opened from a call. It is the call's customer's. */
export interface TicketDraft {
  call: string;
  kind: string;
  subject: string;
  text: string;
  urgency?: Urgency;
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
  t: 'hello';
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
  /** as the user chose; empty: the browser's */
  language: string;
}

/** Ack answers a command when it is done, or refused. */
export interface Ack {
  t: 'ack';
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
  code: ErrorCode;
  params?: Record<string, string>;
  detail?: string;
}

/** Snap is a channel's whole state: Desk or Board is set, by channel. */
export interface Snap {
  t: 'snap';
  ch: Channel;
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
  t: 'd';
  ch: Channel;
  seq: number;
  now: number;
  /** as in Snap */
  journal?: number;
  desk?: Desk;
  board?: BoardRows;
}

/** Site says that something of the site was published: pages read GET /site again, which has it already. */
export interface Site {
  t: 'site';
}

/** BoardRows are rows of the board, all of them in a snapshot, the changed ones in a delta. */
export interface BoardRows {
  queues?: QueueRow[];
  agents?: AgentRow[];
  /** "queue:support", "agent:amy" */
  gone?: string[];
  /** Totals are of all the queues of this board; in a delta they are there if they changed. */
  totals?: BoardTotals;
}

/** BoardTotals is what cannot be had by adding rows up. */
export interface BoardTotals {
  /** 0…1, of all calls of these queues today; null: nothing to divide by */
  service_level: number | null;
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
  status: AgentStatus;
  since: number;
  reason?: string;
  chosen: ChosenState;
  chosen_reason?: string;
  station_kind?: StationKind;
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

/** LegState is how the browser's leg is, as the server sees it. */
export const legStates = [
  'none', // the station is no browser
  'connecting',
  'up',
  'down',
] as const;
export type LegState = (typeof legStates)[number];

/** Desk is all that one agent's page shows of the moment. */
export interface Desk {
  agent: AgentRow;
  /** end of wrap-up, epoch ms */
  until?: number;
  /** of the browser's leg */
  link: LegState;
  offer?: Offer;
  /** in progress, or in wrap-up */
  call?: Call;
  /** the agent's own */
  queues: QueueRow[];
  /** the agent's last calls, newest first, at most 10 */
  recent: CallItem[];
  /** Unfinished are wrap-ups that time ended: they wait for their disposition. */
  unfinished: CallItem[];
  /** Parked are the calls that anybody of the site may take up, by their slots. They follow within a second. */
  parked: ParkedCall[];
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
  /**
   * Why this agent: "transferred" and "consult" by the colleague By; "returned": nobody took what the agent had handed
   * over. Empty: a queue's ordinary offer.
   */
  why?: OfferWhy;
  by?: string;
}

/** OfferWhy says why a call is offered to this agent and no other. */
export const offerWhies = [
  'transferred',
  'consult',
  'returned',
] as const;
export type OfferWhy = (typeof offerWhies)[number];

/** Asks is somebody who is asked beside a call. */
export interface Asks {
  /** the agent who asks */
  by: string;
  /** as it was wished: "agent:ben", "extension:1002", or a number */
  to: string;
  /** of ours, who is asked */
  agent?: string;
  /** epoch ms */
  since: number;
  /** has answered */
  joined: boolean;
  /** the two speak, and the customer waits; else the customer is spoken with */
  beside: boolean;
}

/** ParkedCall is a call in its slot. */
export interface ParkedCall {
  slot: number;
  call: string;
  /** the agent who parked it */
  by: string;
  /** epoch ms */
  since: number;
  /** when it goes back */
  until: number;
  from: Party;
  /** where it came from */
  queue?: string;
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

/** PhoneKind is where a customer's number rings. */
export const phoneKinds = [
  'mobile',
  'work',
  'home',
  'other',
] as const;
export type PhoneKind = (typeof phoneKinds)[number];

/** Phone is one of a customer's numbers. */
export interface Phone {
  kind: PhoneKind;
  number: string;
  e164?: string;
  primary: boolean;
}

/** CallItem is a line of a history. */
export interface CallItem {
  id: string;
  direction: Direction;
  number: string;
  customer?: string;
  name?: string;
  queue?: string;
  agent?: string;
  arrived_at: number;
  talk_ms: number;
  cause?: Cause;
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
  urgency?: Urgency;
  owner?: string;
  due_at?: number;
  created_at: number;
  /** where the caller's message can be heard, for who may */
  recording?: string;
}

/** CallState is how far the agent's call is, as the agent sees it. */
export const callStates = [
  'calling_you', // the phone of who placed the call, or of a colleague who is called
  'calling_customer', // the number that was dialled
  'calling_colleague', // the extension that was dialled
  'unreached', // a number that does not answer: see the cause
  'ringing',
  'talking',
  'held',
  'consulting', // asks somebody beside the call, or is asked: see Asks
  'wrap_up',
  'ended',
] as const;
export type CallState = (typeof callStates)[number];

/** Call is the call that the agent is on, or wraps up. */
export interface Call {
  id: string;
  direction: Direction;
  state: CallState;
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
  end_cause?: Cause;
  path: string[];
  pop?: Pop;
  disposition: string;
  notes: string;
  /** opened from this call */
  tickets: TicketItem[];
  asks?: Asks;
  /** TransferredTo is where the agent has handed it over to: it may go on with others. */
  transferred_to?: string;
}

/** StationKind tells what an agent speaks through. */
export const stationKinds = [
  'sip', // a registered SIP phone
  'webrtc', // the browser of the desk
  'pstn', // any number, dialled through a trunk
  'static', // a fixed SIP address, taken as up
] as const;
export type StationKind = (typeof stationKinds)[number];

/** ChosenState is what the agent wants; what the agent gets is [AgentStatus]. */
export const chosenStates = [
  'ready',
  'paused',
  'off', // ends the shift
] as const;
export type ChosenState = (typeof chosenStates)[number];

/** AgentStatus is what an agent is doing, as the ACD sees it. */
export const agentStatuses = [
  'off', // not signed in
  'ready', // idle, waiting for a call
  'paused', // see the reason
  'unreachable', // chose ready, but phone or link is gone
  'offered', // an offer is out, the station rings
  'talking', // on a queue call
  'wrap_up',
  'busy', // on a call outside queues
] as const;
export type AgentStatus = (typeof agentStatuses)[number];

/** Direction tells who began a call. */
export const directions = [
  'inbound', // a trunk brought it
  'outbound', // an agent placed it, out through a trunk
  'internal', // extension to extension
] as const;
export type Direction = (typeof directions)[number];

/** Cause says why a call ended. A closed set; clients translate it. */
export const causes = [
  'hangup', // somebody hung up after an answer
  'abandoned', // the caller left while waiting in a queue or while the agent rang
  'left_menu', // the caller left while in a flow
  'flow_ended', // the flow came to its hang-up node
  'voicemail', // a message was left
  'busy', // outbound: 486/600
  'no_answer', // outbound: rang out, 408/480
  'rejected', // outbound: 403/603 and the like
  'unreachable', // outbound: 404, 5xx, no route
  'cancelled', // outbound: the agent gave up before an answer
  'agent_no_answer', // outbound: the agent's own phone was not answered
  'transferred', // of a leg: its agent handed the call over
  'lost', // the leg's network went away
  'server restarted', // found open when the server came up again
  'server_stopped', // ended by an orderly stop
  'failed', // our fault; the log line has the reason
] as const;
export type Cause = (typeof causes)[number];

/** of a ticket: one line */
export const MaxSubject = 300;

/** of a ticket */
export const MaxText = 20000;

/** of a wrap-up, and of a customer */
export const MaxNotes = 20000;

export const MaxDigits = 32;

/** Commands gives each command's body, and the result that its ack carries. */
export interface Commands {
  subscribe: { body: Subscribe; result: undefined };
  unsubscribe: { body: Subscribe; result: undefined };
  take_over: { body: undefined; result: undefined };
  station: { body: Station; result: undefined };
  state: { body: State; result: undefined };
  'rtc.offer': { body: RTCOffer; result: RTCAnswer };
  answer: { body: OfferRef; result: undefined };
  decline: { body: OfferRef; result: undefined };
  hold: { body: CallRef; result: undefined };
  resume: { body: CallRef; result: undefined };
  mute: { body: Mute; result: undefined };
  dtmf: { body: DTMF; result: undefined };
  hangup: { body: CallRef; result: undefined };
  transfer: { body: Transfer; result: undefined };
  consult: { body: Consult; result: undefined };
  swap: { body: CallRef; result: undefined };
  complete: { body: CallRef; result: undefined };
  cancel: { body: CallRef; result: undefined };
  park: { body: CallRef; result: Slot };
  take: { body: Slot; result: undefined };
  dial: { body: Dial; result: CallRef };
  'wrapup.save': { body: WrapUp; result: undefined };
  'wrapup.finish': { body: WrapUp; result: undefined };
  identify: { body: Identify; result: undefined };
  'ticket.open': { body: TicketDraft; result: TicketRef };
  quality: { body: LinkQuality; result: undefined };
  ping: { body: undefined; result: undefined };
}
export type CommandName = keyof Commands;

/** What the server sends; t tells which it is. */
export type ServerMessage = Hello | Ack | Snap | Delta | Site;
