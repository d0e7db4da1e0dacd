/** What a broker says when it will not have us, as one of our errors. Pure. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';

/** As far as a broker that refuses or ends a connection says it. */
export interface Parting {
  readonly cmd: string;
  /** Of protocol 3.1.1. */
  readonly returnCode?: number | undefined;
  /** Of protocol 5. */
  readonly reasonCode?: number | undefined;
}

const PASSWORD = 'wrong user name or password';
// Mosquitto says this of a wrong password as well.
const NOT_ALLOWED = 'wrong user name or password, or this user may not connect';
const NOT_NOW = 'it is not available now';
const OUR_ID = 'it does not take our client id';
/** Who we are does not suffice. */
const REFUSED: Readonly<Record<number, string>> = {
  2: OUR_ID,
  4: PASSWORD,
  5: NOT_ALLOWED,
  133: OUR_ID,
  134: PASSWORD,
  135: NOT_ALLOWED,
  138: 'it has banned us',
  140: 'it wants to be told who we are in another way',
};
/** It might have us at another time, or at another place. */
const AWAY: Readonly<Record<number, string>> = {
  3: NOT_NOW,
  136: NOT_NOW,
  137: 'it is busy',
  139: 'it shuts down',
  141: 'it heard nothing of us for too long',
  142: 'another client took our id',
  150: 'it says that we send too much',
  151: 'a limit of its own is reached',
  152: 'somebody there ended the connection',
  156: 'it says that another broker is to be used',
  157: 'it says that it has moved',
  159: 'it says that we connect too often',
  160: 'it lets nobody stay for longer',
};
const VERSION = [1, 132];

/** Null: this packet refuses nothing. */
export function refusalIn(
  packet: Parting,
  protocol: MqttConfig['protocol'],
  broker: string,
): ErrorView | null {
  if (packet.cmd !== 'connack' && packet.cmd !== 'disconnect') return null;
  const code = packet.reasonCode ?? packet.returnCode ?? 0;
  if (code === 0) return packet.cmd === 'disconnect' ? away(broker, 'it ended the connection') : null;
  if (VERSION.includes(code)) return describe('mqtt-protocol', { broker, protocol });
  const refused = REFUSED[code];
  if (refused) return describe('mqtt-refused', { broker, detail: refused });
  return away(broker, AWAY[code] ?? `it gives the reason ${code}`);
}

const away = (broker: string, detail: string): ErrorView => describe('mqtt-unreachable', { broker, detail });
