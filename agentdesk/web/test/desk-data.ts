import type { Call, CallItem, Customer, Desk, Offer, Pop } from '../src/lib/proto.gen';

// What a server says of a desk, as little as there must be.

export const customer = (id: string, name: string): Customer => ({ id, name, tags: [], phones: [] });

export const pop = (first: Customer | null, ...others: Customer[]): Pop => ({
  customer: first,
  calls: [],
  tickets: [],
  others,
  pending: false,
});

export const call = (over: Partial<Call> = {}): Call => ({
  id: 'c1',
  direction: 'inbound',
  state: 'talking',
  queue: 'sales',
  from: { number: '138 0000 0001' },
  to: { number: '4000' },
  since: 0,
  waited_ms: 0,
  hold_ms: 0,
  muted: false,
  path: [],
  disposition: '',
  notes: '',
  tickets: [],
  pop: pop(customer('k1', '王芳'), customer('k2', '李雷')),
  ...over,
});

export const offer = (over: Partial<Offer> = {}): Offer => ({
  id: 'o2',
  call: 'c2',
  queue: 'sales',
  since: 0,
  until: Date.now() + 20_000,
  waited_ms: 0,
  from: { number: '139 0000 0002' },
  to: '4000',
  path: [],
  pop: pop(customer('k9', 'Ms Next')),
  ...over,
});

export const item = (id: string, over: Partial<CallItem> = {}): CallItem => ({
  id,
  direction: 'inbound',
  number: '138 0000 0001',
  name: '王芳',
  arrived_at: 0,
  talk_ms: 36_000,
  ...over,
});

export const desk = (over: Partial<Desk> = {}): Desk => ({
  agent: {
    id: 'amy',
    name: { en: 'Amy' },
    extension: '1001',
    status: 'talking',
    since: 0,
    chosen: 'ready',
    station_kind: 'sip',
    station_up: true,
    queues: ['sales'],
    calls: 3,
    talk_ms: 80_000,
  },
  link: 'none',
  queues: [],
  recent: [],
  unfinished: [],
  parked: [],
  ...over,
});
