import { read, write } from '../lib/storage';

const name = 'linedesk.desk';

/**
 * DeskLock tells the tabs of one browser apart: the one that holds it has the desk. The server has the last
 * word on who has the desk; the lock only lets a reloaded page know that the "other page" was itself.
 */
export class DeskLock {
  private letGo: (() => void) | null = null;

  /** This tab had the desk before it was reloaded, or has it. */
  get hadIt(): boolean {
    return read<boolean>(name, 'session') === true;
  }

  /** Takes the lock, by force if need be. True where the browser has no locks (plain http). */
  async take(force: boolean): Promise<boolean> {
    if (this.letGo) return true;
    if (!('locks' in navigator)) {
      write(name, true, 'session');
      return true;
    }
    const got = await new Promise<boolean>((resolve) => {
      const hold = (lock: Lock | null) => {
        resolve(lock !== null);
        if (!lock) return undefined;
        return new Promise<void>((letGo) => {
          this.letGo = letGo;
        });
      };
      navigator.locks.request(name, force ? { steal: true } : { ifAvailable: true }, hold).catch(() => {
        this.letGo = null; // another tab took it by force
        resolve(false);
      });
    });
    if (got) write(name, true, 'session');
    return got;
  }

  release(): void {
    write(name, undefined, 'session');
    this.letGo?.();
    this.letGo = null;
  }
}
