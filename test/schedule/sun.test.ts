/**
 * Sun events against the elevation of the sun from NOAA's solar equations: within two minutes, on the day the clock on the
 * wall shows, also where that day is far from the longitude's own.
 */
import { describe, expect, test } from '@jest/globals';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';
import { MINUTE_MS, wallClock } from './oracle.ts';

const TOLERANCE_MS = 2 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;
/** No divisor of a day, so that all times of the day are met. */
const STRIDE_MS = (process.env.EARLID_MINUTES ? 37 : 601) * MINUTE_MS;
const HORIZON = -0.833;
const CIVIL = -6;

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Degrees above the horizon, without refraction (NOAA Solar Calculator, after Meeus). */
function elevation(utc: number, { latitude, longitude }: Place): number {
  const [sin, cos] = [
    (d: number) => Math.sin((d * Math.PI) / 180),
    (d: number) => Math.cos((d * Math.PI) / 180),
  ];
  const degrees = (radians: number) => (radians * 180) / Math.PI;
  const t = (utc / DAY_MS + 2_440_587.5 - 2_451_545) / 36_525;
  const meanLongitude = (280.46646 + t * (36_000.76983 + t * 0.0003032)) % 360;
  const anomaly = 357.52911 + t * (35_999.05029 - 0.0001537 * t);
  const eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t);
  const center =
    sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t)) +
    sin(2 * anomaly) * (0.019993 - 0.000101 * t) +
    sin(3 * anomaly) * 0.000289;
  const node = 125.04 - 1934.136 * t;
  const apparent = meanLongitude + center - 0.00569 - 0.00478 * sin(node);
  const obliquity =
    23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60 + 0.00256 * cos(node);
  const declination = degrees(Math.asin(sin(obliquity) * sin(apparent)));
  const y = Math.tan((obliquity * Math.PI) / 360) ** 2;
  const equationOfTime =
    4 *
    degrees(
      y * sin(2 * meanLongitude) -
        2 * eccentricity * sin(anomaly) +
        4 * eccentricity * y * sin(anomaly) * cos(2 * meanLongitude) -
        0.5 * y * y * sin(4 * meanLongitude) -
        1.25 * eccentricity * eccentricity * sin(2 * anomaly),
    );
  const solarMinutes = (utc % DAY_MS) / MINUTE_MS + equationOfTime + 4 * longitude;
  const hourAngle = solarMinutes / 4 - 180;
  return degrees(
    Math.asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hourAngle)),
  );
}

/** Null within the tolerance of a crossing. */
function isUp(utc: number, place: Place, angle: number): boolean | null {
  const [before, after] = [utc - TOLERANCE_MS, utc + TOLERANCE_MS].map((at) => elevation(at, place) > angle);
  return before === after ? before! : null;
}

const evaluator = (text: string, zone: string, place: Place): Evaluator =>
  new Evaluator(parseSchedule(text), { zone: zoneOf(zone)!, place, isHoliday: () => false });

