/** What a configuration needs of the machine beyond the ports of its gates. Pure. */
import type { Condition } from '../../schemas/conditions.ts';
import type { Config } from '../../schemas/config.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';

export interface Needs {
  /** Something lies on another machine: a calendar, a broker, Home Assistant, a phone. Without it the service is kept off the network. */
  readonly network: boolean;
  /** Files that the configuration names, absolute. */
  readonly files: readonly string[];
  /** It has so many gates that time is worth more to it than memory. */
  readonly manyGates: boolean;
}

/** Up to here a daemon waits most of the time. */
const FEW_GATES = 64;
export const areMany = (gates: number): boolean => gates > FEW_GATES;

export function needsOf({ calendars, mqtt, homeassistant, presence, gates, site }: Config): Needs {
  const rules = gates.flatMap(({ listen, never }) => [...listen, ...never]);
  const conditions = [...presence.values(), ...rules.flatMap(({ condition }) => condition ?? [])];
  const origins = calendars.map(({ from }) => from);
  const api = homeassistant?.api ?? null;
  return {
    network:
      mqtt !== null || api !== null || origins.some((from) => !('file' in from)) || conditions.some(asksHost),
    files: [
      ...origins.flatMap((from) => ('file' in from ? from.file : 'urlFile' in from ? from.urlFile : [])),
      ...(site?.holidays?.ics ? [site.holidays.ics] : []),
      ...(mqtt ? filesOf(mqtt) : []),
      ...[api?.tokenFile, api?.ca].flatMap((path) => path ?? []),
    ],
    manyGates: areMany(gates.length),
  };
}

/** Files of a broker. */
export const filesOf = ({ passwordFile, ca, cert, key }: MqttConfig): string[] =>
  [passwordFile, ca, cert, key].flatMap((path) => path ?? []);

function asksHost(condition: Condition): boolean {
  switch (condition.kind) {
    case 'named':
      return false;
    case 'any':
    case 'all':
      return condition.of.some(asksHost);
    case 'fact':
      return condition.source.kind === 'host';
    default:
      return asksHost(condition.of);
  }
}
