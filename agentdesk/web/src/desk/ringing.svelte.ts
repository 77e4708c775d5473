import { clock } from '../lib/clock.svelte';
import { t } from '../lib/i18n/i18n.svelte';
import { prefs } from '../lib/prefs.svelte';
import type { Offer } from '../lib/proto.gen';
import { announce, hush } from '../lib/ui/announce.svelte';
import { partyName } from './names';
import { RingAlert } from './ring-alert';
import type { Session } from './session.svelte';
import type { Shift } from './shift.svelte';

/** Ringing are the calls that ring here, what makes them noticed, and the two answers to one. */
export class Ringing {
  private readonly alert: RingAlert;
  private known = '';

  constructor(
    private readonly session: Session,
    private readonly shift: Shift,
  ) {
    this.alert = new RingAlert(shift.ringer);
  }

  /** All of them, the one to be answered first at the head. */
  get all(): Offer[] {
    const offer = this.session.desk?.offer;
    return offer ? [offer] : [];
  }

  get first(): Offer | null {
    return this.all[0] ?? null;
  }

  get canAnswer(): boolean {
    return (
      this.session.online &&
      this.shift.browserStation &&
      this.first !== null &&
      !this.session.pending['answer']
    );
  }

  who(offer: Offer): string {
    const known = offer.pop?.customer?.name || this.session.names.colleague(offer.from.number);
    return partyName(offer.from, known);
  }

  answer(): void {
    const offer = this.first;
    if (!offer || !this.canAnswer) return;
    this.quiet();
    this.shift.phone.pass(true); // the first word must not be lost to the way of the news that we are connected
    void this.session.run('answer', () =>
      this.session.ask('answer', { offer: offer.id }, { timeout: until(offer) }),
    );
  }

  decline(): void {
    const offer = this.first;
    if (!offer || !this.session.online) return;
    this.quiet();
    void this.session.run('decline', () =>
      this.session.ask('decline', { offer: offer.id }, { timeout: until(offer) }),
    );
  }

  /** Ends whatever makes a ring noticed. */
  quiet(): void {
    this.alert.stop();
    hush();
  }

  /** A new desk is shown. */
  follow(): void {
    const offer = this.first;
    if ((offer?.id ?? '') === this.known) return;
    const had = this.known !== '';
    this.known = offer?.id ?? '';
    if (!offer) {
      this.quiet();
      if (had && !this.session.desk?.call) announce(t('offer.gone'));
      return;
    }
    const { ringer, browserStation } = this.shift;
    ringer.volume = prefs.ringVolume;
    void ringer.use(prefs.ringer);
    const who = this.who(offer);
    const about = offer.why
      ? t(`offer.why_${offer.why}`, { name: this.session.names.person(offer.by) })
      : t('offer.queue', { queue: this.session.names.name('queues', offer.queue) });
    this.alert.start(who, about, browserStation);
    announce(t(browserStation ? 'offer.announce' : 'offer.announce_phone', { who, about }), 'assertive');
  }
}

/** How long an answer to an offer makes sense, ms. */
function until(offer: Offer): number {
  return Math.max(1000, offer.until - clock.read());
}
