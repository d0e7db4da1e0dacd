/** What another configuration changes about the gates of a running daemon. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../schemas/config.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';

export interface ConfigChange {
  /** Only what is decided about them may have changed: they stay connected. */
  readonly kept: readonly GateConfig[];
  /** New gates, and those that are wired or reached otherwise than before. */
  readonly anew: readonly GateConfig[];
  /** Names of gates that are in the configuration no more. */
  readonly gone: readonly string[];
}

export function configChange(before: Config, after: Config): ConfigChange {
  const old = new Map(before.gates.map((gate) => [gate.name, gate]));
  const isKept = (gate: GateConfig): boolean => {
    const same = old.get(gate.name);
    return same !== undefined && isDeepStrictEqual(hardwareOf(same, before), hardwareOf(gate, after));
  };
  const names = new Set(after.gates.map(({ name }) => name));
  return {
    kept: after.gates.filter(isKept),
    anew: after.gates.filter((gate) => !isKept(gate)),
    gone: [...old.keys()].filter((name) => !names.has(name)),
  };
}

/** What a connection to a board is made with. */
const hardwareOf = ({ link, inputs, readyAfterMs, accessories, firmata }: GateConfig, { mqtt }: Config) => ({
  link,
  broker: 'mqtt' in link ? mqtt : null,
  inputs,
  readyAfterMs,
  accessories,
  firmata,
});
