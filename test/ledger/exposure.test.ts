import { describe, expect, test } from '@jest/globals';
import type { GateStatus } from '../../controller/gate/gate.ts';
import { type Exposure, type Proof, secondsOf, sightOf } from '../../controller/ledger/exposure.ts';
import { HOUR, SECOND, Watch } from './exposure-day.ts';

/** Noon in Berlin, and midnight a minute later. */
const NOON = '2026-11-22T11:00:00Z';
const BEFORE_MIDNIGHT = '2026-11-22T22:59:00Z';
const watch = (wall: string = NOON) => new Watch(wall, Date.parse(wall));
const known = (change: Partial<GateStatus>): GateStatus =>
  ({
    state: 'muted',
    link: 'up',
    identity: { product: 'uno-relay', gateId: 'kitchen' },
    record: { boot: 7, uptimeMs: 1, liveMs: 0, newest: 3, lost: 0 },
    reported: { state: 'muted', at: 990 },
    contested: false,
    fault: null,
    pending: { mute: false, lock: false, lease: false },
    ...change,
  }) as GateStatus;

describe('what is seen of a gate', () => {
  test.each([
    [{}, 'proven'],
    [{ state: 'live' }, 'proven'],
    [{ link: 'silent', state: 'unknown' }, 'unheard'],
    [{ link: 'up', record: null, state: 'unknown' }, 'unheard'],
    [{ state: 'unknown', reported: { state: 'opening', at: 990 } }, 'moving'],
    [{ state: 'unknown', pending: { mute: false, lock: false, lease: true } }, 'moving'],
    [{ state: 'unknown' }, 'doubtful'],
    [{ state: 'unknown', contested: true, reported: { state: 'closing', at: 990 } }, 'doubtful'],
    [{ state: 'unknown', fault: 'memory', reported: { state: 'closing', at: 990 } }, 'doubtful'],
  ] as const)('S6 %j is %s', (change, kind) => {
    expect(sightOf(known(change as Partial<GateStatus>), 1_000).kind).toBe(kind);
  });

  test('a report proves what was until it was made, whatever the wall says since', () => {
    const age = (wall: number) => (sightOf(known({}), wall) as { ageMs: number }).ageMs;
    expect([age(1_000), age(980), age(9_000_000)]).toEqual([10, 0, 3_000]);
  });
});

describe('the time of a gate that is heard', () => {
  test('is muted from one proof to the next, and live as long as it was', () => {
    const { times } = watch().hear(10_000).live().hear(20_000).live(false).hear(30_000);
    expect(times).toEqual({ live: 20, unknown: 1, muted: 39, open: 0 });
  });

  test('is live where the gate has counted so, also when no report was made meanwhile', () => {
    const gate = watch().hear(10_000);
    gate.live().pass(300).live(false).pass(700).report();
    expect(gate.times).toMatchObject({ live: 0.303, unknown: 1 });
  });

  test('is told by the gate where it was on its way', () => {
    const gate = watch().hear(10_000).live().see('moving', 200, 20).hear(5_000);
    expect(gate.live(false).see('moving', 200, 20).hear(5_000).times).toMatchObject({
      live: 5.2,
      unknown: 1,
    });
  });

  test('S6 is unknown while it proves nothing, from the last proof to the next', () => {
    expect(watch().hear(10_000).see('doubtful', 5_000).hear(10_000).times).toEqual({
      live: 0,
      unknown: 7,
      muted: 18,
      open: 0,
    });
  });

  test('is not proven beyond the moment in which the report was made', () => {
    const gate = watch().hear(10_000).pass(1_000);
    const { proof } = gate.gate.sight() as { proof: Proof };
    gate.pass(2_000).look({ kind: 'proven', proof, ageMs: 2_000 });
    expect(gate.times).toEqual({ live: 0, unknown: 1, muted: 10, open: 2 });
    expect(gate.see('doubtful', 1_000).times).toEqual({ live: 0, unknown: 4, muted: 10, open: 0 });
  });

  test('is unknown around a reset, and when another board answers', () => {
    const gate = watch().hear(10_000);
    gate.gate.reset();
    expect(gate.see('unheard', 3_000).hear(10_000).times.unknown).toBe(1 + 4);
    gate.gate.liveMs = 0;
    gate.gate.uptimeMs = 0;
    expect(gate.hear(10_000).times.unknown).toBe(1 + 4 + 1);
  });

  test('is told in whole seconds, and never as less than it was', () => {
    const exposure = { liveMs: 1, unknownMs: 2_001 } as Exposure;
    expect(secondsOf(exposure)).toEqual({ live: 1, unknown: 3 });
  });
});

