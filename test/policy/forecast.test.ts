import { describe, expect, test } from '@jest/globals';
import { compile } from '../../controller/config/compile.ts';
import { forecastView } from '../../controller/daemon/forecast.ts';
import { decide } from '../../controller/policy/decide.ts';
import { forecast, ruleStretches } from '../../controller/policy/forecast.ts';
import { type Course, calendarKey, imagine } from '../../controller/policy/imagined.ts';
import type { Rules } from '../../controller/policy/rules.ts';
import { configOf } from '../../schemas/config.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Saturday before the clock in Berlin is put forward. */
const FROM = Date.UTC(2027, 2, 27, 12);
const PERIOD = { from: FROM, until: FROM + 48 * HOUR };

function rulesOf(listen: object[], never: object[]): Rules {
  const config = configOf({
    site: { timezone: 'Europe/Berlin' },
    calendars: { work: { file: 'work.ics' } },
    mqtt: { url: 'mqtt://localhost' },
    presence: {
      home: { any: ['anna', { mqtt: 'ben', is: 'home' }] },
      anna: { mqtt: 'anna', is: 'home', linger: '10m' },
      guests: { manual: 'off' },
    },
    gates: { kitchen: { link: { bench: 'uno-relay' }, listen, never } },
  } as Parameters<typeof configOf>[0]);
  const compiled = compile(config, { isHoliday: () => false, now: null });
  expect(compiled.problems).toEqual([]);
  return compiled.rules.get('kitchen')!;
}
const NO_AGENDAS = new Map();

const LISTEN = [{ schedule: '07:00-23:30', if: 'home' }, { schedule: '01:30-03:30' }];
const NEVER = [
  { schedule: '12:00-13:00', if: 'guests' },
  { calendar: 'work', match: 'call' },
];
const COURSES: readonly [string, Course][] = [
  [
    'anna',
    [
      { at: FROM + HOUR, value: true },
      { at: FROM + 30 * HOUR, value: false },
    ],
  ],
  ['mqtt ben is home', [{ at: 0, value: false }]],
  [
    'guests',
    [
      { at: 0, value: false },
      { at: FROM + 23 * HOUR, value: true },
      { at: FROM + 24 * HOUR, value: null },
    ],
  ],
  [
    calendarKey('work'),
    [
      { at: 0, value: false },
      { at: FROM + 26 * HOUR, value: true },
      { at: FROM + 27 * HOUR, value: false },
    ],
  ],
];

describe('a forecast', () => {
  test('says at every minute what policy says then', () => {
    const { rules, facts } = imagine(rulesOf(LISTEN, NEVER), new Map(COURSES));
    const world = { facts, agendas: NO_AGENDAS, clockKnown: true };
    const { stretches, until } = forecast(rules, world, PERIOD);
    expect(until).toBe(PERIOD.until);
    expect(stretches[0]!.from).toBe(PERIOD.from);
    let at = PERIOD.from;
    const gate = { ...rules, buttonMs: 0, mayUnmute: [], maxGrantMs: 0, readyAfterMs: 0 };
    for (const stretch of stretches) {
      expect(stretch.from).toBe(at);
      for (; at < stretch.until; at += MINUTE) {
        const now = { wall: at, counted: at };
        const verdict = decide({ ...world, now, rules: gate, override: null, locked: false, fault: null });
        expect([at, verdict.listen, verdict.decisive]).toEqual([at, stretch.listen, stretch.decisive]);
      }
      at = stretch.until;
    }
    expect(new Set(stretches.map(({ reason }) => reason.code))).toEqual(
      new Set(['no-rule', 'listen-rule', 'never-rule', 'never-unknown']),
    );
  });

  test('what is imagined of a presence takes the place of all that it asks, and does not age', () => {
    const own = rulesOf([{ if: 'anna' }], []);
    const never = imagine(own, new Map());
    expect(ruleStretches(never.rules.listen[0]!, { ...NOTHING, facts: never.facts }, PERIOD)).toEqual([
      { ...PERIOD, value: null },
    ]);
    // Not lingering: that is part of what `anna` means.
    const course: Course = [
      { at: FROM, value: true },
      { at: FROM + HOUR, value: false },
    ];
    const { rules, facts } = imagine(own, new Map([['anna', course]]));
    expect(ruleStretches(rules.listen[0]!, { ...NOTHING, facts }, PERIOD)).toEqual([
      { from: FROM, until: FROM + HOUR, value: true },
    ]);
    const fact = imagine(own, new Map([['mqtt anna is home', course]]));
    expect(ruleStretches(fact.rules.listen[0]!, { ...NOTHING, facts: fact.facts }, PERIOD)).toEqual([
      { from: FROM, until: FROM + HOUR + 10 * MINUTE, value: true },
    ]);
  });

  test('S4: what is not imagined is unknown, and lets nothing listen', () => {
    const nothing = { imagined: new Map(), agendas: NO_AGENDAS };
    expect(forecastView('kitchen', rulesOf([{ if: 'home' }], []), nothing, PERIOD).listeningMs).toBe(0);
    const view = forecastView(
      'kitchen',
      rulesOf([{ schedule: '24/7' }], [{ if: 'guests' }]),
      nothing,
      PERIOD,
    );
    expect(view).toMatchObject({ listeningMs: 0, stretches: [{ reason: { code: 'never-unknown' } }] });
  });

  test('of something that changes all the time ends early, and says where', () => {
    const course: Course = Array.from({ length: 100 }, (_, i) => ({
      at: FROM + i * MINUTE,
      value: i % 2 === 0,
    }));
    const { rules, facts } = imagine(rulesOf([{ if: 'guests' }], []), new Map([['guests', course]]));
    const { until, stretches } = forecast(rules, { ...NOTHING, facts }, PERIOD, 20);
    expect(until).toBeLessThan(PERIOD.until);
    expect(stretches.at(-1)!.until).toBe(until);
  });
});

const NOTHING = { agendas: NO_AGENDAS, clockKnown: true };
