import { Option } from 'commander';
import { PRODUCTS, type Product } from '../../schemas/protocol.ts';
import { stateFolder } from '../daemon/places.ts';
import { PROGRAMMERS, type ProgrammerName } from '../flash/programmers.ts';
import {
  type CommandContext,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  tellError,
  usageError,
} from './command.ts';
import { CONFIG_OPTION } from './config-check.ts';
import type { FlashView } from './flash-boards.ts';
import { chooseBoards } from './flash-targets.ts';
import { flashedLines, stepWords } from './flash-words.ts';
import type { KnownGate } from './known-gates.ts';
import { knownGates } from './known-gates.ts';

interface Options {
  readonly port?: string;
  readonly product?: Product;
  readonly all?: true;
  readonly force?: true;
  readonly programmer?: ProgrammerName;
  readonly programmerPort?: string;
  readonly config?: string;
  readonly json?: true;
}

const HELP = `
The gate is muted first. A daemon that holds its port lets go of it and takes
it back; if this command dies, after 3 minutes by itself. Lock and settings of
the board stay. Without GATE and --port the only board at this computer is
flashed.

With --programmer the board is written through its six-pin plug instead: fuses
first (no bootloader, EEPROM kept, brown-out at 4.3 V), then the firmware. Such
a board starts at once and tells why it was reset, but can no longer be updated
over USB. Fuses cannot be written through a bootloader.

Examples:
  $ earlid flash --product uno-relay        the only board, new
  $ earlid flash kitchen
  $ earlid flash --all                      every gate that runs another version
  $ earlid flash kitchen --programmer usbasp
  $ earlid flash --product uno-relay --programmer arduino-as-isp \\
      --programmer-port /dev/ttyACM1`;

/** `earlid flash [gate]` */
export const registerFlash: Register = (program, context) => {
  program
    .command('flash')
    .description('write the firmware onto a board, and shake hands with it')
    .argument('[gate]')
    .option('--port <path>', 'the serial port of the board')
    .addOption(new Option('--product <product>', 'what the board is to be').choices(Object.keys(PRODUCTS)))
    .option('--all', 'every serial gate of the configuration that does not run this version')
    .option('--force', 'also what runs this version already, or says that it is another product')
    .addOption(
      new Option('--programmer <name>', 'write through the six-pin plug').choices(Object.keys(PROGRAMMERS)),
    )
    .option('--programmer-port <path>', 'the serial port of the programmer')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((gate: string | undefined, options: Options) => flash(context, gate, options));
};

async function flash(context: CommandContext, gate: string | undefined, options: Options): Promise<void> {
  const { io } = context;
  const programmer = programmerOf(gate, options);
  const [
    { deviceOf, listPorts, portPlaces },
    { flashBoards },
    { serialLink },
    { systemClock },
    { controllerId },
  ] = await Promise.all([
    import('../link/ports.ts'),
    import('./flash-boards.ts'),
    import('../link/serial.ts'),
    import('../link/clock.ts'),
    import('../daemon/controller-id.ts'),
  ]);
  const gates: KnownGate[] = await knownGates(context, options.config);
  const named = gates.flatMap(({ gate, path }) => (path === null ? [] : [{ gate, path }]));
  const boards = chooseBoards(
    {
      gate,
      port:
        options.port === undefined ? undefined : { path: options.port, device: await deviceOf(options.port) },
      all: options.all === true,
      withProgrammer: programmer !== null,
    },
    gates,
    await listPorts(portPlaces(io), named),
  );
  const stop = new AbortController();
  const stopListening = io.onEnd(() => stop.abort());
  const { id } = await controllerId(stateFolder(io));
  const views: FlashView[] = [];
  const line = progressLine(context, options.json === true);
  const exit = await flashBoards(boards, {
    context,
    target: {
      product: options.product ?? null,
      programmer,
      skipCurrent: options.all === true && !options.force,
      force: options.force === true,
    },
    around: {
      env: io.env,
      clock: systemClock,
      controllerId: id,
      linkTo: (path) => serialLink(path),
      signal: stop.signal,
      onStep: (step) => line.show(stepWords(step)),
    },
    onBegin: ({ path, gate: known }) => line.begin(known?.gate ?? path ?? 'board'),
    onDone: (view) => {
      line.clear();
      views.push(view);
      if (options.json) return;
      for (const text of flashedLines(view)) print(io, text);
      if (view.error) tellError(io, view.error, false);
    },
  });
  stopListening();
  context.exit(exit);
  if (!options.json) return;
  const [only] = views;
  if (options.all) printJson(io, views);
  else printJson(io, only?.error ? { error: only.error } : only);
}

function programmerOf(gate: string | undefined, options: Options) {
  const { programmer, programmerPort, all, port } = options;
  const wrong = (detail: string) => usageError(detail, 'flash');
  if (all && (gate !== undefined || port !== undefined || programmer !== undefined))
    throw wrong('`--all` goes without a gate, `--port` and `--programmer`');
  if (programmer === undefined) {
    if (programmerPort !== undefined) throw wrong('`--programmer-port` goes with `--programmer`');
    return null;
  }
  if (PROGRAMMERS[programmer].hasPort !== (programmerPort !== undefined))
    throw wrong(
      PROGRAMMERS[programmer].hasPort
        ? `\`${programmer}\` is reached over a serial port of its own: name it with \`--programmer-port\``
        : `\`${programmer}\` has no serial port of its own`,
    );
  return { name: programmer, port: programmerPort ?? null };
}

/** What is being done, drawn in place; only on a terminal. */
function progressLine({ io }: CommandContext, quiet: boolean) {
  const isShown = io.out.isTTY && !quiet;
  let name = '';
  let drawn = '';
  const draw = (text: string) => {
    if (!isShown || text === drawn) return;
    io.out.write(`\r${text.padEnd(drawn.length)}`);
    drawn = text;
  };
  return {
    begin: (next: string) => {
      name = next;
    },
    show: (words: string) => draw(`${name}: ${words}`.slice(0, Math.max(1, io.out.columns - 1))),
    clear: () => {
      draw('');
      if (isShown) io.out.write('\r');
    },
  };
}
