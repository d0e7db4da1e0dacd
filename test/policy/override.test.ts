import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide, type GateRules, refuseGrant } from '../../controller/policy/decide.ts';
import {
  applyEvent,
  type Decision,
  endGrant,
  endOf,
  expire,
  grant,
  hold,
  holdLonger,
  type Instant,
  type PolicyEvent,
  resume,
  UNDECIDED,
} from '../../controller/policy/override.ts';
import { NO_RULES } from '../../controller/policy/rules.ts';
import { EVENT_KINDS, type EventKind, REASONS, type Reason } from '../../schemas/protocol.ts';

const MIN = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const at = (ms: number): Instant => ({ wall: T0 + ms, counted: 5_000 + ms });
const rules: GateRules = {
  ...NO_RULES,
  buttonMs: 90_000,
  mayUnmute: ['button', 'cli'],
  maxGrantMs: 240 * MIN,
  readyAfterMs: 0,
};
/** Nothing of the world is known, and nobody asks. */
const WORLD = { facts: new Map(), agendas: new Map(), clockKnown: true };
const applied = (decision: Decision, event: PolicyEvent, now: Instant, mayGrant: boolean) =>
  applyEvent(decision, event, now, { mayGrant, holdEnd: () => null });
const judge = (decision: Decision, now: Instant, facts: { locked?: boolean; fault?: Reason } = {}) =>
  decide({ ...WORLD, rules, override: decision.override, locked: false, fault: null, now, ...facts });
/** A person has muted at the gate. */
const HELD = { kind: 'hold', source: 'button', until: null };
const pressed = (ms: number, change: Partial<PolicyEvent> = {}): PolicyEvent => ({
  kind: 'live',
  reason: 'button',
  detail: 90_000,
  at: T0 + ms,
  atErrorMs: 0,
  ...change,
});

describe('a verdict', () => {
  test('without anything decided is mute, and says that no rule lets it listen', () => {
    expect(judge(UNDECIDED, at(0))).toEqual({
      listen: false,
      until: null,
      changesAt: null,
      reason: { code: 'no-rule', text: 'no rule lets it listen', until: null },
      decisive: [],
      buttonMs: 90_000,
      buttonUntil: null,
      night: false,
      lookAt: null,
    });
  });

  test('follows a grant until its end', () => {
    const decision = grant(at(0), 5 * MIN, 'cli');
    expect(judge(decision, at(1))).toMatchObject({ listen: true, until: T0 + 5 * MIN });
    expect(judge(decision, at(5 * MIN))).toMatchObject({ listen: false, until: null });
  });

  test('ends a grant by the clock that counts suspend when the wall clock was set back', () => {
    const decision = grant(at(0), 5 * MIN, 'cli');
    const setBack = { wall: T0 - 60 * MIN, counted: at(4 * MIN).counted };
    expect(judge(decision, setBack)).toMatchObject({ listen: true, until: setBack.wall + MIN });
    expect(judge(decision, { ...setBack, counted: at(5 * MIN).counted }).listen).toBe(false);
  });

  test('ends a grant by the wall clock when that was set forward', () => {
    expect(judge(grant(at(0), 5 * MIN, 'cli'), { wall: T0 + 5 * MIN, counted: at(0).counted }).listen).toBe(
      false,
    );
  });

  test('of a held gate tells who holds it, and lets the button unmute', () => {
    expect(judge(hold(at(0), null, 'cli'), at(999 * MIN))).toMatchObject({
      listen: false,
      until: null,
      reason: { code: 'hold' },
      buttonMs: 90_000,
    });
    expect(judge(hold(at(0), T0 + MIN, 'cli'), at(0)).reason.until).toBe(T0 + MIN);
  });

  test('S4: names no time for the button when the configuration does not name the button', () => {
    const without = { ...rules, mayUnmute: ['cli'] };
    expect(
      decide({ ...WORLD, rules: without, override: null, locked: false, fault: null, now: at(0) }).buttonMs,
    ).toBe(0);
  });

  test('S5: of a locked or faulty gate is mute whatever was granted, and gives the button nothing', () => {
    const decision = grant(at(0), MIN, 'cli');
    for (const facts of [{ locked: true }, { fault: 'sense-live' as const }])
      expect(judge(decision, at(1), facts)).toMatchObject({ listen: false, buttonMs: 0 });
  });
});

describe('a grant', () => {
  test.each([
    [{ source: 'homeassistant' }, { code: 'not-permitted', who: 'may_unmute' }],
    [{ lengthMs: rules.maxGrantMs + 1 }, { code: 'grant-too-long', who: 'grants.max' }],
    [{ locked: true }, { code: 'locked', who: 'lock' }],
    [{ fault: 'sense-live' as const }, { code: 'fault', who: 'fault' }],
    [{}, null],
  ])('asked for with %j is refused with %j', (change, expected) => {
    const usual = { ...WORLD, now: at(0), rules, locked: false, fault: null, source: 'cli', lengthMs: MIN };
    expect(refuseGrant({ ...usual, ...change })).toEqual(expected);
  });

  test('is ended by a lock or a fault and does not come back; a hold stays', () => {
    expect(endGrant(grant(at(0), MIN, 'cli')).override).toBeNull();
    const held = hold(at(0), null, 'cli');
    expect(endGrant(held)).toBe(held);
    for (const kind of ['lock', 'fault'] as const) {
      const event = pressed(10, { kind, reason: 'press' });
      expect(applied(grant(at(0), MIN, 'cli'), event, at(20), true).override).toBeNull();
      expect(applied(held, event, at(20), true).override).toEqual(held.override);
    }
  });
});

