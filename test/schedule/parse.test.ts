/** Text and schedule: there and back, and what is said of a text that is none. `EARLID_RUNS` random ones of each kind. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../controller/schedule/canonical.ts';
import { conflicts } from '../../controller/schedule/conflicts.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import {
  type CalendarDay,
  type DayRange,
  type Days,
  type Rule,
  type Schedule,
  ScheduleError,
  type ScheduleProblem,
  SUN_EVENTS,
  type TimePoint,
  type Weekday,
  type Window,
} from '../../controller/schedule/schedule.ts';
import { WRONG_TEXTS } from './wrong-texts.ts';

const RUNS = Number(process.env.EARLID_RUNS ?? 400);

function problemOf(text: string): ScheduleProblem {
  try {
    parseSchedule(text);
  } catch (error) {
    if (error instanceof ScheduleError) return error.problem;
    throw error;
  }
  throw new Error(`this is accepted: ${text}`);
}

const isRefused = (rules: readonly Rule[]): boolean => {
  try {
    conflicts(rules);
    return false;
  } catch {
    return true;
  }
};

/** Without where its rules stand in a text. */
const meaning = ({ rules }: Schedule) =>
  rules.map(({ days, windows, replaces }) => ({ days, windows, replaces }));

const sunPoint: fc.Arbitrary<TimePoint> = fc.record({
  sun: fc.constantFrom(...SUN_EVENTS),
  offsetMinutes: fc.oneof(fc.constant(0), fc.integer({ min: -720, max: 720 })),
});
const point = (last: number): fc.Arbitrary<TimePoint> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ minute: fc.integer({ min: 0, max: last }) }) },
    { weight: 1, arbitrary: sunPoint },
  );
const window: fc.Arbitrary<Window> = fc
  .oneof(
    fc.record({ start: point(1_439), end: point(1_440) }),
    fc.constant({ start: { minute: 0 }, end: { minute: 1_440 } }),
  )
  .filter(({ start, end }) => JSON.stringify(start) !== JSON.stringify(end));

const dayOf = (year: number | null): fc.Arbitrary<CalendarDay> =>
  fc
    .record({ month: fc.integer({ min: 1, max: 12 }), day: fc.integer({ min: 1, max: 31 }) })
    .filter(({ month, day }) => day <= new Date(Date.UTC(year ?? 2024, month, 0)).getUTCDate())
    .map(({ month, day }) => ({ year, month, day }));
const years = fc.integer({ min: 2000, max: 2099 });
const range: fc.Arbitrary<DayRange> = fc.oneof(
  fc.record({ from: dayOf(null), to: dayOf(null) }),
  fc
    .tuple(years, years)
    .chain(([a, b]) => fc.record({ from: dayOf(Math.min(a, b)), to: dayOf(Math.max(a, b)) }))
    .filter(({ from, to }) => from.year !== to.year || from.month * 32 + from.day <= to.month * 32 + to.day),
);
const days: fc.Arbitrary<Days> = fc
  .record({
    weekdays: fc.option(fc.subarray([0, 1, 2, 3, 4, 5, 6] as Weekday[])),
    publicHolidays: fc.boolean(),
    dates: fc.option(fc.array(range, { minLength: 1, maxLength: 3 })),
  })
  .filter(({ weekdays, publicHolidays }) =>
    publicHolidays ? weekdays !== null : weekdays === null || weekdays.length > 0,
  );
const rule: fc.Arbitrary<Rule> = fc.record({
  days,
  windows: fc.array(window, { maxLength: 3 }),
  replaces: fc.boolean(),
  position: fc.constant(0),
  length: fc.constant(1),
});
/** A comma before times alone would add them to the rule before. */
const isSaid = ({ days, replaces }: Rule): boolean =>
  replaces || days.weekdays !== null || days.dates !== null;
const schedule: fc.Arbitrary<Schedule> = fc
  .array(rule, { minLength: 1, maxLength: 4 })
  .map(([first, ...others]) => ({ rules: [{ ...first!, replaces: true }, ...others] }))
  .filter(({ rules }) => rules.every(isSaid) && !isRefused(rules));

