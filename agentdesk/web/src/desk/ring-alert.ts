import { t } from '../lib/i18n/i18n.svelte';
import type { Ringer } from '../lib/softphone/ringer';

/**
 * RingAlert makes an offer noticed by somebody who looks elsewhere: ring tone, title, icon, notification.
 * Whatever began is over with [RingAlert.stop]: a ring that outlives its offer is worse than none.
 */
export class RingAlert {
  private title = document.title;
  private flasher: ReturnType<typeof setInterval> | undefined;
  private notification: Notification | null = null;

  constructor(private readonly ringer: Ringer) {}

  /** Begins. `sound` is false where a phone on the desk rings by itself. */
  start(who: string, about: string, sound: boolean): void {
    this.stop();
    if (sound) this.ringer.start();
    this.title = document.title;
    const ringing = t('offer.title_flash', { who });
    let on = true;
    document.title = ringing;
    this.flasher = setInterval(() => {
      on = !on;
      document.title = on ? ringing : this.title;
    }, 1000);
    icon('/favicon-ring.svg');
    this.notify(who, about);
  }

  stop(): void {
    this.ringer.stop();
    if (this.flasher === undefined) return;
    clearInterval(this.flasher);
    this.flasher = undefined;
    document.title = this.title;
    icon('/favicon.svg');
    this.notification?.close();
    this.notification = null;
  }

  private notify(who: string, about: string): void {
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    if (document.visibilityState === 'visible' && document.hasFocus()) return;
    try {
      this.notification = new Notification(t('offer.notification', { who }), {
        body: about,
        tag: 'linedesk-offer',
        requireInteraction: true,
      });
      this.notification.onclick = () => {
        window.focus();
      };
    } catch {
      // Some browsers notify from service workers only.
    }
  }
}

function icon(href: string): void {
  document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.setAttribute('href', href);
}
