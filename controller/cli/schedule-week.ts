/** `earlid schedule week <gate>` */
import type { Command } from 'commander';
import type { Config } from '../../schemas/config.ts';
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import { gateNamed } from '../config/nearest.ts';
import type { Zone } from '../schedule/zone.ts';
import { type CommandContext, gatePath, JSON_OPTION, print, printJson, usageError } from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';
import { useColour } from './io.ts';

const DAYS = 7;

const HELP = `
What the rules of a gate bring by themselves, from today on, by the clock on
the wall at the site. While a daemon runs, everything else is taken as it knows
it now; without one, or with --config, all facts and the calendars on the
network are unknown.

Examples:
  $ earlid schedule week kitchen
  $ earlid schedule week kitchen --from 2027-03-22`;

interface Options {
  readonly from?: string;
  readonly config?: string;
  readonly json?: true;
}

/** Adds the command to the group `schedule`. */
export function registerWeek(group: Command, context: CommandContext): void {
  group
    .command('week')
    .description('draw a week of a gate: when its rules let it listen')
    .argument('<gate>')
    .option('--from <date>', 'the first day, such as 2027-03-22; else today')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((gate: string, options: Options) => week(context, gate, options));
}

async function week(context: CommandContext, gate: string, options: Options): Promise<void> {
  const { io } = context;
  const { config, file } = await loadConfig(io, options.config);
  const { listen, never } = gateNamed(gate, config.gates, ({ name }) => name);
  const [{ zoneOf }, { dayAt, wallDays }, { instantIn }, { weekLines }] = await Promise.all([
    import('../schedule/zone.ts'),
    import('../schedule/wall-days.ts'),
    import('../schedule/instant.ts'),
    import('./week-words.ts'),
  ]);
  const zone: Zone =
    zoneOf(config.site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone) ?? zoneOf('UTC')!;
  const from = options.from === undefined ? io.now() : instantIn(zone.name, options.from);
  if (from === null) throw usageError(`\`${options.from}\` is no date; write 2027-03-22`, 'schedule', 'week');
  const days = wallDays(zone, dayAt(zone, from), DAYS);
  const period = { from: days[0]!.from, until: days.at(-1)!.until };
  const known = options.config === undefined ? await fromDaemon(context, gate, period) : null;
  const forecast = known ?? (await fromConfig(config, file, gate, period));
  if (options.json) return printJson(io, { ...forecast, zone: zone.name, facts: known ? 'now' : 'unknown' });
  const asks = [...listen, ...never].some(({ condition, calendar }) => condition ?? calendar);
  const about = known
    ? 'facts and calendars are as the daemon knows them now'
    : 'no daemon was asked, so all facts and the calendars on the network are unknown';
  const notes = asks ? [about] : [];
  for (const line of weekLines(
    { zone, days, forecast, notes },
    { columns: io.out.columns, colour: useColour(io) },
  ))
    print(io, line);
}

interface Period {
  readonly from: number;
  readonly until: number;
}

/** Null when no daemon answers. */
async function fromDaemon(
  context: CommandContext,
  gate: string,
  { from, until }: Period,
): Promise<ForecastAnswer | null> {
  const query = new URLSearchParams({
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  });
  try {
    return await (await context.client()).get<ForecastAnswer>(`${gatePath(gate, 'forecast')}?${query}`);
  } catch (error) {
    // One that runs without this gate has not read this configuration.
    if (error instanceof Error && 'view' in error) {
      const { code } = error.view as { code: string };
      if (['no-daemon', 'no-such-gate', 'socket-forbidden', 'system-service'].includes(code)) return null;
    }
    throw error;
  }
}

async function fromConfig(
  config: Config,
  file: string,
  gate: string,
  period: Period,
): Promise<ForecastAnswer> {
  const [{ forecastView }, { configuredWorld }] = await Promise.all([
    import('../daemon/forecast.ts'),
    import('./configured-world.ts'),
  ]);
  const { compiled, agendas } = await configuredWorld(config, file, period);
  return forecastView(gate, compiled.rules.get(gate)!, { imagined: new Map(), agendas }, period);
}
