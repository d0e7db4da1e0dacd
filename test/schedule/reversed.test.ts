import { describe, expect, test } from '@jest/globals';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';

const BERLIN = {
  zone: zoneOf('Europe/Berlin')!,
  place: { latitude: 52.52, longitude: 13.4 },
  isHoliday: () => false,
};
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Minutes of a UTC day in which it is on. */
function minutesOn(text: string, day: string): number {
  const evaluator = new Evaluator(parseSchedule(text), BERLIN);
  const from = Date.parse(`${day}T00:00Z`);
  let count = 0;
  for (let minute = 0; minute < DAY_MINUTES; minute++)
    if (evaluator.stateAt(from + minute * MINUTE_MS) === 'on') count++;
  return count;
}

describe('a window with the sun', () => {
  test.each([
    ['sunrise-08:00', '2026-12-21', '2026-06-21'],
    ['17:00-sunset', '2026-12-21', '2026-06-21'],
    ['sunset-21:00', '2026-06-21', '2026-12-21'],
    ['06:00-sunrise', '2026-06-21', '2026-12-21'],
  ])('S4: `%s` is empty in the season in which it is reversed, not a day long', (text, reversed, other) => {
    expect(minutesOn(text, reversed)).toBe(0);
    expect(minutesOn(text, other)).toBeGreaterThan(100);
    expect(minutesOn(text, other)).toBeLessThan(400);
  });

  test.each([
    ['sunset-sunrise', 981, 430],
    ['sunrise-sunset', 459, 1_010],
    ['dusk-00:30', 475, 127],
    ['22:00-dawn', 573, 352],
    ['(sunset-00:30)-(sunrise+01:00)', 1_071, 520],
  ])('`%s` passes midnight where an evening is joined to a morning', (text, winter, summer) => {
    expect(Math.abs(minutesOn(text, '2026-12-21') - winter)).toBeLessThan(4);
    expect(Math.abs(minutesOn(text, '2026-06-21') - summer)).toBeLessThan(4);
  });
});
