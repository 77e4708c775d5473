import type { Desk, Me, Pop } from '../lib/proto.gen';
import type { SiteNames } from '../lib/site.svelte';
import { Calls } from './calls.svelte';
import { CallForm } from './form.svelte';
import { Ringing } from './ringing.svelte';
import { Session } from './session.svelte';
import { Shift } from './shift.svelte';

/**
 * DeskStore is all that the desk page knows and does, by its parts. The server's [Desk] is the truth about calls and
 * states; what is here besides it is the link, the sound, and what was typed.
 */
export class DeskStore {
  readonly session: Session;
  readonly shift: Shift;
  readonly calls: Calls;
  readonly ringing: Ringing;
  readonly form: CallForm;

  constructor(me: Me) {
    this.session = new Session(me, {
      greeted: (hello, restarted) => {
        this.shift.greeted(hello.desk_elsewhere, restarted);
        this.form.wrapUp.flush();
        this.calls.greeted();
      },
      shown: (desk) => {
        this.show(desk);
      },
      lost: () => {
        this.ringing.quiet();
        this.shift.phone.stop();
      },
      owned: () => this.shift.owned(),
      done: () => {
        this.calls.passMicrophone();
      },
    });
    this.shift = new Shift(this.session, () => this.calls.live !== null);
    this.calls = new Calls(this.session, this.shift, () => this.session.pending['answer'] === true);
    this.ringing = new Ringing(this.session, this.shift);
    this.form = new CallForm(this.session, this.calls);
  }

  /** Begins. The returned function ends all of it. */
  open(): () => void {
    const endShift = this.shift.open();
    const endSession = this.session.open();
    const leaving = () => {
      this.form.wrapUp.flush();
    };
    window.addEventListener('pagehide', leaving);
    return () => {
      window.removeEventListener('pagehide', leaving);
      this.ringing.quiet();
      endSession();
      endShift();
    };
  }

  get desk(): Desk | null {
    return this.session.desk;
  }

  get names(): SiteNames {
    return this.session.names;
  }

  /** Whose record is to be on screen. */
  get pop(): Pop | null {
    return this.ringing.first?.pop ?? this.calls.current?.pop ?? null;
  }

  /** Ends the session on this browser; the shift ends with it. */
  async signOut(): Promise<void> {
    this.form.wrapUp.flush();
    await this.session.run('sign_out', async () => {
      await this.shift.end();
      await this.session.signOut();
    });
  }

  private show(desk: Desk): void {
    const first = this.session.desk === null;
    const wasOn = this.shift.on;
    const before = this.calls.live;
    this.session.desk = desk;
    this.ringing.follow();
    this.calls.follow(before);
    this.shift.follow(desk, first, wasOn);
    this.calls.passMicrophone();
    this.form.follow();
  }
}