describe('a press at the gate', () => {
  test('grants from its own time on, replacing an older hold', () => {
    const decision = applied(hold(at(0), null, 'cli'), pressed(1_000), at(30_000), true);
    expect(decision.override).toMatchObject({ kind: 'grant', source: 'button', until: T0 + 91_000 });
    expect(endOf(decision.override, at(30_000))).toBe(T0 + 91_000);
  });

  test('S4: grants nothing when the configuration does not name the button', () => {
    expect(applied(UNDECIDED, pressed(0), at(0), false)).toBe(UNDECIDED);
  });

  test('that is older than the newest decision does not replace it', () => {
    const held = hold(at(60_000), null, 'cli');
    expect(applied(held, pressed(30_000), at(61_000), true)).toBe(held);
    const resumed = resume(at(60_000));
    expect(applied(resumed, pressed(30_000), at(61_000), true)).toBe(resumed);
  });

  test('that may be older than the newest decision does not unmute, but does mute', () => {
    const held = hold(at(1_000), null, 'cli');
    expect(applied(held, pressed(1_500, { atErrorMs: 600 }), at(3_000), true)).toBe(held);
    const muting = pressed(500, { kind: 'mute', reason: 'press', atErrorMs: 600 });
    expect(applied(grant(at(1_000), MIN, 'cli'), muting, at(3_000), true).override).toMatchObject(HELD);
  });

  test('that follows another event is newer, however uncertain both times are', () => {
    const muted = applied(
      grant(at(0), MIN, 'cli'),
      pressed(5_000, { kind: 'mute', reason: 'press' }),
      at(6_000),
      true,
    );
    const again = applied(muted, pressed(5_100, { atErrorMs: 900 }), at(6_000), true);
    expect(again.override).toMatchObject({ kind: 'grant', source: 'button' });
  });

  test('whose time has passed before it was heard of leaves nothing standing', () => {
    const decision = applied(hold(at(0), null, 'cli'), pressed(1_000), at(999_000), true);
    expect(expire(decision, at(999_000)).override).toBeNull();
  });

  test('is put in order by the clock that counts suspend when the wall clock was set back', () => {
    const before = grant({ wall: T0 + 60 * MIN, counted: 0 }, 30 * MIN, 'cli');
    const now = { wall: T0 + 5_000, counted: 5_000 };
    expect(
      applied(before, pressed(4_000, { kind: 'mute', reason: 'press' }), now, true).override,
    ).toMatchObject(HELD);
    const held = hold({ wall: T0 + 60 * MIN, counted: 0 }, null, 'cli');
    expect(applied(held, pressed(4_000), now, true).override?.kind).toBe('grant');
  });

  test('mutes but does not unmute while the decision of an earlier run of the machine lies ahead', () => {
    const earlier = { ...hold({ wall: T0 + 60 * MIN, counted: 0 }, null, 'cli'), countedAt: null };
    expect(applied(earlier, pressed(4_000), at(5_000), true)).toBe(earlier);
    const granted = { ...grant({ wall: T0 + 60 * MIN, counted: 0 }, MIN, 'cli'), countedAt: null };
    const muting = pressed(4_000, { kind: 'mute', reason: 'press' });
    expect(applied(granted, muting, at(5_000), true).override).toMatchObject(HELD);
  });

  test('S4: that may be among lost events ends a grant; a hold stays', () => {
    const granted = grant(at(0), MIN, 'cli');
    const boot = { kind: 'boot', reason: 'power-on', gapBefore: true } as const;
    expect(applied(granted, pressed(10, boot), at(20), true).override).toBeNull();
    expect(applied(granted, pressed(-300, { ...boot, atErrorMs: 400 }), at(20), true).override).toBeNull();
    const held = hold(at(0), null, 'cli');
    expect(applied(held, pressed(10, boot), at(20), true).override).toEqual(held.override);
    // What is lost lies before a decision that was made later.
    expect(applied(granted, pressed(-300, boot), at(20), true)).toBe(granted);
  });

  test('that grants after lost events counts, but not before a newer decision', () => {
    const granted = grant(at(0), MIN, 'cli');
    const lost = { gapBefore: true } as const;
    expect(applied(granted, pressed(10, lost), at(20), true).override?.source).toBe('button');
    expect(applied(granted, pressed(10, { ...lost, atErrorMs: 50 }), at(20), true).override).toBeNull();
  });

  test('S3: is not needed where somebody else has muted on the wire', () => {
    const granted = grant(at(0), MIN, 'cli');
    const foreign = { kind: 'mute', reason: 'cli', foreign: true } as const;
    const held = { ...HELD, source: 'elsewhere' };
    expect(applied(granted, pressed(10, foreign), at(20), true).override).toMatchObject(held);
    // A hold that lasts longer stays as it is.
    const standing = hold(at(0), null, 'cli');
    const short = applyEvent(standing, pressed(10, foreign), at(20), {
      mayGrant: true,
      holdEnd: (from) => from + MIN,
    });
    expect(short.override).toEqual(standing.override);
  });

  test('refused, or a lease that ended by itself, changes nothing', () => {
    const granted = grant(at(0), MIN, 'cli');
    for (const [kind, reason] of [
      ['press', 'not-permitted'],
      ['mute', 'lease-end'],
      ['mute', 'stop'],
      ['boot', 'watchdog'],
    ] as [EventKind, Reason][])
      expect(applied(granted, pressed(10, { kind, reason }), at(20), true)).toBe(granted);
  });
});

