import { expect, test } from '@jest/globals';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { prospect } from '../../controller/schedule/prospect.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const place = { latitude: 78.2, longitude: 15.6 };
const site = { zone: zoneOf('Europe/Berlin')!, place, isHoliday: () => false };

test.each([
  ['07:00-08:00', 'comes'],
  ['Feb 29 07:00-08:00', 'comes'],
  ['2026 Nov 21 07:00-23:00', 'comes'],
  ['2026 Nov 21 22:00-07:00', 'comes'],
  ['2026 Nov 20 22:00-07:00', 'over'],
  ['2026 Nov 21 07:00-08:00', 'over'],
  ['2026 Jan 1-Nov 20 07:00-08:00', 'over'],
  ['2003 May 1 07:00-08:00', 'over'],
  ['2003 May 1 07:00-08:00, 2026 May 1 07:00-08:00', 'over'],
  ['2003 May 1 07:00-08:00, 2041 May 1 07:00-08:00', 'comes'],
  ['2098 May 1 07:00-08:00', 'comes'],
  // Whether holidays are to come is not known from the text.
  ['PH 07:00-08:00', 'comes'],
  ['07:00-08:00; Mo-Su off', 'never'],
  ['Mo off', 'never'],
  ['2027 Dec 24 07:00-08:00; 2027 Dec 24 off', 'never'],
  ['2020 Dec 24 07:00-08:00; 2020 Dec 24 off', 'never'],
])('%s: %s', (text, expected) => {
  const schedule = parseSchedule(text);
  expect(prospect(schedule, new Evaluator(schedule, site), NOW)).toBe(expected);
});
