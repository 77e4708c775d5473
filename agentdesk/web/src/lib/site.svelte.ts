import { api, type Named, type Read, type Site } from './api';
import { setTimeZone } from './format';
import { tName } from './i18n/i18n.svelte';

/** The groups of named things that a page asks for by ID. */
export type NamedGroup = 'queues' | 'pause_reasons' | 'dispositions' | 'ticket_kinds';

/** SiteNames is what a page knows of the site: it gives names to IDs, in the user's language. */
export class SiteNames {
  site = $state.raw<Site | null>(null);
  private turn = 0;
  private read: Read<Site> | null = null;

  /**
   * Reads the site; again when something was published, which need not concern what pages see of it. What was asked for
   * last counts.
   */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const read = await api.site(this.read);
      if (turn !== this.turn || read === this.read) return; // asked again meanwhile: that answer is newer; or nothing new
      this.read = read;
      setTimeZone(read.value.timezone);
      this.site = read.value;
    } catch {
      // Without it IDs are shown in place of names; the next greeting tries again.
    }
  }

  name(of: NamedGroup, id: string | undefined): string {
    if (!id) return '';
    const named: Named | undefined = this.site?.[of].find((n) => n.id === id);
    return tName(named?.name, id);
  }

  /** The name of an agent or a user, as far as the site knows one. */
  person(id: string | undefined): string {
    if (!id) return '';
    const known =
      this.site?.agents.find((a) => a.id === id || a.user === id) ??
      this.site?.people.find((u) => u.id === id);
    return tName(known?.name, id);
  }

  /** The name of the agent with an extension; "" if it is nobody's. */
  colleague(extension: string): string {
    if (!extension) return '';
    return tName(this.site?.agents.find((agent) => agent.extension === extension)?.name);
  }
}
