import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { zhCN } from '../src/lib/i18n/zh-CN';
import {
  agentStatuses,
  callStates,
  causes,
  directions,
  errorCodes,
  phoneKinds,
  urgencies,
} from '../src/lib/proto.gen';

// The protocol's closed sets, as Go has them, by the group of their texts.
const sets = {
  status: agentStatuses,
  call_state: callStates,
  cause: causes,
  direction: directions,
  phone_kind: phoneKinds,
  urgency: urgencies,
  error: errorCodes,
} as const;

describe.each(Object.entries(sets))('each %s', (group, members) => {
  it.each([
    ['English', en],
    ['Chinese', zhCN],
  ])('has a text in %s', (_language, catalogue) => {
    const missing = members.filter((code) => !(`${group}.${code.replaceAll(' ', '_')}` in catalogue));
    expect(missing).toEqual([]);
  });
});
