/**
 * The evaluator against the wall clock that `Intl` shows (`oracle.ts`), minute by minute around the transitions of 2024 to
 * 2030. `EARLID_MINUTES` minutes are checked, each of them for every schedule (600,000 in `.ci/run`).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';
import { thoroughTest } from '../thorough.ts';
import { isOn, jumps, MINUTE_MS, wallClock } from './oracle.ts';

const MINUTES = Number(process.env.EARLID_MINUTES ?? 25_000);
const TIMEOUT_MS = 60 * 60 * 1000;
const FIRST = Date.UTC(2024, 0, 1);
const UNTIL = Date.UTC(2031, 0, 1);
/** Before and after a transition: every hour that may be left out or repeated, and what is beside it. */
const NEAR = 65;
const DAY_AND_A_HALF = 36 * 60;
/** Of every so many minutes the next and the last change are asked for too. */
const ASKED = 29;

const ZONES = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/Asuncion',
  'America/Havana',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tehran',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Europe/Dublin',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];
const SCHEDULES = [
  '24/7',
  '22:00-07:00',
  'Mo-Fr 07:00-08:30; Sa,Su 09:00-24:00',
  '02:00-03:00',
  '01:30-02:30',
  '00:00-00:30',
  '23:30-00:30',
  '23:59-00:00,01:00-01:01,02:59-03:00',
  'Sa 22:00-02:30, Su 02:45-02:15',
  'Su-Tu 00:00-24:00',
  'Dec 20-Jan 6 08:00-20:00, Mar 25-Apr 6 Sa,Su 01:00-04:00, Oct-Nov 23:00-03:00',
  '00:30-23:30; 2025 Mar 30 02:15-02:45; 2026 Oct 25-2026 Nov 1 off',
  'Mo-Su 20:00-04:00; PH off',
  'Fr-Su 21:00-05:00; PH 01:15-03:45',
  'Mo,PH 00:45-02:10,23:00-00:15',
  'Feb 29 00:00-24:00, Mar Su 00:00-12:00',
];

/** Sundays on which clocks change are holidays here, and so are the days after. */
const isHoliday = (_year: number, month: number, day: number): boolean =>
  (day >= 25 && (month === 3 || month === 10)) || (month === 11 && day < 4) || day === 1;

const utc = (text: string): number => Date.parse(text);
const evaluator = (text: string, zone: string): Evaluator =>
  new Evaluator(parseSchedule(text), { zone: zoneOf(zone)!, place: null, isHoliday });

interface Span {
  readonly zone: string;
  readonly from: number;
  readonly minutes: number;
}

/** Around every transition in turn, near ones before whole days, the same sample each time. */
function spans(): { transitions: number; chosen: Span[] } {
  const around = (at: number, minutes: number) => ({
    from: at - minutes * MINUTE_MS,
    minutes: 2 * minutes,
  });
  const transitions = ZONES.flatMap((zone) => {
    const found = jumps(zone, FIRST, UNTIL);
    // Where clocks never change, the ends of a leap year and of its February.
    const of = found.length > 0 ? found : [utc('2024-03-01T00:00Z'), utc('2025-01-01T00:00Z')];
    return of.map((at, index) => ({ zone, at, index }));
  });
  const near = transitions
    .filter(({ index }) => index < 6)
    .map(({ zone, at }) => ({ zone, ...around(at, NEAR) }));
  const days = shuffled(transitions).map(({ zone, at }) => ({ zone, ...around(at, DAY_AND_A_HALF) }));
  const chosen: Span[] = [];
  let left = MINUTES;
  for (const span of [...near, ...days]) {
    if (left <= 0) break;
    chosen.push(span);
    left -= span.minutes;
  }
  return { transitions: transitions.length, chosen };
}

