/** Made-up gates and what is known about the world, for properties: real schedules around changes of the clock, facts with their histories, agendas, overrides. */
import fc from 'fast-check';
import type { GateRules, PolicyInput } from '../../controller/policy/decide.ts';
import type { Agenda, Fact, Truth } from '../../controller/policy/facts.ts';
import {
  type Decision,
  grant,
  HOLD_ONLY,
  hold,
  type Instant,
  type Override,
} from '../../controller/policy/override.ts';
import type { Condition, Rule } from '../../controller/policy/rules.ts';
import { Evaluator } from '../../controller/schedule/evaluate.ts';
import { parseSchedule } from '../../controller/schedule/parse.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** The machine has run for two days: room for histories. */
const COUNTED = 48 * HOUR;
const FACTS = ['input hall.motion', 'mqtt home/anna', 'host 10.0.0.7', 'manual guests'];
const CALENDARS = ['work', 'work /call/i'];

/** Ordinary evenings, and the nights in which the clock is put forward or back. */
const PLACES = [
  { zone: 'Europe/Berlin', around: ['2026-11-20T18:00Z', '2027-03-28T01:00Z', '2026-10-25T01:00Z'] },
  { zone: 'America/New_York', around: ['2026-11-01T06:00Z', '2027-03-14T07:00Z'] },
  { zone: 'Australia/Lord_Howe', around: ['2026-10-03T15:30Z', '2027-04-03T15:00Z'] },
  { zone: 'America/Havana', around: ['2026-11-01T05:00Z', '2027-03-14T05:00Z'] },
  { zone: 'Pacific/Chatham', around: ['2026-09-26T14:00Z', '2027-04-03T14:00Z'] },
  { zone: 'Africa/Casablanca', around: ['2027-02-07T02:00Z', '2027-03-14T02:00Z'] },
].flatMap(({ zone, around }) => around.map((at) => ({ zone, around: Date.parse(at) })));
type Place = (typeof PLACES)[number];

const TEXTS = [
  'Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00',
  '22:00-07:00',
  '24/7',
  '00:00-02:00,03:00-04:00',
  '01:30-02:15,02:45-03:05',
  'Sa 22:00-02:30',
  'Oct-Mar 16:00-24:00',
  'Dec 24-26 off',
  'Mo-Su 00:00-24:00; Nov 20 off',
];
const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc
    .tuple(fc.nat(31), fc.integer({ min: 1, max: 31 }))
    .map(([start, long]) => `${clockText(start * 45)}-${clockText(((start + long) % 32) * 45)}`),
);
const evaluators = new Map<string, Evaluator>();
/** Real ones, kept from run to run: they remember the days they were asked about. */
export function momentsOf(schedule: string, zone: string): Evaluator {
  const key = `${zone} ${schedule}`;
  let found = evaluators.get(key);
  if (!found) {
    found = new Evaluator(parseSchedule(schedule), {
      zone: zoneOf(zone)!,
      place: null,
      isHoliday: () => false,
    });
    evaluators.set(key, found);
  }
  return found;
}

export const truth = fc.constantFrom<Truth>(true, false, null);
const ms = fc.oneof(
  fc.constantFrom(1_000, 10_000, 2 * MINUTE, 10 * MINUTE),
  fc.integer({ min: 1, max: 3 * MINUTE }),
);
const fact: fc.Arbitrary<Condition> = fc.record({
  kind: fc.constant('fact' as const),
  name: fc.constant(null),
  fact: fc.constantFrom(...FACTS),
  maxAgeMs: fc.constantFrom(5_000, MINUTE, HOUR),
});
/** Conditions of any depth over these facts; `ms` is how long `after` and `linger` take. */
export const conditions = (
  fact: fc.Arbitrary<Condition>,
  ms: fc.Arbitrary<number>,
): fc.Arbitrary<Condition> =>
  fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fact,
      fc.record({
        kind: fc.constantFrom('any' as const, 'all' as const),
        name: fc.constant(null),
        of: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), name: fc.constant(null), of: tie('node') }),
      fc.record({
        kind: fc.constantFrom('after' as const, 'linger' as const),
        name: fc.constant(null),
        ms,
        of: tie('node'),
      }),
    ),
  })).node;
export const condition = conditions(fact, ms);

/** What a source told until `now`: values with the time between them, newest last, and how long ago it was last heard. */
export const history = (now: number): fc.Arbitrary<Fact> =>
  fc
    .record({
      values: fc.array(fc.tuple(fc.oneof(ms, fc.constant(HOUR)), truth), { minLength: 1, maxLength: 5 }),
      silent: fc.oneof(fc.nat(5_000), fc.nat(2 * MINUTE), fc.constant(3 * HOUR)),
      stood: fc.nat(MINUTE),
    })
    .map(({ values, silent, stood }) => {
      const seen = now - silent;
      const told: { at: number; value: Truth }[] = [];
      let at = seen - stood;
      for (const [gap, value] of values) {
        if (told[0]?.value !== value) told.unshift({ at, value });
        else told[0] = { at, value };
        at -= gap;
      }
      return { told, seen, detail: '' };
    });

const facts = fc
  .tuple(...FACTS.map((name) => fc.option(history(COUNTED).map((known) => [name, known] as const))))
  .map((all) => new Map(all.filter((each) => each !== null)));

