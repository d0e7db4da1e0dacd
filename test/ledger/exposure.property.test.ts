import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Kept } from '../../controller/ledger/exposure.ts';
import { dayAt, wallDays } from '../../controller/schedule/wall-days.ts';
import { BERLIN, HOUR, SECOND, Watch } from './exposure-day.ts';

/** `EARLID_RUNS` is for shorter ones. */
const RUNS = Math.ceil(Number(process.env.EARLID_RUNS ?? 120) / 6);
/** Shortly before midnight, and before the clock is put forward and back. */
const NIGHTS = [
  '2026-11-21T22:50:00Z',
  '2027-03-27T22:50:00Z',
  '2027-03-28T00:50:00Z',
  '2026-10-25T00:50:00Z',
] as const;

/** Seconds for which it is live and muted by turns. */
const turns = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
/** What lies between two times in which it is heard. Seconds; a silence is clearly shorter than a minute, or longer. */
const gap = fc.oneof(
  fc.record({
    kind: fc.constant('silence' as const),
    turns: fc.constant<number[]>([20, 10, 15]),
    isReset: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('silence' as const),
    turns: fc.constant<number[]>([40, 90]),
    isReset: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('doubt' as const), turns, isReset: fc.boolean() }),
  fc.record({
    kind: fc.constant('away' as const),
    turns: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 4 }),
    isReset: fc.boolean(),
  }),
);
type Gap = typeof gap extends fc.Arbitrary<infer G> ? G : never;
const life = fc.array(fc.record({ heard: turns, gap }), { minLength: 1, maxLength: 8 });

/** Each second of a life: what it was, and whether anything may be said of it. */
interface Told {
  readonly until: number;
  readonly isLive: boolean;
  readonly said: 'what it was' | 'nothing';
  /** The stretch between two proofs that it belongs to; the gate tells no more of it than a sum. */
  readonly stretch: number;
}

/** Lives the life, and tells second by second what a record without gaps, made up by somebody who knows everything, would hold. */
function lived(watch: Watch, parts: readonly { heard: readonly number[]; gap: Gap }[], check: () => void) {
  const record: Told[] = [];
  let stretch = 0;
  let isFirst = true;
  const second = (said: Told['said'] | null) => {
    record.push({ until: watch.wall, isLive: watch.gate.isLive, said: said ?? 'nothing', stretch });
  };
  const bits = (lengths: readonly number[], each: () => void) => {
    for (const length of lengths) {
      for (let i = 0; i < length; i++) each();
      watch.live(!watch.gate.isLive);
    }
  };
  for (const { heard, gap: lack } of parts) {
    bits(heard, () => {
      watch.pass(SECOND).report();
      // Nothing was known before the first report.
      second(isFirst ? 'nothing' : 'what it was');
      isFirst = false;
      stretch++;
      check();
    });
    const isTold = lack.kind !== 'doubt' && !lack.isReset && sum(lack.turns) !== 130;
    const said = isTold || lack.kind === 'away' ? (lack.isReset ? 'nothing' : 'what it was') : 'nothing';
    if (lack.isReset) watch.gate.reset();
    bits(lack.turns, () => {
      if (lack.kind === 'away') watch.pass(SECOND);
      else watch.see(lack.kind === 'doubt' ? 'doubtful' : 'unheard', SECOND);
      second(said);
      check();
    });
    if (lack.kind === 'away') watch.restart({ machine: lack.turns.length > 1 });
    // The second that ends with the first report belongs to the gap.
    watch.pass(SECOND).report();
    second(said);
    stretch++;
    check();
  }
  return record;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const elapsed = (wall: number): number => wall - wallDays(BERLIN, dayAt(BERLIN, wall), 1)[0]!.from;

describe('the time of a day, against a record of every second', () => {
  test('what is told is what was, what is not told is unknown, and nothing is left out', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NIGHTS), life, (night, parts) => {
        const watch = new Watch(night);
        let before = { day: -1, ms: 0 };
        const record = lived(watch, parts, () => {
          const { day, liveMs, unknownMs } = watch.exposure;
          if (day === before.day && liveMs + unknownMs < before.ms) throw new Error('it has fallen');
          before = { day, ms: liveMs + unknownMs };
        });
        expect(watch.sumMs).toBe(elapsed(watch.wall));
        const midnight = watch.wall - elapsed(watch.wall);
        const today = record.filter(({ until }) => until > midnight);
        // Before the record begins, nobody looked.
        const before0 = Math.max(0, Date.parse(night) - midnight) / SECOND;
        const unknown = today.filter(({ said }) => said === 'nothing').length + before0;
        const live = today.filter(({ said, isLive }) => said === 'what it was' && isLive).length;
        // Of a stretch over midnight the gate cannot tell when in it it was live.
        const over = record.filter(
          ({ until, stretch }) => until <= midnight && stretch === today[0]?.stretch,
        );
        const most = (live + over.filter(({ isLive }) => isLive).length) * 1.01 + 0.1;
        expect(watch.times.unknown).toBeCloseTo(unknown, 6);
        expect(watch.times.live).toBeGreaterThanOrEqual(live);
        expect(watch.times.live).toBeLessThanOrEqual(most);
      }),
      { numRuns: RUNS },
    );
  });

  test('whatever the clock does and whatever of the record is lost: never less than it was, and it never falls', () => {
    const step = fc.oneof(fc.constant(0), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }));
    fc.assert(
      fc.property(
        fc.constantFrom(...NIGHTS),
        fc.array(fc.record({ part: fc.record({ heard: turns, gap }), step, isKilled: fc.boolean() }), {
          minLength: 1,
          maxLength: 8,
        }),
        (night, parts) => {
          const watch = new Watch(night);
          let [day, told, live] = [watch.exposure.day, 0, 0];
          let kept: Kept = watch.exposure;
          const look = () => {
            const { liveMs, unknownMs, openMs } = watch.exposure;
            if (watch.exposure.day !== day) [day, told, live] = [watch.exposure.day, 0, 0];
            else if (watch.gate.isLive) live += SECOND;
            if (liveMs + unknownMs < told) throw new Error('it has fallen');
            told = liveMs + unknownMs;
            if (told + openMs < live) throw new Error('less than it was live');
            if (dayAt(BERLIN, watch.wall) === day && watch.sumMs < elapsed(watch.wall) - 500)
              throw new Error('something is left out');
          };
          for (const { part, step: ms, isKilled } of parts) {
            watch.setClock(ms);
            lived(watch, [{ ...part, gap: { ...part.gap, kind: 'silence' as const } }], look);
            if (isKilled) {
              const { exposure } = watch;
              watch.restart({ kept: kept.day === exposure.day ? kept : exposure, machine: false });
              told = 0;
            }
            kept = watch.exposure;
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