describe('a gate that is not heard', () => {
  test('counts its own time for the first minute, and is unknown for good after it', () => {
    const gate = watch().hear(10_000).see('unheard', 60_000);
    expect(gate.times).toEqual({ live: 0, unknown: 1, muted: 9, open: 60 });
    gate.see('unheard', 1_000);
    expect(gate.times).toEqual({ live: 0, unknown: 62, muted: 9, open: 0 });
    expect(gate.see('unheard', 10_000).hear(5_000).times).toEqual({
      live: 0,
      unknown: 73,
      muted: 13,
      open: 0,
    });
  });

  test('that answers within the minute was what it counted', () => {
    const gate = watch().hear(10_000);
    gate.see('unheard', 10_000).live().see('unheard', 20_000).live(false).see('unheard', 5_000);
    expect(gate.hear(5_000).times).toEqual({ live: 20.2, unknown: 1, muted: 28.8, open: 0 });
  });

  test('because the computer slept has a minute after that to answer', () => {
    const gate = watch().hear(10_000).pass(HOUR).see('unheard', 30_000).hear(5_000);
    expect(gate.times).toEqual({ live: 0, unknown: 1, muted: 44 + 3_600, open: 0 });
  });

  test.each<[string, (gate: Watch) => unknown]>([
    ['events of it are lost', ({ gate }) => gate.events.shift()],
    ['some came with a gap', ({ gate }) => (gate.events[0] = { ...gate.events[0]!, gapBefore: true })],
    ['it has lost some', ({ gate }) => gate.lost++],
    ['it had a fault meanwhile', ({ gate }) => gate.event('fault', 'memory')],
    ['two controllers spoke to it', ({ gate }) => gate.event('mute', 'contested')],
    ['a setting was changed', ({ gate }) => gate.event('setting')],
    ['it was another board', ({ gate }) => (gate.boot += 2)],
  ])('S9 is unknown when %s', (_, change) => {
    const gate = watch().hear(10_000).see('unheard', 10_000).live().see('unheard', 10_000).live(false);
    change(gate);
    expect(gate.see('unheard', 9_000).hear(70_000).times).toMatchObject({
      live: 0,
      muted: expect.any(Number),
    });
    expect(gate.times.unknown).toBeGreaterThanOrEqual(1 + 30);
  });

  test('was never seen: unknown since it is known, and all of the days after that', () => {
    const gate = watch().see('unheard', 30_000);
    expect(gate.times.unknown).toBe(30);
    gate.see('unheard', 36 * HOUR - 60_000, 30_000);
    expect(gate.times).toEqual({ live: 0, unknown: 24 * 3_600 - 30, muted: 0, open: 0 });
  });
});

describe('a day', () => {
  test('begins with nothing at midnight by the clock on the wall', () => {
    const gate = watch(BEFORE_MIDNIGHT).hear(10_000).live().hear(49_000);
    expect(gate.times.live).toBe(49);
    expect(gate.hear(3_500, 500).times).toEqual({ live: 2.5, unknown: 0, muted: 0, open: 0 });
  });

  test.each([
    ['23 hours in spring', '2027-03-27T22:59:00Z', 23],
    ['25 hours in autumn', '2026-10-24T21:59:00Z', 25],
    ['24 hours else', '2026-11-22T22:59:00Z', 24],
  ])('has %s', (_, wall, hours) => {
    const gate = watch(wall).see('unheard', 60_000 + hours * HOUR - SECOND, 10_000);
    expect(gate.times.unknown).toBe(hours * 3_600 - 1);
    expect(gate.see('unheard', 1_000).times.unknown).toBe(0);
  });
});