const agenda = (now: number): fc.Arbitrary<Agenda> =>
  fc
    .record({
      events: fc.array(fc.tuple(fc.integer({ min: -120, max: 240 }), fc.integer({ min: 1, max: 90 })), {
        maxLength: 3,
      }),
      from: fc.integer({ min: -300, max: 5 }),
      until: fc.integer({ min: -5, max: 600 }),
    })
    .map(({ events, from, until }) => ({
      events: events
        .map(([start, long]) => ({
          start: now + start * MINUTE,
          end: now + (start + long) * MINUTE,
          title: 'call',
        }))
        .sort((a, b) => a.start - b.start),
      from: now + from * MINUTE,
      until: now + Math.max(from, until) * MINUTE,
      readAt: now + from * MINUTE,
      problem: null,
    }));
const agendas = (now: number) =>
  fc
    .tuple(...CALENDARS.map((name) => fc.option(agenda(now).map((known) => [name, known] as const))))
    .map((all) => new Map(all.filter((each) => each !== null)));

/** Holds while its parts do; at least one. */
export const rule = (side: 'listen' | 'never', zone: string): fc.Arbitrary<Rule> =>
  fc
    .record({
      schedule: fc.option(text, { freq: 1 }),
      calendar: fc.option(fc.constantFrom(...CALENDARS), { freq: 1 }),
      condition: fc.option(condition, { freq: 3 }),
      instead: text,
    })
    .map(({ schedule, calendar, condition, instead }) => {
      const written = schedule ?? (calendar || condition ? null : instead);
      return {
        name: `${side} 0`,
        schedule: written === null ? null : { text: written, moments: momentsOf(written, zone) },
        calendar: calendar === null ? null : { name: 'work', match: null, agenda: calendar },
        condition,
      };
    });
export const numbered = (rules: readonly Rule[]): Rule[] =>
  rules.map((each, index) => ({ ...each, name: `${each.name.split(' ')[0]} ${index + 1}` }));
const gateRules = (zone: string): fc.Arbitrary<GateRules> =>
  fc
    .record({
      listen: fc.array(rule('listen', zone), { maxLength: 3 }),
      never: fc.array(rule('never', zone), { maxLength: 2 }),
      night: fc.option(text),
      buttonMs: fc.constantFrom(0, 90_000, 15 * MINUTE),
      mayUnmute: fc.subarray(['button', 'cli', 'homeassistant']),
    })
    .map(({ listen, never, night, buttonMs, mayUnmute }) => ({
      listen: numbered(listen),
      never: numbered(never),
      night: night === null ? null : momentsOf(night, zone),
      buttonMs,
      mayUnmute,
      maxGrantMs: 4 * HOUR,
      readyAfterMs: 0,
    }));

/** Decided a while ago, by anybody who can. */
const override = (now: Instant): fc.Arbitrary<Override | null> => {
  const ago = fc
    .nat(2 * HOUR)
    .map((past): Instant => ({ wall: now.wall - past, counted: now.counted - past }));
  const length = fc.oneof(fc.integer({ min: 1, max: 4 * HOUR }), fc.constant(15 * MINUTE));
  const granted = fc
    .tuple(ago, length, fc.constantFrom('button' as const, 'cli' as const, 'homeassistant' as const))
    .map(([at, long, source]) => grant(at, long, source));
  const held = fc
    .tuple(
      ago,
      fc.option(length),
      fc.constantFrom(
        'button' as const,
        'cli' as const,
        'homeassistant' as const,
        'daemon' as const,
        'controller' as const,
        ...HOLD_ONLY,
      ),
    )
    .map(([at, long, source]) => hold(at, long === null ? null : at.wall + long, source));
  const none = fc.constant<Decision | null>(null);
  return fc.oneof(none, none, granted, held).map((decision) => decision?.override ?? null);
};

export interface Made extends PolicyInput {
  readonly zone: string;
}

/** Everything that a verdict rests on. */
export const made: fc.Arbitrary<Made> = fc
  .tuple(fc.constantFrom<Place>(...PLACES), fc.integer({ min: -6 * 60, max: 6 * 60 }), fc.nat(MINUTE - 1))
  .chain(([{ zone, around }, minutes, within]) => {
    const now = { wall: around + minutes * MINUTE + within, counted: COUNTED };
    return fc.record({
      zone: fc.constant(zone),
      now: fc.constant(now),
      rules: gateRules(zone),
      override: override(now),
      facts,
      agendas: agendas(now.wall),
      clockKnown: fc.oneof(
        { weight: 8, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
      locked: fc.oneof(
        { weight: 8, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constantFrom(true, null) },
      ),
      fault: fc.oneof(
        { weight: 8, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constant('sense-live' as const) },
      ),
    });
  });

/** The same world, `ms` later: nobody has told anything since. */
export const later = <T extends PolicyInput>(input: T, ms: number): T => ({
  ...input,
  now: { wall: input.now.wall + ms, counted: input.now.counted + ms },
});

const FAR = 1_000 * HOUR;

/** The same world, `ms` later: every source that was believed has gone on to say what it said, and every calendar was read. */
export const laterStanding = <T extends PolicyInput>(input: T, ms: number): T => {
  const { wall } = input.now;
  const isKnown = ({ from, until }: Agenda) => from <= wall && wall < until;
  return {
    ...later(input, ms),
    facts: new Map([...input.facts].map(([name, known]) => [name, { ...known, seen: COUNTED + FAR }])),
    agendas: new Map(
      [...input.agendas].map(([name, known]) => [
        name,
        isKnown(known) ? { ...known, until: wall + FAR } : known,
      ]),
    ),
  };
};

/** As if every source had been heard just now. */
export const heardNow = <T extends PolicyInput>(input: T): T => ({
  ...input,
  facts: new Map([...input.facts].map(([name, known]) => [name, { ...known, seen: COUNTED }])),
});
