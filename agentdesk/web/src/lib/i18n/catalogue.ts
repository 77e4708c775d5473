import type { en } from './en';

/** A text; where English needs it, one for a single thing and one for several. Places look like {this}. */
export type Message = string | { readonly one: string; readonly other: string };

/** The texts of a language. English defines which there are; the compiler misses what others lack. */
export type Catalogue = Readonly<Record<Key, Message>>;
export type Key = keyof typeof en;
