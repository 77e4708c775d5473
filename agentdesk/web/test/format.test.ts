import { afterEach, expect, it } from 'vitest';
import {
  dayOf,
  duration,
  fromLocalInput,
  moment,
  percent,
  setTimeZone,
  time,
  toLocalInput,
} from '../src/lib/format';
import { i18n } from '../src/lib/i18n/i18n.svelte';

afterEach(() => {
  i18n.use('en');
  setTimeZone('Asia/Shanghai');
});

it.each([
  [-5, '0:00'],
  [999, '0:00'],
  [41_900, '0:41'],
  [725_000, '12:05'],
  [3_723_000, '1:02:03'],
  [90_061_000, '25:01:01'],
])('shows %i ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('shows times in the site’s time zone, not the browser’s', () => {
  setTimeZone('Asia/Shanghai');
  const at = Date.UTC(2026, 10, 21, 16, 30); // half past midnight of the 22nd in Shanghai
  expect(time(at)).toBe('00:30');
  expect(dayOf(at)).toBe('2026-11-22');
  expect(moment(at, Date.UTC(2026, 10, 22, 3))).toBe('00:30');
  expect(moment(at, Date.UTC(2026, 10, 23, 3))).toContain('22');
  expect(moment(at, Date.UTC(2027, 0, 2))).toContain('2026');
});

it.each(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])(
  'reads back the promise that it wrote, in %s',
  (zone) => {
    setTimeZone(zone);
    for (let hour = 0; hour < 24 * 366; hour += 7) {
      const at = Date.UTC(2026, 0, 1) + hour * 3600_000;
      // The hour that a change of the clocks repeats has two moments of one name.
      const back = fromLocalInput(toLocalInput(at)) ?? 0;
      expect(toLocalInput(back)).toBe(toLocalInput(at));
      expect(Math.abs(back - at)).toBeLessThanOrEqual(3600_000);
    }
  },
);

it('takes what is no time for none', () => {
  expect(fromLocalInput('')).toBeNull();
  expect(fromLocalInput('tomorrow')).toBeNull();
});

it('survives a time zone that the browser does not know', () => {
  setTimeZone('Mars/Olympus');
  expect(time(0)).toMatch(/^\d\d:\d\d$/);
});

it('shows shares as percentages', () => {
  expect(percent(0.706)).toBe('71%');
});
