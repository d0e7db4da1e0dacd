/** Gates that sequences begin with: set up through the wire and the button, as an owner would, and checked like any run. */

import type { GateKey } from '../../schemas/authenticator.ts';
import { SETTINGS, type SettingName } from '../../schemas/settings.ts';
import type { Build } from '../builds/builds.ts';
import type { Command, TimedCommand } from './commands.ts';
import { explainLog } from './compare.ts';
import { type GuardState, newGate } from './guard-model.ts';
import { keyOf } from './host.ts';
import { runCommands } from './run.ts';

export interface StartingGate {
  readonly name: string;
  readonly eeprom: Uint8Array;
  readonly state: GuardState;
  /** The key in that EEPROM. */
  readonly by: GateKey | null;
}

const then = (command: Command, gap: number): TimedCommand => ({ command, gap });
const press = (ms: number): TimedCommand => then({ do: 'press', ms, bounce: [] }, 400);

/** Writes a setting and confirms it at the gate. */
const set = (name: SettingName, value: number): TimedCommand[] => [
  then({ do: 'write', setting: SETTINGS[name].id, value, flaw: 'none' }, 50),
  press(100),
];

const hello = then({ do: 'hello', who: 1 }, 400);
const KEYED = [then({ do: 'hold-power', ms: 300 }, 100), hello, then({ do: 'pair', key: 1 }, 100)];

const BEGIN = [hello];
const SETUPS: Readonly<Record<string, readonly TimedCommand[]>> = {
  plain: [],
  sensed: set('sense', 1),
  'sensed, alone for a minute': [...set('sense', 1), ...set('button_alone', 60)],
  'sensed, slow': [...set('sense', 1), ...set('travel', 700)],
  'alone for 5 s, locked': [...set('button_alone', 5), press(3300)],
  keyed: KEYED,
  'keyed, sensed, alone for a minute': [...KEYED, ...set('sense', 1), ...set('button_alone', 60)],
};

/** A gate without supply, its EEPROM as it is. */
const unpowered = (state: GuardState): GuardState => ({
  ...newGate(),
  boot: state.boot,
  locked: state.locked,
  settings: state.settings,
  key: state.key,
});

/** Sets every starting gate up; the first one is a chip that has never run. Throws `Divergence`. */
export function startingGates(build: Build): StartingGate[] {
  const erased = new Uint8Array(1024).fill(0xff);
  const gates = Object.entries(SETUPS).map(([name, commands]) => {
    const { log, eeprom } = runCommands(build, erased, 1, [...BEGIN, ...commands]);
    const state = unpowered(explainLog(log, newGate())[0]!);
    return { name, eeprom, state, by: state.key === null ? null : keyOf(Buffer.from(state.key, 'hex')) };
  });
  return [{ name: 'new chip', eeprom: erased, state: newGate(), by: null }, ...gates];
}