/** By digests: in no order of zones or years, but always the same. */
function shuffled<T>(items: readonly T[]): T[] {
  const key = (item: T) => createHash('sha256').update(JSON.stringify(item)).digest('hex');
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

/** What differs between evaluator and clock in a span. */
function mismatches({ zone, from, minutes }: Span): string[] {
  const show = wallClock(zone);
  const shown = Array.from({ length: minutes }, (_, i) => show(from + i * MINUTE_MS));
  return SCHEDULES.flatMap((text) => {
    const schedule = parseSchedule(text);
    const tested = evaluator(text, zone);
    const on = shown.map((each) => isOn(schedule, each, isHoliday));
    const found: string[] = [];
    const differs = (at: number, what: string) =>
      found.push(`${zone} ${new Date(at).toISOString()} “${text}”: ${what}`);
    for (const [i, isExpectedOn] of on.entries()) {
      // Anywhere in the minute.
      const at = from + i * MINUTE_MS + ((i * 7_919) % MINUTE_MS);
      const expected = isExpectedOn ? 'on' : 'off';
      const state = tested.stateAt(at);
      if (state !== expected) differs(at, `${state}, the clock says ${expected}`);
      if (i % ASKED > 0) continue;
      // Beyond the span the clock was not read; a change far away is slow to find.
      const next = on.indexOf(!isExpectedOn, i);
      const last = on.lastIndexOf(!isExpectedOn, i);
      if (next > 0 && tested.nextChange(at)?.at !== from + next * MINUTE_MS) differs(at, 'next change');
      if (last >= 0 && tested.since(at) !== from + (last + 1) * MINUTE_MS) differs(at, 'since');
    }
    const steps = on.flatMap((state, i) => (i > 0 && state !== on[i - 1] ? [from + i * MINUTE_MS] : []));
    if (steps.length === 0) return found;
    const changes = tested.changes(from, from + (minutes - 1) * MINUTE_MS, steps.length + 1);
    if (changes.map(({ at }) => at).join() !== steps.join()) differs(from, 'changes');
    return found;
  });
}

describe('against the clock on the wall', () => {
  test(
    `${MINUTES} minutes around the transitions of ${ZONES.length} zones, ${SCHEDULES.length} schedules in each minute`,
    () => {
      const { transitions, chosen } = spans();
      expect(transitions).toBeGreaterThan(200);
      expect(new Set(chosen.map(({ zone }) => zone)).size).toBe(ZONES.length);
      let checked = 0;
      const found: string[] = [];
      for (const span of chosen) {
        found.push(...mismatches(span));
        checked += span.minutes;
      }
      expect(found.slice(0, 10)).toEqual([]);
      expect(checked).toBeGreaterThanOrEqual(MINUTES);
    },
    TIMEOUT_MS,
  );

  test('the zones have gaps and repeated hours of 30, 60 and 120 minutes, and at midnight', () => {
    const jump = (zone: string, from: string) => {
      const [at] = jumps(zone, utc(from), UNTIL);
      const show = wallClock(zone);
      return [show(at! - MINUTE_MS).minute + 1, show(at!).minute];
    };
    expect(jump('Australia/Lord_Howe', '2024-07-01T00:00Z')).toEqual([120, 150]);
    expect(jump('Australia/Lord_Howe', '2025-01-01T00:00Z')).toEqual([120, 90]);
    expect(jump('Antarctica/Troll', '2025-01-01T00:00Z')).toEqual([60, 180]);
    expect(jump('America/Havana', '2025-01-01T00:00Z')).toEqual([1440, 60]);
    expect(jump('Asia/Beirut', '2025-07-01T00:00Z')).toEqual([1440, 1380]);
  });
});

describe('changes far away', () => {
  test('the next leap day', () => {
    const leap = evaluator('Feb 29 10:00-11:00', 'Europe/Berlin');
    expect(leap.nextChange(utc('2024-03-01T00:00Z'))).toEqual({ at: utc('2028-02-29T09:00Z'), state: 'on' });
    expect(leap.since(utc('2028-02-29T08:59Z'))).toBe(utc('2024-02-29T10:00Z'));
  });

  test('never', () => {
    for (const text of ['24/7', 'off', '2020 Jan 1 10:00-11:00']) {
      expect(evaluator(text, 'Asia/Tokyo').nextChange(utc('2026-01-01T00:00Z'))).toBeNull();
    }
    expect(evaluator('24/7', 'Asia/Tokyo').since(utc('2026-01-01T00:00Z'))).toBeNull();
  });

  test('at most as many as asked for', () => {
    const found = evaluator('10:00-11:00', 'UTC').changes(
      utc('2026-01-01T00:00Z'),
      utc('2027-01-01T00:00Z'),
      3,
    );
    expect(found.map(({ state }) => state)).toEqual(['on', 'off', 'on']);
  });
});

thoroughTest('the zone of the process changes nothing', async () => {
  const script = `
    import { createHash } from 'node:crypto';
    import { Evaluator } from './dist/controller/schedule/evaluate.js';
    import { parseSchedule } from './dist/controller/schedule/parse.js';
    import { zoneOf } from './dist/controller/schedule/zone.js';
    const hash = createHash('sha256');
    const place = { latitude: 52.52, longitude: 13.4 };
    for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Pacific/Apia'])
      for (const text of [...${JSON.stringify(SCHEDULES)}, '(sunset-00:30)-(sunrise+01:00)']) {
        const isHoliday = (year, month, day) => day === 1;
        const tested = new Evaluator(parseSchedule(text), { zone: zoneOf(zone), place, isHoliday });
        hash.update(JSON.stringify(tested.changes(Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 20), 1000)));
        hash.update(JSON.stringify(tested.changes(Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 10), 1000)));
      }
    console.log(new Date(Date.UTC(2026, 0, 1)).getHours(), hash.digest('hex'));`;
  const zones = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'];
  const answers = await Promise.all(
    zones.map(async (TZ) => {
      const env = { ...process.env, TZ };
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        env,
      });
      return stdout.trim().split(' ');
    }),
  );
  expect(new Set(answers.map(([hour]) => hour)).size).toBeGreaterThan(2);
  expect(new Set(answers.map(([, digest]) => digest)).size).toBe(1);
});
