import type { Catalogue, Key, Message } from './catalogue';
import { en } from './en';
import { zhCN } from './zh-CN';

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

export type { Key } from './catalogue';

type Text<K extends Key> = (typeof en)[K] extends string
  ? (typeof en)[K]
  : (typeof en)[K] extends { readonly other: infer S extends string }
    ? S
    : never;
type Places<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | Places<Rest> : never;
type Args<K extends Key> = [Places<Text<K>>] extends [never]
  ? []
  : [places: Record<Places<Text<K>>, string | number>];

const catalogues: Record<Language, Catalogue> = { en, 'zh-CN': zhCN };

class I18n {
  language = $state<Language>('en');

  use(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();

export function isLanguage(tag: string | null | undefined): tag is Language {
  return languages.includes(tag as Language);
}

/** The first of the browser's languages that we have. */
export function browserLanguage(): Language {
  for (const tag of navigator.languages) {
    if (isLanguage(tag)) return tag;
    if (tag.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

/** The text in the language of the moment. Where it has a number {n}, that chooses between one and several. */
export function t<K extends Key>(key: K, ...args: Args<K>): string {
  return fill(catalogues[i18n.language][key], args[0] ?? {});
}

/** A text for one of the server's codes, such as "cause" + "abandoned"; the code itself if it is a new one. */
export function tCode(group: string, code: string, places: Record<string, string | number> = {}): string {
  const key = `${group}.${code.replaceAll(' ', '_')}`;
  return key in en ? fill(catalogues[i18n.language][key as Key], places) : code;
}

/** Whether the catalogues know a code. */
export function hasCode(group: string, code: string): boolean {
  return `${group}.${code}` in en;
}

/** A name that the site gives in several languages. */
export function tName(name: Record<string, string> | undefined | null, otherwise = ''): string {
  if (!name) return otherwise;
  return name[i18n.language] ?? name['en'] ?? Object.values(name)[0] ?? otherwise;
}

// eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache, nothing that is shown
const plurals = new Map<Language, Intl.PluralRules>();

function fill(message: Message, places: Record<string, string | number>): string {
  let text: string;
  if (typeof message === 'string') {
    text = message;
  } else {
    let rules = plurals.get(i18n.language);
    if (!rules) plurals.set(i18n.language, (rules = new Intl.PluralRules(i18n.language)));
    text = rules.select(Number(places['n'])) === 'one' ? message.one : message.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}
