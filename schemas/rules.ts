/** The form of what decides in `earlid.yaml`: the site, presence, calendars, and the rules of a gate. */
import { z } from 'zod';
import { type Condition, type ConditionText, conditionSchema, toCondition } from './conditions.ts';
import { durationMs, durationText } from './duration-text.ts';
import { NAME } from './name.ts';

/** Longest text of a schedule, in characters. */
export const MAX_SCHEDULE = 4_096;
const MAX_RULES = 64;
const DAY_MS = 86_400_000;
const name = z.string().regex(NAME, { error: 'a name of small letters, digits, - and _' });
const localPath = (what: string) => z.string({ error: what }).regex(/^[^\0\n]{1,4096}$/, { error: what });

/** Without a year, a day of leap years will do. */
const isRealDate = (text: string): boolean => {
  const full = text.length === 5 ? `2000-${text}` : text;
  const at = Date.parse(`${full}T00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(full);
};

/** Where public holidays come from; any of these, together. */
const holidays = z
  .strictObject(
    {
      dates: z
        .array(
          z
            .string({ error: 'a date such as 2026-12-25, or 12-25 for every year' })
            .regex(/^(\d{4}-)?\d{2}-\d{2}$/, {
              error: 'a date such as 2026-12-25, or 12-25 for every year',
              abort: true,
            })
            .refine(isRealDate, { error: 'a date that there is' }),
          { error: 'a list of dates such as [2026-12-25, 12-26]' },
        )
        .max(1_000)
        .describe('Dates such as 2026-12-25, or 12-25 for every year.')
        .optional(),
      ics: localPath('the path of an ICS file')
        .describe('An ICS file whose all-day events are holidays; a relative path counts from this file.')
        .optional(),
      country: z
        .string({ error: 'a country and region such as DE-BE' })
        .regex(/^[A-Z]{2}(-[A-Za-z0-9]{1,12}){0,2}$/, { error: 'a country and region such as DE or DE-BE' })
        .describe('Of the optional package `date-holidays`: country, state and region such as DE-BE.')
        .optional(),
    },
    { error: 'a mapping with `dates`, `ics` or `country`' },
  )
  .refine((value) => Object.values(value).some((given) => given !== undefined), {
    error: 'at least one of `dates`, `ics` and `country`',
  })
  .describe('Public holidays, the `PH` of schedules.');

export const site = z
  .strictObject(
    {
      timezone: z
        .string({ error: 'a time zone such as Europe/Berlin' })
        .max(64)
        .describe('Time zone of the clock on the wall that schedules go by, such as Europe/Berlin.'),
      latitude: z
        .number({ error: 'degrees from -90 to 90' })
        .min(-90, { error: 'degrees from -90 to 90' })
        .max(90, { error: 'degrees from -90 to 90' })
        .describe('For sunrise and sunset.')
        .optional(),
      longitude: z
        .number({ error: 'degrees from -180 to 180' })
        .min(-180, { error: 'degrees from -180 to 180' })
        .max(180, { error: 'degrees from -180 to 180' })
        .describe('For sunrise and sunset.')
        .optional(),
      clock: z
        .enum(['kernel', 'trusted'], { error: '`kernel` or `trusted`' })
        .describe(
          '`kernel`: the time is unknown until the kernel says that it is synchronised. `trusted`: it is believed as it is. Default kernel.',
        )
        .default('kernel'),
      holidays: holidays.optional(),
    },
    { error: 'a mapping such as `{ timezone: Europe/Berlin }`' },
  )
  .refine(({ latitude, longitude }) => (latitude === undefined) === (longitude === undefined), {
    error: '`latitude` and `longitude` together',
  })
  .describe('Where the gates are.');

export const presence = z
  .record(name, conditionSchema, { error: 'a mapping of names to conditions' })
  .describe('Conditions with a name, for the `if` of rules.');

const calendar = z
  .strictObject(
    {
      file: localPath('the path of an ICS file')
        .describe('An ICS file; a relative path counts from this file.')
        .optional(),
      url: z
        .url({ protocol: /^https?$/, error: 'an address that begins with https://' })
        .max(2_048)
        .describe('Address of an ICS file.')
        .optional(),
      url_file: localPath('the path of a file')
        .describe('A file with the address in it, for an address that is a secret.')
        .optional(),
      refresh: durationText(DAY_MS, '24h')
        .describe('How often it is read again. Default 15m.')
        .default('15m'),
      max_age: durationText(30 * DAY_MS, '30d')
        .describe('How long it is believed after it was last read. Default 24h.')
        .default('24h'),
    },
    { error: 'a mapping with `file`, `url` or `url_file`' },
  )
  .refine(
    ({ file, url, url_file }) => [file, url, url_file].filter((given) => given !== undefined).length === 1,
    { error: 'exactly one of `file`, `url` and `url_file`' },
  )
  .refine(({ refresh, max_age }) => durationMs(refresh) < durationMs(max_age), {
    error: '`refresh` shorter than `max_age`, or it would be unknown in between',
  });

export const calendars = z
  .record(name, calendar, { error: 'a mapping of names to calendars' })
  .refine((value) => Object.keys(value).length <= 32, { error: 'at most 32 calendars' })
  .describe('Calendars, for the `calendar` of rules.');

const RULE = 'a mapping with `schedule`, `calendar`, `if`, or several of them';
const rule = z
  .strictObject(
    {
      schedule: z
        .string({ error: 'a schedule such as "Mo-Fr 07:00-08:30"' })
        .max(MAX_SCHEDULE, { error: `a schedule of at most ${MAX_SCHEDULE} characters` })
        .describe('When this rule holds, such as `Mo-Fr 07:00-08:30; PH off`.')
        .optional(),
      calendar: name.describe('Name of a calendar: holds while it has an event.').optional(),
      match: z
        .string({ error: 'a text, or a pattern such as "/call|interview/i"' })
        .min(1)
        .max(256)
        .describe(
          'Of a calendar: only events whose summary, category or location contains this text, or matches this pattern.',
        )
        .optional(),
      if: conditionSchema.describe('The name of a presence, or a condition of its own.').optional(),
    },
    { error: RULE },
  )
  .superRefine((value, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    // A key that is not known is told by itself.
    if (context.issues.length > 0) return;
    if (value.match !== undefined && value.calendar === undefined) return expect('`calendar` beside `match`');
    if (value.schedule === undefined && value.calendar === undefined && value.if === undefined) expect(RULE);
  });

/** What all of a rule says must hold together. */
export const rules = z
  .array(rule, { error: 'a list of rules such as `- { schedule: "07:00-22:00" }`' })
  .max(MAX_RULES, { error: `at most ${MAX_RULES} rules` });

export interface SiteConfig {
  readonly zone: string;
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
  readonly clock: 'kernel' | 'trusted';
  readonly holidays: {
    readonly dates: readonly string[];
    readonly ics: string | null;
    readonly country: string | null;
  } | null;
}
export interface CalendarConfig {
  readonly name: string;
  readonly from: { readonly file: string } | { readonly url: string } | { readonly urlFile: string };
  readonly refreshMs: number;
  readonly maxAgeMs: number;
}
/** A rule holds while everything it names does. */
export interface RuleConfig {
  readonly schedule: string | null;
  readonly calendar: { readonly name: string; readonly match: string | null } | null;
  readonly condition: Condition | null;
}

export function toSite({
  timezone,
  latitude,
  longitude,
  clock,
  holidays,
}: z.output<typeof site>): SiteConfig {
  return {
    zone: timezone,
    place: latitude === undefined || longitude === undefined ? null : { latitude, longitude },
    clock,
    holidays: holidays
      ? {
          dates: holidays.dates ?? [],
          ics: holidays.ics ?? null,
          country: holidays.country ?? null,
        }
      : null,
  };
}

export function toPresence(texts: Readonly<Record<string, ConditionText>>): ReadonlyMap<string, Condition> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, toCondition(text, name)]));
}

export function toCalendar(
  name: string,
  { file, url, url_file, refresh, max_age }: z.output<typeof calendar>,
): CalendarConfig {
  return {
    name,
    from: file !== undefined ? { file } : url !== undefined ? { url } : { urlFile: url_file! },
    refreshMs: durationMs(refresh),
    maxAgeMs: durationMs(max_age),
  };
}

export function toRule({ schedule, calendar, match, if: text }: z.output<typeof rule>): RuleConfig {
  return {
    schedule: schedule ?? null,
    calendar: calendar === undefined ? null : { name: calendar, match: match ?? null },
    condition: text === undefined ? null : toCondition(text, null),
  };
}
