import type { Station, StationKind as AnyStationKind } from '../lib/proto.gen';
import { read, write } from '../lib/storage';

/** What an agent may choose: a static station is the site's choice. */
export type StationKind = Exclude<AnyStationKind, 'static'>;

/** What the agent wants to speak through. */
export interface StationWish {
  kind: StationKind;
  extension: string;
  number: string;
}

/** Of the last shift on this computer: the likely one of this. */
interface Last {
  kind: StationKind;
  number: string;
}

const key = 'linedesk.station';

export function lastStation(): Last {
  return { kind: 'webrtc', number: '', ...read<Partial<Last>>(key) };
}

export function keepStation({ kind, number }: Last): void {
  write(key, { kind, number });
}

/** Whether nothing is missing. */
export function complete(wish: StationWish): boolean {
  if (wish.kind === 'sip') return wish.extension !== '';
  return wish.kind === 'webrtc' || wish.number !== '';
}

/** As the server wants it. */
export function stationCommand(wish: StationWish): Station {
  switch (wish.kind) {
    case 'webrtc':
      return { kind: 'webrtc' };
    case 'sip':
      return { kind: 'sip', extension: wish.extension };
    case 'pstn':
      return { kind: 'pstn', number: wish.number };
  }
}
