import { Option } from 'commander';
import type { BoardView, KeyAnswer } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { gateNamed } from '../config/nearest.ts';
import type { Secret } from '../gate/secret.ts';
import type { Board } from '../link/board.ts';
import type { PairStep } from '../pairing/pair.ts';
import {
  type CommandContext,
  durationMs,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  usageError,
} from './command.ts';
import { CONFIG_OPTION } from './config-check.ts';
import { holdPort } from './held-port.ts';
import { daemonKeys, folderKeys, type KeyHolder } from './key-holder.ts';
import type { KnownGate } from './known-gates.ts';
import { knownGates, runningDaemon } from './known-gates.ts';

interface Options {
  readonly serial?: string;
  readonly rotate?: true;
  readonly forget?: true;
  readonly timeout: number;
  readonly config?: string;
  readonly json?: true;
}

/** `pair --json`. */
export interface PairView {
  readonly gate: string;
  readonly ok: true;
  readonly key: KeyAnswer['key'];
  readonly pairedAt: string | null;
  readonly port: string | null;
  /** Null: nobody asked the board. */
  readonly board: BoardView | null;
}

const HELP = `
A gate with a key takes leases from this controller alone, and proves what it
says. Only such a gate can be reached through a broker (\`link: { mqtt: … }\`).

The key is made here and written to the board over its own USB cable; plug it
into this computer. The board takes a key for a minute after it was powered up
with its button held, which nobody can do from afar, and is muted meanwhile.
The key stays in keys.json of the state folder and on the board. Whoever has
lost it pairs again; \`earlid backup\` keeps a copy.

--forget alone makes only this controller forget; with --serial the board too.

Examples:
  $ earlid pair kitchen --serial /dev/serial/by-id/usb-Arduino_Uno_5573
  $ earlid pair kitchen --rotate            a new key, at its own serial port
  $ earlid pair kitchen --forget            the board is lost or broken`;

/** `earlid pair <gate>` */
export const registerPair: Register = (program, context) => {
  program
    .command('pair')
    .description('give a gate a key of its own, at the gate')
    .argument('<gate>')
    .option('--serial <path>', 'the serial port of its board; else that of the configuration')
    .option('--rotate', 'another key in the place of the one it has')
    .option('--forget', 'no key any more')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for the button')
        .argParser(durationMs)
        .default(120_000, '2m'),
    )
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((gate: string, options: Options) => pair(context, gate, options));
};

async function pair(context: CommandContext, name: string, options: Options): Promise<void> {
  if (options.rotate && options.forget) throw usageError('say --rotate or --forget, not both', 'pair');
  const gates = await knownGates(context, options.config);
  const gate = gateNamed(name, gates, (known) => known.gate);
  const isServed = (await runningDaemon(context))?.gates.some((served) => served.gate === name) ?? false;
  const keys = await (isServed ? daemonKeys : folderKeys)(context, name);
  try {
    const before = await keys.look();
    if (before.key === 'unusable') await keys.change({ do: 'abandon' });
    if (options.rotate && before.key === 'none') throw new EarlidError('not-paired', { gate: name });
    if (options.forget && options.serial === undefined)
      return await forgetHere(context, keys, before, options);
    const path = options.serial ?? gate.path;
    if (path === null) throw new EarlidError('pair-where', { gate: name });
    const board = await atBoard(context, { gates, gate, path, keys, before }, options);
    tell(context, { keys, path, board }, await keys.look(), options);
  } finally {
    keys.end();
  }
}

async function forgetHere(
  { io }: CommandContext,
  keys: KeyHolder,
  before: KeyAnswer,
  { json }: Options,
): Promise<void> {
  const { gate, key, pairedAt } = await keys.change({ do: 'forget' });
  const view: PairView = { gate, ok: true, key, pairedAt, port: null, board: null };
  if (json) printJson(io, view);
  else if (before.key === 'none') print(io, `${gate}: there was no key of it here`);
  else
    print(
      io,
      `${gate}: its key is forgotten here; a board that still has it is only ever told to mute, until it is paired again`,
    );
}

