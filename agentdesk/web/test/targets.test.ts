import { describe, expect, it } from 'vitest';
import type { Directory } from '../src/lib/api';
import { find, targets } from '../src/desk/targets';

const directory: Directory = {
  agents: [
    { id: 'amy', name: { en: 'Amy', 'zh-CN': '陈艾米' }, extension: '1001', status: 'talking' },
    { id: 'ben', name: { en: 'Ben', 'zh-CN': '林本' }, extension: '1002', status: 'talking' },
    { id: 'chen', name: { en: 'Chen', 'zh-CN': '陈晨' }, extension: '1003', status: 'ready' },
    { id: 'dan', name: { en: 'Dan', 'zh-CN': '邓丹' }, extension: '1004', status: 'off' },
  ],
  queues: [{ id: 'support', names: { en: 'Support', 'zh-CN': '客服' }, waiting: 2, ready: 1 }],
  numbers: [{ number: '4001', names: { en: 'Support line', 'zh-CN': '客服热线' } }],
};
const all = (language: string) => targets(directory, 'amy', (names, id) => names?.[language] ?? id);
const found = (typed: string, language = 'en') => find(all(language), typed).map((target) => target.to);

describe('whom a call can be handed over to', () => {
  it('puts those first who can be had, and leaves out who looks', () => {
    expect(found('')).toEqual(['agent:chen', 'queue:support', '4001', 'agent:ben', 'agent:dan']);
    expect(
      all('en')
        .filter((target) => target.blocked)
        .map((target) => target.to),
    ).toEqual(['agent:ben', 'agent:dan']);
  });

  it('finds by name in any language, by ID, extension and number', () => {
    expect(found('BEN')).toEqual(['agent:ben']);
    expect(found('晨', 'zh-CN')).toEqual(['agent:chen']);
    expect(found('晨')).toEqual(['agent:chen']);
    expect(found('chen', 'zh-CN')).toEqual(['agent:chen']);
    expect(found('agent')).toEqual([]);
    expect(found('客服', 'zh-CN')).toEqual(['queue:support', '4001']);
    expect(found('1003')).toEqual(['agent:chen']);
    expect(found('4001')).toEqual(['4001']);
  });

  it('takes a number that was typed, as it would be dialled', () => {
    expect(found('138 0000-0001')).toEqual(['13800000001']);
    expect(found('+86 138 0000 0001')).toEqual(['+8613800000001']);
    expect(found('１３８００００')).toEqual(['1380000']);
    expect(found('12')).toEqual([]);
    expect(found('nobody')).toEqual([]);
  });
});
