import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Truth } from '../../controller/policy/facts.ts';
import { ZONE } from './house.ts';
import { GUESTS, HOUR, MINUTE, SECOND } from './household.ts';
import { Parlour } from './parlour.ts';
import { momentsOf, truth } from './worlds.ts';

/** `EARLID_RUNS` of each, two thousand in `.ci/run`. */
const RUNS = Number(process.env.EARLID_RUNS ?? 60);

/** Nothing lets it listen but a grant, and two things stand against one. */
const KITCHEN = 'never:\n  - { if: guests }\n  - { schedule: "22:00-07:00" }';
const REST = 'presence:\n  guests: { manual: off }';
const NIGHT = momentsOf('22:00-07:00', ZONE);
const GRACE_MS = 10 * SECOND;

type Action =
  | { readonly do: 'pass' | 'sleep' | 'set' | 'restart' | 'unmute'; readonly ms: number }
  | { readonly do: 'mute'; readonly ms: number | null }
  | { readonly do: 'tell'; readonly value: Truth }
  | { readonly do: 'press' | 'resume' | 'lock' | 'unlock' | 'reboot' };

const ms = fc.oneof(fc.integer({ min: 1, max: 30 * SECOND }), fc.integer({ min: 1, max: 5 * HOUR }));
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom('pass' as const, 'pass' as const, 'sleep' as const), ms }),
  fc.record({ do: fc.constant('set' as const), ms: fc.integer({ min: -6 * HOUR, max: 6 * HOUR }) }),
  fc.record({ do: fc.constant('restart' as const), ms: fc.integer({ min: 1, max: 10 * MINUTE }) }),
  fc.record({ do: fc.constant('unmute' as const), ms: fc.integer({ min: MINUTE, max: 4 * HOUR }) }),
  fc.record({ do: fc.constant('mute' as const), ms: fc.option(fc.integer({ min: MINUTE, max: HOUR })) }),
  fc.record({ do: fc.constant('tell' as const), value: fc.oneof(fc.constant(false), truth) }),
  fc.record({ do: fc.constantFrom('press', 'resume', 'lock', 'unlock', 'reboot') }) as fc.Arbitrary<Action>,
);

/** What may be, by the words of the design: told by time as it really passes, which no clock shows. */
class Expected {
  /** Real ms since the beginning. */
  real = 0;
  guests: Truth = false;
  settledAt = 0;
  /** Ends of the grant: in real time, and on the wall as it was told. */
  grant: { readonly real: number; readonly wall: number } | null = null;
  hold: { readonly until: number | null } | null = null;

  /** Time really passed, from one instant on the wall to another. While no daemon runs nobody waits for a fact. */
  passed(from: number, to: number): void {
    const unknownFrom = Math.max(this.real, this.settledAt);
    this.real += to - from;
    if (this.guests === null && this.real > unknownFrom) this.grant = null;
    if (this.guests === true || NIGHT.spanAt(from).value || (NIGHT.spanAt(from).until ?? to) < to)
      this.grant = null;
  }

  mayListen(wall: number): boolean {
    if (this.grant && (this.real >= this.grant.real || wall >= this.grant.wall)) this.grant = null;
    return this.grant !== null && this.guests === false && NIGHT.spanAt(wall).value === false;
  }
}

async function act(parlour: Parlour, expected: Expected, action: Action): Promise<void> {
  const from = parlour.wall;
  switch (action.do) {
    case 'pass':
    case 'sleep':
      parlour[action.do](action.ms);
      return expected.passed(from, parlour.wall);
    case 'set':
      parlour.wall += action.ms;
      return parlour.keeper.review();
    case 'restart':
    case 'reboot':
      parlour.restart(action.do === 'restart' ? { downMs: action.ms } : { reboot: true });
      expected.settledAt = Number.POSITIVE_INFINITY;
      expected.passed(from, parlour.wall);
      expected.guests = null;
      expected.settledAt = expected.real + GRACE_MS;
      if (action.do === 'reboot') expected.grant = null;
      return;
    case 'tell':
      parlour.tell(GUESTS, action.value);
      expected.guests = action.value;
      if (action.value === true || (action.value === null && expected.real >= expected.settledAt))
        expected.grant = null;
      return;
    case 'lock':
    case 'unlock':
      parlour.gate.set({ locked: action.do === 'lock' });
      if (action.do === 'lock') expected.grant = null;
      return;
    case 'resume':
      await parlour.command('resume');
      [expected.grant, expected.hold] = [null, null];
      return;
    case 'mute': {
      const { until } = await parlour.command('mute', action.ms ?? undefined);
      expected.grant = null;
      expected.hold = { until: action.ms === null ? null : parlour.wall + action.ms };
      return expect(until && Date.parse(until)).toBe(expected.hold.until);
    }
    case 'unmute': {
      const wasLocked = parlour.gate.status().locked;
      const { ok } = await parlour.command('unmute', action.ms);
      expect(ok).toBe(!wasLocked && expected.guests === false && NIGHT.spanAt(parlour.wall).value === false);
      if (ok)
        [expected.grant, expected.hold] = [{ real: expected.real + action.ms, wall: from + action.ms }, null];
      return;
    }
    case 'press': {
      parlour.pass(1);
      expected.passed(from, parlour.wall);
      const wasLive = parlour.listens;
      if (parlour.gate.status().locked || !(await parlour.press())) return;
      expected.grant = wasLive
        ? null
        : { real: expected.real + 90 * SECOND, wall: parlour.wall + 90 * SECOND };
      expected.hold = wasLive ? { until: null } : null;
    }
  }
}

describe('in whatever order things happen', () => {
  test('S2, S4 no grant outlives its end, met a never rule or a lock and came back; and nothing but time and people ends a hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), async (actions) => {
        const parlour = new Parlour({ kitchen: KITCHEN, rest: REST }, '2026-11-26T12:00');
        const expected = new Expected();
        parlour.tell(GUESTS, false);
        for (const each of actions) {
          await act(parlour, expected, each);
          const { wall } = parlour;
          const mayListen = expected.mayListen(wall);
          expect([each.do, parlour.listens && !mayListen]).toEqual([each.do, false]);
          const { hold } = expected;
          if (hold && hold.until !== null && wall >= hold.until) expected.hold = null;
          expect([each.do, parlour.keeper.override?.override.kind === 'hold']).toEqual([
            each.do,
            expected.hold !== null,
          ]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('what was granted is really given: the model is not merely never listening', async () => {
    let lived = 0;
    for (const actions of fc.sample(fc.array(action, { minLength: 10, maxLength: 25 }), {
      numRuns: RUNS,
      seed: 7,
    })) {
      const parlour = new Parlour({ kitchen: KITCHEN, rest: REST }, '2026-11-26T12:00');
      parlour.tell(GUESTS, false);
      const expected = new Expected();
      for (const each of actions) {
        await act(parlour, expected, each);
        if (parlour.listens) lived++;
      }
    }
    expect(lived).toBeGreaterThan(RUNS);
  });
});
