/**
 * The guard of every build against the reference model: random button, host messages, time, power cuts, faults,
 * resets and a second controller. Every report, event, refusal and edge of the actuator must be what the model says.
 *
 * `EARLID_RUNS` sequences are run (three hundred in `.ci/run`, and five hundred on the host build). A failure prints its seed and path; `EARLID_SEED=… EARLID_PATH=…`
 * runs just that one again.
 *
 * Two kinds of input are left out because no text decides them: a reset or a loss of power while the EEPROM is being written
 * (it has tests of its own), and a press that begins while an unlock is being written. Where an input falls within 2 ms of a
 * moment at which it would mean something else, either meaning is accepted; so are two mutes told as one when they end in the
 * same millisecond, and short pulses missed of a button that has not yet been up since a reset, or that is pressed (`compare.ts`).
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BUILDS, type Build, IMAGE } from '../builds/builds.ts';
import { type Command, commands, type TimedCommand } from './commands.ts';
import { explainLog } from './compare.ts';
import { type StartingGate, startingGates } from './gates.ts';
import { checkInvariants } from './invariants.ts';
import { runCommands } from './run.ts';

const RUNS = Number(process.env.EARLID_RUNS ?? 5);
const SEED = Number(process.env.EARLID_SEED ?? 20_250_328);
const PATH = process.env.EARLID_PATH;
const MOST_COMMANDS = 30;
const TIMEOUT_MS = 60 * 60 * 1000;

const gatesOf = new Map<Build, StartingGate[]>();

function gates(build: Build): StartingGate[] {
  const known = gatesOf.get(build) ?? startingGates(build);
  gatesOf.set(build, known);
  return known;
}

function check(build: Build, which: number, seed: number, sequence: readonly TimedCommand[]): void {
  const gate = gates(build)[which]!;
  const { log } = runCommands(build, gate.eeprom, seed, sequence, gate.by);
  checkInvariants(log);
  explainLog(log, gate.state);
}

test.each(BUILDS)(
  `$name does what the model says in ${RUNS} random sequences`,
  (build) => {
    const which = fc.nat({ max: gates(build).length - 1 });
    const property = fc.property(which, fc.nat(), commands(MOST_COMMANDS), (gate, seed, sequence) =>
      check(build, gate, seed, sequence),
    );
    fc.assert(property, { numRuns: RUNS, seed: SEED, ...(PATH === undefined ? {} : { path: PATH }) });
  },
  TIMEOUT_MS,
);

describe('the comparison', () => {
  const then = (command: Command, gap = 200): TimedCommand => ({ command, gap });
  const SEQUENCE = [
    then({ do: 'hello', who: 1 }),
    then({ do: 'allow', lease: 1500, buttonMs: 700, buttonFor: 20_000, flaw: 'none', later: false }, 2000),
    then({ do: 'press', ms: 300, bounce: [1, 0.5] }, 2000),
    then({ do: 'mute', again: false, reason: 'cli' }),
  ];

  test('is deterministic: the same seed gives the same log', () => {
    const { eeprom } = gates(IMAGE)[2]!;
    const [a, b] = [1, 2].map(() => runCommands(IMAGE, eeprom, 7, SEQUENCE).log);
    expect(a).toEqual(b);
    expect(a!.actuator.map(({ high }) => high)).toEqual([true, false, true, false]);
  });

  test('notices a model that differs in a lease, a setting or a refusal', () => {
    const { eeprom, state } = gates(IMAGE)[2]!;
    const { log } = runCommands(IMAGE, eeprom, 7, SEQUENCE);
    expect(explainLog(log, state)).toHaveLength(1);
    const slower = { ...state.settings, 2: 60 };
    expect(() => explainLog(log, { ...state, settings: slower })).toThrow(/phase/);
    expect(() => explainLog(log, { ...state, locked: true })).toThrow();
    const lateOff = log.actuator.map((edge) => (edge.high ? edge : { ...edge, atUs: edge.atUs + 4000 }));
    expect(() => explainLog({ ...log, actuator: lateOff }, state)).toThrow(/actuator/);
    expect(() => checkInvariants({ ...log, actuator: lateOff })).toThrow(/S2/);
    const byItself = log.inputs.filter(({ input }) => input.type !== 'message');
    expect(() => checkInvariants({ ...log, inputs: byItself })).toThrow(/S4/);
  });
});
