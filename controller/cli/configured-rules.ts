/** The rules of a configuration for commands that ask no daemon. */
import type { Config } from '../../schemas/config.ts';
import { type Compiled, compile } from '../daemon/compile.ts';
import { holidaysOf, listOfDates, UNREADABLE } from '../schedule/holidays.ts';

/** Holidays from a file or a country are read by the daemon alone: here nobody knows them. */
export function configuredRules(config: Config): Compiled {
  const { dates, ics, country } = config.site?.holidays ?? { dates: [], ics: null, country: null };
  const isHoliday = holidaysOf({
    dates: dates.length > 0 ? listOfDates(dates) : null,
    ics: ics === null ? null : UNREADABLE,
    country: country === null ? null : UNREADABLE,
  });
  return compile(config, { isHoliday, now: null });
}
