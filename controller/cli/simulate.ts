import { resolve } from 'node:path';
import { gateNamed } from '../config/nearest.ts';
import {
  type CommandContext,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  usageError,
  wholeNumber,
} from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';

const DAY_MS = 86_400_000;
const USUAL_MS = 7 * DAY_MS;
const LONGEST_MS = 400 * DAY_MS;

const HELP = `
Needs no daemon, and looks at nothing but earlid.yaml, the files it names, and
the facts file: everything else is unknown. Overrides, locks and faults are
left out.

A facts file names presences, facts or calendars of the configuration, and what
they are from when, by the clock at the site:
  guests: off
  anyone_home:
    - { from: 2027-03-22T17:00, is: on }
    - { from: 2027-03-23T08:00, is: unknown }
  calendar work: off

Examples:
  $ earlid simulate --facts week.yaml
  $ earlid simulate --from 2027-03-22 --to 2027-04-05T12:00`;

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly facts?: string;
  readonly lines: number;
  readonly config?: string;
  readonly json?: true;
}

/** `earlid simulate` */
export const registerSimulate: Register = (program, context) => {
  program
    .command('simulate')
    .description('what the rules would let listen over a period, and for how long')
    .argument('[gate]')
    .option('--from <time>', 'an instant, or a time at the site; else now')
    .option('--to <time>', 'likewise; else a week later')
    .option('--facts <file>', 'what facts are, and from when')
    .option('--lines <number>', 'most lines of each gate', wholeNumber(1, 10_000), 100)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((gate: string | undefined, options: Options) => simulate(context, gate, options));
};

async function simulate(context: CommandContext, gate: string | undefined, options: Options): Promise<void> {
  const { io } = context;
  const { config, file: configFile } = await loadConfig(io, options.config);
  const [{ configuredWorld }, { forecastView }, { instantIn }] = await Promise.all([
    import('./configured-world.ts'),
    import('../daemon/forecast.ts'),
    import('../schedule/instant.ts'),
  ]);
  const asked = gate === undefined ? config.gates : [gateNamed(gate, config.gates, ({ name }) => name)];
  const zone = config.site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const read = (text: string): number => {
    const at = instantIn(zone, text);
    if (at === null)
      throw usageError(
        `\`${text}\` is no time; write 2027-03-22, 2027-03-22T17:00 or 2027-03-22T16:00:00Z`,
        'simulate',
      );
    return at;
  };
  const from = options.from === undefined ? io.now() : read(options.from);
  const until = options.to === undefined ? from + USUAL_MS : read(options.to);
  if (until <= from || until - from > LONGEST_MS)
    throw usageError('`--to` is expected to lie after `--from`, by at most 400 days', 'simulate');
  const facts = options.facts === undefined ? null : resolve(io.cwd, options.facts);
  const imagined =
    facts === null ? new Map() : (await import('./facts-file.ts')).readFacts(facts, zone, config);
  const { compiled, agendas } = await configuredWorld(config, configFile, { from, until });
  const gates = asked.map(({ name }) =>
    forecastView(name, compiled.rules.get(name)!, { imagined, agendas }, { from, until }),
  );
  if (options.json)
    return printJson(io, {
      zone,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      facts,
      gates,
    });
  const { simulationLines } = await import('./simulate-words.ts');
  for (const line of simulationLines(gates, zone, { most: options.lines, until })) print(io, line);
}