describe('while the controller is away', () => {
  test('is what the gate has counted, when that is whole', () => {
    const gate = watch()
      .hear(10_000)
      .live()
      .pass(2 * HOUR)
      .live(false)
      .pass(HOUR);
    expect(gate.restart().hear(5_000).times).toEqual({ live: 7_272, unknown: 1, muted: 14 + 3_528, open: 0 });
  });

  test('S9 is unknown when the gate was reset', () => {
    const gate = watch().hear(10_000);
    gate.gate.reset();
    expect(gate.pass(HOUR).restart().hear(10_000).times).toMatchObject({
      live: 0,
      unknown: 3_602,
      muted: 18,
    });
  });

  test('S9 is unknown when the gate is not heard within a minute afterwards', () => {
    const gate = watch().hear(10_000).pass(HOUR).restart().see('unheard', 61_000).see('unheard', 1_000);
    expect(gate.times).toEqual({ live: 0, unknown: 3_663, muted: 9, open: 0 });
  });

  test('no more of it is told by the gate than the gate has run', () => {
    const gate = watch().hear(10_000).pass(HOUR);
    gate.gate.uptimeMs -= HOUR / 2;
    const { unknown } = gate.restart().hear(10_000).times;
    expect(unknown).toBeGreaterThan(1_700);
  });

  test('what was counted after it was kept last is counted again', () => {
    const gate = watch().hear(10_000);
    const kept = gate.exposure;
    expect(gate.hear(50_000).pass(5_000).restart({ kept }).hear(5_000).times).toEqual({
      live: 0,
      unknown: 1,
      muted: 69,
      open: 0,
    });
  });
});

describe('a clock that is set', () => {
  test('forward: what it skips was not watched', () => {
    const { unknown, muted } = watch().hear(10_000).setClock(HOUR).hear(10_000).times;
    expect(unknown + muted).toBe(3_620);
    expect(unknown).toBeGreaterThan(3_599);
  });

  test('back: nothing is lost, and nothing is counted twice', () => {
    const gate = watch().hear(HOUR).live().hear(100_000).setClock(-50_000).hear(100_000).live(false);
    expect(gate.hear(10_000).times).toEqual({ live: 200, unknown: 1, muted: 3_609, open: 0 });
  });

  test('back and forth: what was proven for a time that the wall shows again is not believed', () => {
    const gate = watch().live().hear(100_000).live(false).hear(HOUR);
    gate.setClock(-HOUR).hear(10_000).setClock(HOUR).hear(10_000);
    expect(gate.times).toMatchObject({ live: 99, open: 0 });
    expect(gate.sumMs).toBe(HOUR + 120_000);
  });

  test('back over midnight: the day that has begun goes on', () => {
    const gate = watch(BEFORE_MIDNIGHT).live().hear(70_000).setClock(-60_000);
    expect(gate.hear(30_000).times.live).toBe(40);
    expect(gate.hear(30_000).times.live).toBe(70);
  });

  test('that wakes in another year goes on with the day, until it is set right', () => {
    const gate = watch().live().hear(100_000).live(false).hear(100_000);
    gate.gate.reset();
    gate
      .pass(HOUR)
      .setClock(-9_000 * HOUR)
      .restart()
      .hear(60_000)
      .setClock(9_000 * HOUR);
    const { times } = gate.hear(5_000);
    expect(times.live).toBe(99);
    expect(times.muted).toBeLessThan(168);
    expect(times.live + times.unknown + times.muted).toBe(3_865);
  });

  test('that was ahead over midnight: what was proven the evening before hides nothing of the new day', () => {
    const gate = watch('2026-11-22T21:00:00Z')
      .hear(10_000)
      .setClock(2 * HOUR)
      .hear(HOUR, 30_000);
    gate
      .setClock(-2 * HOUR)
      .hear(HOUR, 30_000)
      .hear(60_000);
    const before = gate.times.unknown;
    gate.gate.reset();
    gate
      .pass(HOUR / 2)
      .restart()
      .hear(5_000);
    expect(gate.times.unknown - before).toBeGreaterThan(1_700);
  });

  test('that was years ahead is believed again after a day', () => {
    const gate = watch()
      .setClock(9_000 * HOUR)
      .hear(10_000)
      .setClock(-9_000 * HOUR);
    gate.hear(27 * HOUR, 30_000);
    expect(gate.times.muted + gate.times.unknown).toBe(15 * 3_600 + 10);
    expect(gate.sumMs).toBe(15 * HOUR + 10_000);
  });
});
