/** Rules, holidays and calendars of a configuration, for commands that ask no daemon. What lies on the network is unknown. */
import type { Config } from '../../schemas/config.ts';
import { type Compiled, compile } from '../config/compile.ts';
import { withAbsolutePaths } from '../config/paths.ts';
import { type Agendas, agendaName } from '../policy/facts.ts';
import type { Period } from '../policy/forecast.ts';
import { askApart } from '../presence/calendar/apart.ts';
import { listOf, siteHolidays } from '../presence/calendar/site-holidays.ts';
import { type HolidayList, UNREADABLE } from '../schedule/holidays.ts';

export interface ConfiguredWorld {
  readonly compiled: Compiled;
  /** Of the calendars that are files, over the period that was asked about. */
  readonly agendas: Agendas;
}

/** `file` is where the configuration was read from. What cannot be read is unknown. */
export async function configuredWorld(
  relative: Config,
  file: string,
  period: Period,
): Promise<ConfiguredWorld> {
  const config = withAbsolutePaths(relative, file);
  const isHoliday = siteHolidays(config.site, await holidayFile(config, period));
  const compiled = compile(config, { isHoliday, now: null });
  return { compiled, agendas: new Map(await agendasOf(config, compiled, period)) };
}

async function holidayFile({ site }: Config, { from, until }: Period): Promise<HolidayList> {
  const file = site?.holidays?.ics;
  if (!site || !file) return UNREADABLE;
  const [first, last] = [new Date(from).getUTCFullYear() - 1, new Date(until).getUTCFullYear() + 1];
  const answer = await askApart({ ask: 'holidays', file, zone: site.zone, first, last });
  return 'found' in answer ? listOf(answer.found) : UNREADABLE;
}

async function agendasOf({ site, calendars }: Config, { agendas }: Compiled, { from, until }: Period) {
  if (!site) return [];
  const read = calendars.map(async ({ name, from: source }) => {
    const matches = [...agendas.values()].flatMap(({ calendar, match }) =>
      calendar === name ? [match] : [],
    );
    if (!('file' in source) || matches.length === 0) return [];
    const question = { ask: 'events', file: source.file, zone: site.zone, matches, from, to: until } as const;
    const answer = await askApart(question);
    if ('problem' in answer) return [];
    return matches.flatMap((match, i) => {
      const { events } = answer.found[i]!;
      return events
        ? [[agendaName(name, match), { events, from, until, readAt: from, problem: null }] as const]
        : [];
    });
  });
  return (await Promise.all(read)).flat();
}
