/** The rules of the gates as `earlid schedule list` tells them. Pure. */

import type { Config } from '../../schemas/config.ts';
import { compile } from '../config/compile.ts';
import { siteHolidays } from '../presence/calendar/site-holidays.ts';
import { canonical } from '../schedule/canonical.ts';
import { parseSchedule } from '../schedule/parse.ts';
import type { WrittenRule } from './change.ts';
import type { Side } from './list-edits.ts';

export interface ListedRule {
  /** `listen 2` is the second of the listen rules; `remove` takes it by these two words. */
  readonly rule: string;
  /** Null when it has none; else in its one form. */
  readonly schedule: string | null;
  readonly calendar: string | null;
  readonly match: string | null;
  /** As it is written: a name, or a condition. */
  readonly if: unknown;
  /** Whether its schedule holds; null when nobody knows, or there is none. */
  readonly holds: boolean | null;
  /** When that changes, in ISO 8601; null: not in years, or no schedule. */
  readonly until: string | null;
  /** The days that it names have passed. */
  readonly over: boolean;
}
export interface ListedGate {
  readonly gate: string;
  readonly rules: readonly ListedRule[];
}

/** Every gate in the order of the file. `written` are the same rules as they stand in it, `now` is UTC ms. */
export function listRules(
  config: Config,
  written: ReadonlyMap<string, Readonly<Record<Side, readonly WrittenRule[]>>>,
  now: number,
): ListedGate[] {
  const { rules, over } = compile(config, { isHoliday: siteHolidays(config.site), now });
  return config.gates.map(({ name }) => ({
    gate: name,
    rules: (['listen', 'never'] as const).flatMap((side) =>
      rules.get(name)![side].map(({ name: rule, schedule, calendar }, index): ListedRule => {
        const span = schedule?.moments.spanAt(now);
        return {
          rule,
          schedule: schedule && canonical(parseSchedule(schedule.text)),
          calendar: calendar?.name ?? null,
          match: calendar?.match ?? null,
          if: written.get(name)?.[side][index]?.if ?? null,
          holds: span?.value ?? null,
          until: span?.until == null ? null : new Date(span.until).toISOString(),
          over: over.some(({ path }) => path[1] === name && path[2] === side && path[3] === index),
        };
      }),
    ),
  }));
}
