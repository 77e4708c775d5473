import type { Me } from './proto.gen';

/** Where the pages are. */
export const pages = { signIn: '/', desk: '/desk', board: '/board' } as const;

export type Page = Exclude<keyof typeof pages, 'signIn'>;

/** Whether somebody may do something with something, to whatever extent: rights are "verb:object:scope". */
export function can(me: Me, verb: string, object: string): boolean {
  return (me.rights ?? []).some((right) => {
    const [v, o] = right.split(':');
    return v === verb && o === object;
  });
}

/** The pages that are of use to somebody; the first is where they start. */
export function pagesOf(me: Me): Page[] {
  const found: Page[] = [];
  if (me.agent && can(me, 'use', 'desk')) found.push('desk');
  if (can(me, 'read', 'board')) found.push('board');
  return found;
}

/** Goes to the sign-in page, which comes back here afterwards. */
export function toSignIn(from: Page): void {
  location.replace(`${pages.signIn}?next=${from}`);
}
