import { InvalidArgumentError } from 'commander';
import { EarlidError } from '../../schemas/errors.ts';
import type { ScheduleReport } from '../schedule/check.ts';
import { JSON_OPTION, print, printJson, type Register, usageError, wholeNumber } from './command.ts';
import type { Io } from './io.ts';
import { registerEdits } from './schedule-edit.ts';
import { registerList } from './schedule-list.ts';
import { registerWeek } from './schedule-week.ts';

const MOST_CHANGES = 1_000;

interface Options {
  readonly zone?: string;
  readonly lat?: number;
  readonly lon?: number;
  readonly at?: string;
  readonly changes: number;
  readonly json?: true;
}

const HELP = `
A schedule says when a gate may listen, by the clock on a wall at the site:
  Mo-Fr 07:00-08:30; Sa,Su 09:00-23:00; PH off
  22:00-07:00                        past midnight
  (sunset-00:30)-(sunrise+01:00)     with --lat and --lon
  Mo-Fr 09:00-17:00; Dec 24-26 off   dates are exceptions
\`;\` begins a rule for other days or an exception, \`,\` adds hours.

--at takes an instant such as 2026-11-21T20:00:00Z, or the time on the wall
there, 2026-11-21T20:00.

Examples:
  $ earlid schedule check 'Mo-Fr 07:00-08:30; PH off'
  $ earlid schedule check '22:00-07:00' --zone Europe/Berlin -n 10
  $ earlid schedule check 'dusk-24:00' --lat 52.52 --lon 13.40`;

/** `earlid schedule …` */
export const registerSchedule: Register = (program, context) => {
  const group = program.command('schedule').description('try out schedules, and change those of the gates');
  group
    .command('check')
    .description('what a schedule says now, and when that changes')
    .argument('<text>')
    .option('--zone <zone>', 'such as Europe/Berlin; else the zone of this computer')
    .option('--lat <degrees>', 'where the sun is looked at', degrees(90))
    .option('--lon <degrees>', 'likewise', degrees(180))
    .option('--at <time>', 'look at this instant instead of now')
    .option('-n, --changes <number>', 'how many changes to tell', wholeNumber(0, MOST_CHANGES), 5)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (text: string, options: Options) => {
      const { io } = context;
      const { checkSchedule } = await import('../schedule/check.ts');
      const { ScheduleError } = await import('../schedule/schedule.ts');
      const check = await checkOptions(io, options);
      let report: ScheduleReport;
      try {
        report = checkSchedule(text, check);
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        const { tellScheduleError } = await import('./schedule-error.ts');
        return tellScheduleError(context, text, error, options.json === true);
      }
      if (options.json) return printJson(io, report);
      const { reportLines } = await import('./schedule-words.ts');
      for (const line of reportLines(report)) print(io, line);
    });
  registerEdits(group, context);
  registerList(group, context);
  registerWeek(group, context);
};

async function checkOptions(io: Io, { zone: name, lat, lon, at, changes }: Options) {
  if ((lat === undefined) !== (lon === undefined))
    throw usageError('--lat and --lon belong together', 'schedule', 'check');
  const { zoneOf } = await import('../schedule/zone.ts');
  const { instantIn } = await import('../schedule/instant.ts');
  const named = name ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = zoneOf(named);
  if (!zone) {
    const { nearestZone } = await import('../config/nearest.ts');
    const meant = nearestZone(named);
    throw new EarlidError('unknown-zone', {
      zone: named,
      hint: meant ? `Did you mean \`${meant}\`?` : 'Zones are named like Europe/Berlin.',
    });
  }
  const instant = at === undefined ? io.now() : instantIn(named, at);
  if (instant === null)
    throw usageError(
      `\`${at}\` is no instant; write 2026-11-21T20:00:00Z, or 2026-11-21T20:00 on the wall there`,
      'schedule',
      'check',
    );
  return {
    site: {
      zone,
      place: lat === undefined || lon === undefined ? null : { latitude: lat, longitude: lon },
      isHoliday: () => false,
    },
    hasHolidays: false,
    at: instant,
    most: changes,
  };
}

function degrees(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d{1,3}(\.\d+)?$/.test(text) || Math.abs(value) > most)
      throw new InvalidArgumentError(`Degrees from -${most} to ${most} are expected.`);
    return value;
  };
}
