import { type Command, InvalidArgumentError, Option } from 'commander';
import { BENCH_LINES } from '../bench/bench-commands.ts';
import { EXTENDED_FUSES } from '../bench/brown-out.ts';
import { PRODUCTS } from '../bench/images.ts';
import type { BenchOptions } from '../bench/run.ts';

const MOST_PPM = 100_000;
const FREE_PINS = { least: 4, most: 19 };

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`);
    }
    return value;
  };

function namedPin(text: string, previous: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, pin] = /^([a-z][a-z0-9_]*)=(\d+)$/.exec(text) ?? [];
  const number = Number(pin);
  if (name === undefined || number < FREE_PINS.least || number > FREE_PINS.most) {
    throw new InvalidArgumentError(
      `NAME=PIN with a pin from ${FREE_PINS.least} to ${FREE_PINS.most} is expected, such as motion=4.`,
    );
  }
  return { ...previous, [name]: number };
}

interface NamedPins {
  readonly input?: Record<string, number>;
  readonly lamp?: Record<string, number>;
}

const HELP = `
Prints \`ready PATH\` when programs can open the path. Lines on the standard
input act on the board:
  ${BENCH_LINES.join('\n  ')}
\`close\` takes the path away while the board stays powered, \`open\` brings it
back.

Examples:
  $ earlid bench run --product uno-relay --pty /tmp/gate
  $ earlid bench run --product uno-relay --pty /tmp/gate --trace edges.jsonl
  $ earlid bench run --product uno-servo --pty /tmp/gate --eeprom gate.bin \\
      --input motion=4 --clock-ppm 5000

Exit codes: 0 ended by a signal, 64 usage, 65 a file or path that cannot be
used, 69 no pseudo-terminals here.`;

/** Adds `earlid bench run` to the program. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .helpGroup('Without a board:')
    .description('emulated boards that run the real firmware')
    .command('run')
    .description('run one emulated board behind a device path')
    .addOption(new Option('--product <product>', 'which board').choices(PRODUCTS).makeOptionMandatory())
    .requiredOption('--pty <path>', 'where the device path is made')
    .option('--eeprom <file>', 'keep the EEPROM in this file; missing: erased')
    .option('--trace <file>', 'write every edge as a line of JSON')
    .option('--clock-ppm <n>', 'how fast the crystal is', integer(-MOST_PPM, MOST_PPM))
    .option('--input <name=pin>', 'a named input on a pin; may be repeated (default: motion=4)', namedPin)
    .option('--lamp <name=pin>', 'a named lamp on a pin, for the trace; may be repeated', namedPin)
    .option('--image <hex>', 'another firmware image than the one of the product')
    .option('--bootloader <hex>', 'start behind this bootloader, such as Optiboot')
    .option('--seed <n>', 'seed of bounce and other chance', integer(0, 0x7fffffff))
    .addOption(
      new Option('--brown-out <level>', 'what its fuses say (default: 2.7V)').choices(
        Object.keys(EXTENDED_FUSES),
      ),
    )
    .option('--reset-on-open', 'opening the path resets the board, as on most real ones')
    .addHelpText('after', HELP)
    .action(async ({ input, lamp, ...options }: Omit<BenchOptions, 'inputs' | 'lamps'> & NamedPins) => {
      const { runBench } = await import('../bench/run.ts');
      await runBench({ ...options, ...(input && { inputs: input }), ...(lamp && { lamps: lamp }) });
    });
}