describe('against the elevation of the sun', () => {
  test.each([
    ['Europe/Berlin', 52.52, 13.4],
    ['America/New_York', 40.71, -74.01],
    ['America/Santiago', -33.45, -70.67],
    ['Australia/Lord_Howe', -31.55, 159.08],
    ['Asia/Kathmandu', 27.72, 85.32],
    ['Pacific/Kiritimati', 1.87, -157.43],
    ['Pacific/Apia', -13.83, -171.77],
    ['Pacific/Chatham', -43.95, -176.56],
    ['America/Nuuk', 60, -43],
  ])('%s', (zone, latitude, longitude) => {
    const place = { latitude, longitude };
    const show = wallClock(zone);
    const day = evaluator('sunrise-sunset', zone, place);
    const night = evaluator('sunset-sunrise', zone, place);
    const light = evaluator('dawn-dusk', zone, place);
    const later = evaluator('(sunrise+01:30)-(sunset+00:20)', zone, place);
    const some = evaluator('We,Sa sunrise-sunset', zone, place);
    const found: string[] = [];
    let checked = 0;
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += STRIDE_MS) {
      const expectState = (tested: Evaluator, isExpectedOn: boolean | null, what: string) => {
        if (isExpectedOn === null) return;
        checked++;
        const state = tested.stateAt(at);
        if (state !== (isExpectedOn ? 'on' : 'off'))
          found.push(`${new Date(at).toISOString()} ${what}: ${state}`);
      };
      const up = isUp(at, place, HORIZON);
      expectState(day, up, 'day');
      expectState(night, up === null ? null : !up, 'night');
      expectState(light, isUp(at, place, CIVIL), 'light');
      const [begun, over] = [
        isUp(at - 90 * MINUTE_MS, place, HORIZON),
        isUp(at - 20 * MINUTE_MS, place, HORIZON),
      ];
      if (begun !== null && over !== null) expectState(later, begun && over, 'later');
      expectState(some, up === null ? null : up && [2, 5].includes(show(at).weekday), 'We,Sa');
    }
    expect(found.slice(0, 5)).toEqual([]);
    expect(checked).toBeGreaterThan((4 * 365 * DAY_MS) / STRIDE_MS);
  });
});

describe('where the sun does not rise or set', () => {
  const zone = 'Europe/Oslo';
  const tromso = { latitude: 69.65, longitude: 18.96 };
  const noonOf = (index: number) => Date.UTC(2026, 0, 1 + index, 11);

  test('is unknown on the days without a crossing, and only on them', () => {
    const day = evaluator('sunrise-sunset', zone, tromso);
    const unknown: boolean[] = [];
    const still: boolean[] = [];
    for (let index = 0; index < 365; index++) {
      const up = Array.from(
        { length: 96 },
        (_, i) => elevation(noonOf(index) - DAY_MS / 2 + i * 15 * MINUTE_MS, tromso) > HORIZON,
      );
      still.push(up.every((each) => each === up[0]));
      unknown.push(day.stateAt(noonOf(index)) === 'unknown');
    }
    // The polar day and the polar night have two edges each.
    expect(unknown.filter((each, index) => each !== still[index]).length).toBeLessThanOrEqual(4);
    expect(still.filter((each) => each).length).toBeGreaterThan(100);
  });

  test('a window is unknown as long as it may have lasted: past midnight, and from before it', () => {
    const december = (text: string, hour: number) =>
      evaluator(text, zone, tromso).stateAt(Date.UTC(2026, 11, 21, hour));
    expect(december('2026 Dec 20 sunset-06:00', 4)).toBe('unknown');
    expect(december('2026 Dec 20 sunset-06:00', 5)).toBe('off');
    expect(december('2026 Dec 20 08:00-sunset', 10)).toBe('unknown');
    expect(december('2026 Dec 22 (sunrise-06:00)-08:00', 16)).toBe('off');
    expect(december('2026 Dec 22 (sunrise-06:00)-08:00', 17)).toBe('unknown');
    expect(december('2026 Dec 20 sunset-06:00, 2026 Dec 21 03:00-07:00', 4)).toBe('on');
    expect(december('dawn-dusk', 11)).toBe('on');
  });

  test('without a place the sun is unknown, other windows are not', () => {
    const site = { zone: zoneOf('Europe/Berlin')!, place: null, isHoliday: () => false };
    const tested = new Evaluator(parseSchedule('Mo sunrise-sunset, Mo 12:00-13:00, Tu 12:00-13:00'), site);
    expect(tested.stateAt(Date.UTC(2026, 0, 5, 9))).toBe('unknown');
    expect(tested.stateAt(Date.UTC(2026, 0, 5, 11, 30))).toBe('on');
    expect(tested.stateAt(Date.UTC(2026, 0, 7, 9))).toBe('off');
  });
});