describe('a hold by somebody who may not unmute', () => {
  const short = T0 + 1_000;
  test.each([
    ['does not shorten one without an end', null, short, null],
    ['does not shorten one that ends later', T0 + MIN, short, T0 + MIN],
    ['makes a shorter one longer', short, T0 + MIN, T0 + MIN],
    ['makes one without an end of one with an end', short, null, null],
  ])('S3: %s', (_, standing, asked, until) => {
    const decision = holdLonger(hold(at(0), standing, 'button'), at(10), asked, 'cli');
    expect(decision).toMatchObject({ override: { kind: 'hold', until }, at: T0 + 10 });
  });

  test('replaces a grant, and a hold that is over', () => {
    for (const before of [grant(at(0), MIN, 'cli'), hold(at(0), T0 + 5, 'cli'), UNDECIDED])
      expect(holdLonger(before, at(10), short, 'cli').override).toEqual(hold(at(10), short, 'cli').override);
  });
});

const sources = fc.constantFrom('cli' as const, 'homeassistant' as const);
const instant = fc.record({
  wall: fc.integer({ min: T0, max: T0 + 1e9 }),
  counted: fc.integer({ min: 0, max: 1e9 }),
});
const anyEvent: fc.Arbitrary<PolicyEvent> = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(EVENT_KINDS) as EventKind[])),
    reason: fc.constantFrom(...(Object.keys(REASONS) as Reason[])),
    detail: fc.integer({ min: 0, max: 900_000 }),
    at: fc.integer({ min: T0, max: T0 + 1e9 }),
    atErrorMs: fc.integer({ min: 0, max: 60_000 }),
  })
  .chain((event) =>
    fc.constantFrom<PolicyEvent>(event, event, { ...event, gapBefore: true }, { ...event, foreign: true }),
  );
const anyDecision = fc.oneof(
  fc.tuple(instant, fc.integer({ min: 1, max: 1e8 }), sources).map(([now, ms, s]) => grant(now, ms, s)),
  fc.tuple(instant, sources).map(([now, s]) => hold(now, null, s)),
  instant.map(resume),
);

describe('whatever was decided and happened', () => {
  test('a gate listens only under a grant, and never beyond either of its ends', () => {
    fc.assert(
      fc.property(anyDecision, fc.array(anyEvent), instant, fc.boolean(), (first, events, now, mayGrant) => {
        const { override } = events.reduce((d, event) => applied(d, event, now, mayGrant), first);
        const verdict = decide({ ...WORLD, rules, override, locked: false, fault: null, now });
        if (!verdict.listen) return true;
        return (
          override?.kind === 'grant' &&
          verdict.until !== null &&
          verdict.until > now.wall - 50 &&
          verdict.until <= override.until &&
          verdict.until - now.wall <= override.countedUntil - now.counted + 50
        );
      }),
    );
  });

  test('S4: no event makes a gate listen whose configuration does not name the button', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), instant, (events, now) => {
        const { override } = events.reduce((d, event) => applied(d, event, now, false), UNDECIDED);
        expect(override?.kind).not.toBe('grant');
      }),
    );
  });

  test('an event that surely happened before the newest decision of a person changes nothing', () => {
    fc.assert(
      fc.property(anyDecision, anyEvent, fc.nat(1e6), (decision, event, later) => {
        const old = { ...event, at: decision.at - event.atErrorMs - 1 };
        const now = { wall: decision.at + later, counted: decision.countedAt! + later };
        expect(applied(decision, old, now, true)).toBe(decision);
      }),
    );
  });

  test('handing the same events over again after a restart ends the same', () => {
    fc.assert(
      fc.property(anyDecision, fc.array(anyEvent), instant, (first, events, now) => {
        const sorted = [...events].sort((a, b) => a.at - b.at);
        const play = (start: Decision) => sorted.reduce((d, e) => applied(d, e, now, true), start);
        const once = play(first);
        expect(play(once).override).toEqual(once.override);
      }),
    );
  });
});
