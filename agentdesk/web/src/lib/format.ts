import { i18n } from './i18n/i18n.svelte';

/** A length of time as 0:41, 12:05 or 1:02:03. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const s = String(seconds % 60).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)}:${s}`;
  return `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, '0')}:${s}`;
}

/** The same for the datetime attribute of <time> (ISO 8601). */
export function isoDuration(ms: number): string {
  return `PT${String(Math.max(0, Math.floor(ms / 1000)))}S`;
}

/** A share 0…1 as a percentage without decimals. */
export function percent(share: number): string {
  return formatter('percent', { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

export function number(value: number): string {
  return formatter('number', {}).format(value);
}

let zone: string | undefined;

/** Shows times in the site's time zone from now on, wherever the browser is. */
export function setTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    zone = timeZone;
  } catch {
    zone = undefined; // a name that this browser doesn't know: its own zone is the next best
  }
  dates.clear();
}

export function timeZone(): string | undefined {
  return zone;
}

/** Hours and minutes. */
export function time(at: number): string {
  return date('time', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** Hours, minutes and seconds. */
export function clockTime(at: number): string {
  return date('clock', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    at,
  );
}

/** A day and its time; the time alone if it is today, without the year if it is this year. */
export function moment(at: number, now: number): string {
  const day = dayOf(at);
  if (day === dayOf(now)) return time(at);
  if (day.slice(0, 4) === dayOf(now).slice(0, 4)) {
    return date('day', {
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(at);
  }
  return date('full', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

/** The site's calendar day of a moment, as 2026-11-22. */
export function dayOf(at: number): string {
  const parts = wallClock(at);
  return `${String(parts.year)}-${two(parts.month)}-${two(parts.day)}`;
}

/** A moment as the value of an <input type="datetime-local">, in the site's time zone. */
export function toLocalInput(at: number): string {
  const p = wallClock(at);
  return `${String(p.year)}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}`;
}

/** The moment that an <input type="datetime-local"> means in the site's time zone; null if it is empty or no time. */
export function fromLocalInput(value: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(value);
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  // Twice: the first guess may lie on the other side of a change of the clocks.
  let at = wanted - zoneOffset(wanted);
  at = wanted - zoneOffset(at);
  return at;
}

function zoneOffset(at: number): number {
  const p = wallClock(at);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - Math.floor(at / 1000) * 1000;
}

interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function wallClock(at: number): WallClock {
  const parts = date(
    'wall',
    {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    },
    'en-US',
  ).formatToParts(at);
  const of = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return {
    year: of('year'),
    month: of('month'),
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    second: of('second'),
  };
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

// Making a formatter costs far more than using one.
const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

function date(name: string, options: Intl.DateTimeFormatOptions, language?: string): Intl.DateTimeFormat {
  const lang = language ?? i18n.language;
  const key = `${name} ${lang}`;
  let format = dates.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(lang, zone ? { ...options, timeZone: zone } : options);
    dates.set(key, format);
  }
  return format;
}

function formatter(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${name} ${i18n.language}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(i18n.language, options);
    numbers.set(key, format);
  }
  return format;
}