const PIECES = [
  ...[
    'Mo',
    'Fr',
    'Su',
    'PH',
    'Dec',
    'Feb',
    '2024',
    '2025',
    '24',
    '29',
    '7',
    '07:00',
    '24:00',
    '00:30',
    '08:30',
  ],
  ...[
    '-',
    '-',
    ',',
    ';',
    ':',
    '/',
    '(',
    ')',
    '+',
    ' ',
    'off',
    'closed',
    'sunset',
    'sunrise',
    '24/7',
    'x',
    '🦉',
  ],
];
const nearly = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));
const anything = fc.oneof(
  nearly,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

describe('there and back', () => {
  test(`${RUNS} random schedules, written and read, are the same`, () => {
    fc.assert(
      fc.property(schedule, (one) => {
        const text = canonical(one);
        const read = parseSchedule(text);
        expect(meaning(read)).toEqual(meaning(one));
        expect(canonical(read)).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  test(`of ${5 * RUNS} random texts each is a schedule, or told what is wrong at a place in it`, () => {
    fc.assert(
      fc.property(anything, (text) => {
        try {
          const read = parseSchedule(text);
          expect(meaning(parseSchedule(canonical(read)))).toEqual(meaning(read));
        } catch (error) {
          if (!(error instanceof ScheduleError)) throw error;
          const { message, hint, position, length } = error.problem;
          const points = [...text].length;
          expect(position).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(1);
          // One past the end, where something is missing.
          expect(position + length).toBeLessThanOrEqual(points + 1);
          expect(`${message}${hint}`).toMatch(/^[^\p{C}\u2028\u2029]{10,200}$/u);
        }
      }),
      { numRuns: 5 * RUNS },
    );
  });

  test.each([
    ['  Mo-Fr 7:00-8:30 ', 'Mo-Fr 07:00-08:30'],
    ['Su-Tu 00:00-24:00', 'Mo,Tu,Su 00:00-24:00'],
    ['PH,Mo 07:00-08:00', 'Mo,PH 07:00-08:00'],
    ['Mo,Mo,Tu-Th 07:00-08:00', 'Mo-Th 07:00-08:00'],
    ['24/7; PH closed', '24/7; PH off'],
    ['Feb 10:00-11:00', 'Feb 1-29 10:00-11:00'],
    ['2025 Feb 10:00-11:00', '2025 Feb 1-28 10:00-11:00'],
    ['Nov-Feb Sa 10:00-11:00', 'Nov 1-Feb 29 Sa 10:00-11:00'],
    ['2025 Dec 24-2026 Jan 2 off', '2025 Dec 24-2026 Jan 2 off'],
    ['Dec 26-Dec 24 off', 'Dec 26-Dec 24 off'],
    ['( sunset - 00:30 )-(sunrise+00:00)', '(sunset-00:30)-sunrise'],
    ['Mo 07:00-08:00,Tu 09:00-10:00', 'Mo 07:00-08:00, Tu 09:00-10:00'],
    ['07:00-08:00\n;\tDec 24 10:00-12:00', '07:00-08:00; Dec 24 10:00-12:00'],
  ])('%j is %j', (text, form) => {
    expect(canonical(parseSchedule(text))).toBe(form);
    expect(canonical(parseSchedule(form))).toBe(form);
  });
});

describe('what is wrong', () => {
  test.each(WRONG_TEXTS)('%j', (text, marked, message, hint) => {
    const problem = problemOf(text);
    const caret = ' '.repeat(problem.position) + '^'.repeat(problem.length);
    expect([caret, problem.message, problem.hint]).toEqual([marked, message, hint]);
  });

  test('a text of any length is answered soon', () => {
    const dates = (months: string) => Array.from({ length: 250 }, () => months).join(',');
    const halves = `${dates('Jan-Jun')} off; ${dates('Jul-Dec')} 07:00-08:00`;
    expect(halves.length).toBeLessThan(4_096);
    const before = process.cpuUsage();
    expect(parseSchedule(halves).rules).toHaveLength(2);
    expect(parseSchedule('PH off;'.repeat(580).slice(0, -1)).rules).toHaveLength(580);
    expect(problemOf('('.repeat(4_096)).position).toBe(1);
    expect(problemOf('x'.repeat(4_096)).message).toBe(
      '“xxxxxxxxxxxxxxxxxxxx…” is not a day, a month or a time',
    );
    expect(problemOf('1'.repeat(100_000_000)).message).toBe('a schedule of 100000000 characters is too long');
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});
