import type {
  CallRef,
  Dial,
  DTMF,
  Identify,
  LinkQuality,
  Mute,
  OfferRef,
  RTCAnswer,
  RTCOffer,
  State,
  Station,
  Subscribe,
  TicketDraft,
  TicketRef,
  WrapUp,
} from '../proto.gen';

/** Every command of the protocol: what goes with it, and what its ack brings back. */
export interface Commands {
  subscribe: { body: Subscribe; result: unknown };
  unsubscribe: { body: Subscribe; result: unknown };
  take_over: { body: undefined; result: unknown };
  station: { body: Station; result: unknown };
  state: { body: State; result: unknown };
  'rtc.offer': { body: RTCOffer; result: RTCAnswer };
  answer: { body: OfferRef; result: unknown };
  decline: { body: OfferRef; result: unknown };
  hold: { body: CallRef; result: unknown };
  resume: { body: CallRef; result: unknown };
  mute: { body: Mute; result: unknown };
  dtmf: { body: DTMF; result: unknown };
  hangup: { body: CallRef; result: unknown };
  dial: { body: Dial; result: CallRef };
  'wrapup.save': { body: WrapUp; result: unknown };
  'wrapup.finish': { body: WrapUp; result: unknown };
  identify: { body: Identify; result: unknown };
  'ticket.open': { body: TicketDraft; result: TicketRef };
  quality: { body: LinkQuality; result: unknown };
  ping: { body: undefined; result: unknown };
}

export type CommandName = keyof Commands;

/**
 * A command that was not carried out. The code is for the catalogue ("error.<code>"). Codes of our own:
 * "timeout" (no ack within the deadline, however often the link came back) and "closed" (the link was
 * closed for good).
 */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    readonly params: Record<string, string> = {},
    detail = code,
  ) {
    super(detail);
    this.name = 'CommandError';
  }
}
