/** A day whose holidays nobody knows: what is so either way is known, the rest is unknown. */
import { describe, expect, test } from '@jest/globals';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { holidaysOf, listOfDates, UNREADABLE } from '../../controller/schedule/holidays.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';
import { isOn, MINUTE_MS, wallClock } from './oracle.ts';

const ZONE = 'Europe/Berlin';
const SCHEDULES = [
  'Mo-Su 20:00-04:00; PH off',
  'Fr-Su 21:00-05:00; PH 01:15-03:45',
  'Mo,PH 00:45-02:10,23:00-00:15',
  'Mo-Fr 07:00-08:30,10:00-12:00; PH 08:00-11:00',
  'Mo-Fr 07:00-08:30, PH 08:00-11:00',
  'PH 00:00-24:00',
  'Mo-Fr 09:00-17:00',
];
/** Of the days of the month: every fifth is surely none, every sixth surely one, of the others nobody knows. */
const known = (day: number): boolean | null => (day % 5 === 0 ? false : day % 6 === 0 ? true : null);

describe('S4: a day that may be a public holiday', () => {
  test('holds only what holds either way, minute by minute over a clock change', () => {
    const show = wallClock(ZONE);
    const found: string[] = [];
    for (const text of SCHEDULES) {
      const schedule = parseSchedule(text);
      const site = {
        zone: zoneOf(ZONE)!,
        place: null,
        isHoliday: (_y: number, _m: number, d: number) => known(d),
      };
      const tested = new Evaluator(schedule, site);
      const from = Date.parse('2026-10-16T00:00Z');
      for (let at = from; at < from + 14 * 86_400_000; at += 7 * MINUTE_MS) {
        const shown = show(at);
        const worlds = [0, 1, 2, 3].map((world) =>
          isOn(schedule, shown, (_y, _m, day) => known(day) ?? ((world >> (day % 2)) & 1) === 1),
        );
        const expected = worlds.every(Boolean) ? 'on' : worlds.some(Boolean) ? 'unknown' : 'off';
        const state = tested.stateAt(at);
        if (state !== expected)
          found.push(`${text} ${new Date(at).toISOString()}: ${state}, not ${expected}`);
      }
    }
    expect(found).toEqual([]);
  });

  test('becomes known again where the list goes on', () => {
    const isHoliday = holidaysOf({ dates: listOfDates(['2026-12-25']), ics: null, country: null });
    const evaluator = new Evaluator(parseSchedule('Mo-Su 10:00-12:00; PH off'), {
      zone: zoneOf('UTC')!,
      place: null,
      isHoliday,
    });
    const state = (text: string) => evaluator.stateAt(Date.parse(text));
    expect(state('2025-12-31T11:00Z')).toBe('unknown');
    expect(state('2026-01-01T11:00Z')).toBe('on');
    expect(state('2026-12-25T11:00Z')).toBe('off');
    expect(state('2027-01-01T11:00Z')).toBe('unknown');
    expect(state('2027-01-01T13:00Z')).toBe('off');
    expect(evaluator.nextChange(Date.parse('2026-12-31T12:00Z'))).toEqual({
      at: Date.parse('2027-01-01T10:00Z'),
      state: 'unknown',
    });
  });
});

describe('holidays out of several sources', () => {
  const list = (...dates: string[]) => listOfDates(dates);

  test('dates without a year are holidays of every year, and no year is missing', () => {
    const isHoliday = holidaysOf({ dates: list('12-25', '02-29'), ics: null, country: null });
    expect(isHoliday(2031, 12, 25)).toBe(true);
    expect(isHoliday(2031, 12, 26)).toBe(false);
    expect(isHoliday(2028, 2, 29)).toBe(true);
  });

  test('a year of which dates with years list nothing is unknown, but for those of every year', () => {
    const isHoliday = holidaysOf({ dates: list('2026-12-25', '01-01'), ics: null, country: null });
    expect(isHoliday(2026, 12, 26)).toBe(false);
    expect(isHoliday(2027, 12, 26)).toBe(null);
    expect(isHoliday(2027, 1, 1)).toBe(true);
  });

  test('dates beside another source add to it', () => {
    const isHoliday = holidaysOf({
      dates: list('2026-06-05', '12-24'),
      ics: null,
      country: list('2026-12-25', '2027-12-25'),
    });
    expect(isHoliday(2026, 6, 5)).toBe(true);
    expect(isHoliday(2027, 6, 5)).toBe(false);
    expect(isHoliday(2028, 6, 5)).toBe(null);
    expect(isHoliday(2028, 12, 24)).toBe(true);
  });

  test('S4: a source that cannot be read leaves every day unknown that no other lists', () => {
    const isHoliday = holidaysOf({ dates: list('12-25'), ics: UNREADABLE, country: null });
    expect(isHoliday(2026, 12, 25)).toBe(true);
    expect(isHoliday(2026, 12, 24)).toBe(null);
  });
});