interface Subject {
  readonly gates: readonly KnownGate[];
  readonly gate: KnownGate;
  readonly path: string;
  readonly keys: KeyHolder;
  readonly before: KeyAnswer;
}

/** Pairs the board at the port; the daemon lets go of it meanwhile. */
async function atBoard(
  context: CommandContext,
  { gates, gate, path, keys, before }: Subject,
  options: Options,
): Promise<Board> {
  const { io } = context;
  const [{ pairBoard }, { deviceOf }, { serialLink }, { systemClock }, { controllerId }, { stateFolder }] =
    await Promise.all([
      import('../pairing/pair.ts'),
      import('../link/ports.ts'),
      import('../link/serial.ts'),
      import('../link/clock.ts'),
      import('../daemon/controller-id.ts'),
      import('../daemon/places.ts'),
    ]);
  const device = await deviceOf(path);
  const isAt = (other: KnownGate) => other.path === path || (device !== null && other.device === device);
  const other = gates.find((known) => known.gate !== gate.gate && isAt(known));
  if (other) throw new EarlidError('pair-other-gate', { path, gate: gate.gate, other: other.gate });
  const stop = new AbortController();
  const stopListening = io.onEnd(() => stop.abort());
  const held = gate.byDaemon && isAt(gate) ? holdPort(context, gate.gate) : null;
  try {
    await held?.release();
    const { id } = await controllerId(stateFolder(io));
    const key = options.forget ? null : await newKey();
    return await pairBoard({
      path,
      open: serialLink(path),
      clock: systemClock,
      controllerId: id,
      key,
      record: {
        begin: () => done(keys.change({ do: 'begin', key: key?.toBase64() ?? null })),
        taken: () => done(keys.change({ do: key ? 'taken' : 'forget' })),
        abandon: () => done(keys.change({ do: 'abandon' })),
      },
      check: ({ keyed }) => {
        // A first pairing that was not seen to its end goes on.
        if (keyed && before.pairedAt !== null && !options.rotate && !options.forget)
          throw new EarlidError('already-paired', { gate: gate.gate });
      },
      waitMs: options.timeout,
      // With --json this goes where it is no part of the answer.
      onStep: (step) => tellStep(options.json ? io.err : io.out, gate.gate, step),
      signal: stop.signal,
    });
  } finally {
    stopListening();
    await held?.giveBack(true);
  }
}

const done = (changed: Promise<KeyAnswer>): Promise<void> => changed.then(() => {});

async function newKey(): Promise<Secret> {
  const { Secret } = await import('../gate/secret.ts');
  return Secret.random();
}

const STEPS: Readonly<Record<PairStep, (gate: string) => readonly string[]>> = {
  asking: () => [],
  'hold-button': (gate) => [
    `${gate}: it is muted. Now at the board:`,
    '  1. Take every supply from it: the USB plug, and its own supply where it has one.',
    '  2. Hold its button down, and plug it in again.',
    '  3. Let go when its LEDs blink red and green in turn, quickly.',
  ],
  pairing: (gate) => [`${gate}: its button was held; it is told its key`],
};

function tellStep(out: { write(text: string): void }, gate: string, step: PairStep): void {
  for (const line of STEPS[step](gate)) out.write(`${line}\n`);
}

function tell(
  { io }: CommandContext,
  { keys, path, board }: { readonly keys: KeyHolder; readonly path: string; readonly board: Board },
  { gate, key, pairedAt }: KeyAnswer,
  { json, forget }: Options,
): void {
  if (json) {
    const view: PairView = { gate, ok: true, key, pairedAt, port: path, board };
    printJson(io, view);
  } else if (forget) {
    print(io, `${gate}: it has no key any more, and neither has this controller`);
  } else {
    print(io, `${gate}: paired; it takes leases from this controller alone`);
    print(io, `  Its key is in ${keys.file} and on the board; \`earlid backup FILE\` keeps a copy.`);
  }
}
