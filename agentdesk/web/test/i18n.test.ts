import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../src/lib/i18n/catalogue';
import { en } from '../src/lib/i18n/en';
import { i18n, t, tCode, tName, type Key } from '../src/lib/i18n/i18n.svelte';
import { zhCN } from '../src/lib/i18n/zh-CN';

const root = join(import.meta.dirname, '..');

function texts(message: Message): string[] {
  return typeof message === 'string' ? [message] : [message.one, message.other];
}

function places(message: Message): string[] {
  return [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
}

beforeEach(() => {
  i18n.use('en');
});

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(zhCN).sort()).toEqual(Object.keys(en).sort());
  });

  it('have the same places in each text, and no empty text', () => {
    for (const key of Object.keys(en) as Key[]) {
      expect({ key, places: places(zhCN[key]) }).toEqual({ key, places: places(en[key]) });
      for (const text of [...texts(en[key]), ...texts(zhCN[key])]) {
        expect(text.trim(), key).not.toBe('');
      }
    }
  });

  it('are all used, and hold all that is used', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('i18n'))
      .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
      .join('\n');
    const groups = [
      ...sources.matchAll(/(?:tCode|hasCode)\(\s*'(\w+)'/g),
      ...sources.matchAll(/t\(`(\w+)\./g),
    ].map((match) => match[1]);
    for (const key of Object.keys(en)) {
      const used = sources.includes(`'${key}'`) || groups.includes(key.split('.')[0]);
      expect(used, `${key} is not used`).toBe(true);
    }
    for (const [, key] of sources.matchAll(/\bt\(\s*'([^']+)'/g)) {
      expect(Object.keys(en), `${key ?? ''} is missing`).toContain(key);
    }
  });
});

describe('the server’s codes', () => {
  const go = (path: string) => readFileSync(join(root, '../..', path), 'utf8');
  const valuesOf = (source: string, type: string) =>
    [...source.matchAll(new RegExp(`\\b${type}\\s+= "([^"]+)"`, 'g'))].map((match) => match[1] ?? '');

  it('have a text: causes, statuses, directions', () => {
    const causes = valuesOf(go('call/ended.go'), 'Cause');
    const statuses = valuesOf(go('call/event.go'), 'AgentStatus');
    expect(causes.length).toBeGreaterThan(10);
    expect(statuses.length).toBeGreaterThan(5);
    for (const [group, codes] of [
      ['cause', causes],
      ['status', statuses],
    ] as const) {
      for (const code of codes) expect(en, code).toHaveProperty([`${group}.${code.replaceAll(' ', '_')}`]);
    }
  });

  it('have a text: what the switchboard refuses', () => {
    const folder = join(root, '../../switchboard');
    const codes = new Set(
      readdirSync(folder)
        .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
        .flatMap((name) =>
          [...readFileSync(join(folder, name), 'utf8').matchAll(/\brefuse\(\d+, "([a-z_]+)"/g)].map(
            (m) => m[1] ?? '',
          ),
        ),
    );
    for (const code of codes) expect(en, code).toHaveProperty([`error.${code}`]);
  });
});

describe('texts', () => {
  it('fill their places and choose between one and several', () => {
    expect(t('offer.waited', { time: '0:41' })).toBe('waited 0:41');
    expect(t('status_bar.calls', { n: 1 })).toBe('Today 1 call');
    expect(t('status_bar.calls', { n: 0 })).toBe('Today 0 calls');
    i18n.use('zh-CN');
    expect(t('status_bar.calls', { n: 1 })).toBe('今日 1 通');
  });

  it('do not take what a caller calls himself for a place', () => {
    expect(t('offer.notification', { who: '{who} $& {time}' })).toBe('Call from {who} $& {time}');
  });

  it('change with the language at once, and tell the document', () => {
    expect(t('offer.answer')).toBe('Answer');
    i18n.use('zh-CN');
    expect(t('offer.answer')).toBe('接听');
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('show a code that they do not know as it is', () => {
    expect(tCode('cause', 'server restarted')).toBe('Server restarted');
    expect(tCode('cause', 'eaten_by_dog')).toBe('eaten_by_dog');
  });

  it('name things in the language, else in English, else in any, else by ID', () => {
    i18n.use('zh-CN');
    expect(tName({ en: 'Sales', 'zh-CN': '销售' }, 'sales')).toBe('销售');
    expect(tName({ en: 'Sales' }, 'sales')).toBe('Sales');
    expect(tName({ de: 'Verkauf' }, 'sales')).toBe('Verkauf');
    expect(tName(undefined, 'sales')).toBe('sales');
  });
});
