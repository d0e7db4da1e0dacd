import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManualPresence, type Setting, settingOf, standing } from '../../controller/presence/manual.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { tellings } from './tellings.ts';

const HOUR = 3_600_000;
const NOW = { wall: 1_800_000_000_000, counted: 50_000 };
const GUESTS = { fact: 'manual guests', source: { kind: 'manual', name: 'guests', usually: false } } as const;

describe('what is set by hand for a while', () => {
  const set = settingOf(true, NOW, 3 * HOUR);
  const at = (wallMs: number, countedMs: number, setting: Setting = set, clockKnown = false) =>
    standing(setting, false, { wall: NOW.wall + wallMs, counted: NOW.counted + countedMs }, clockKnown).value;
  /** The machine has started again: its other clock began anew. */
  const restarted: Setting = { ...set, countedUntil: null };

  test('stands until its time is over, whether or not the time of day is known', () => {
    expect([at(0, 0), at(3 * HOUR - 1, 3 * HOUR - 1), at(3 * HOUR, 3 * HOUR)]).toEqual([true, true, false]);
  });

  test('S4 is unknown where the clock was set past its end, and what it usually is once that time has passed', () => {
    expect([at(24 * HOUR, HOUR), at(24 * HOUR, 3 * HOUR)]).toEqual([null, false]);
  });

  test('is over once its time has passed, also where the clock was set back', () => {
    expect(at(-24 * HOUR, 3 * HOUR)).toBe(false);
  });

  test('S4 goes by the clock after the machine has started again, and is unknown until that is known', () => {
    expect(at(HOUR, 0, restarted)).toBeNull();
    expect(at(HOUR, 0, restarted, true)).toBe(true);
    expect(at(4 * HOUR, 0, restarted)).toBeNull();
    expect(at(4 * HOUR, 0, restarted, true)).toBe(false);
  });

  test('S4 is unknown where the clock says that it has not been set yet', () => {
    expect(at(-HOUR, 0, restarted, true)).toBeNull();
  });

  test('S4 is never what it usually is before its time has passed, nor what was set after', () => {
    const clocks = fc.record({
      passed: fc.integer({ min: 0, max: 6 * HOUR }),
      // The counted clock may stand still for a while, the other one may show anything.
      stood: fc.integer({ min: 0, max: 6 * HOUR }),
      set: fc.oneof(fc.constant(0), fc.integer({ min: -100 * HOUR, max: 100 * HOUR })),
    });
    fc.assert(
      fc.property(clocks, fc.boolean(), fc.boolean(), ({ passed, stood, set: by }, value, usually) => {
        const setting = settingOf(value, NOW, 3 * HOUR);
        const counted = NOW.counted + Math.max(0, passed - stood);
        const result = standing(setting, usually, { wall: NOW.wall + passed + by, counted }, false);
        if (passed < 3 * HOUR - 50) expect([value, null]).toContain(result.value);
        if (passed >= 3 * HOUR && (by >= 0 || stood === 0)) expect([usually, null]).toContain(result.value);
        expect(result.over).toBe(result.waitMs === null);
      }),
    );
  });
});

test('what is set ends by itself, and does not come back with a clock that is set back', async () => {
  const clock = new VirtualClock();
  const told = tellings(clock);
  const ended: string[] = [];
  const manual = new ManualPresence(
    { ...told, clockKnown: () => true, onEnd: (name) => ended.push(name) },
    new Map(),
  );
  manual.ask([GUESTS]);
  expect(told.told).toEqual([]);
  manual.start();
  manual.set('guests', settingOf(true, told.now(), HOUR));
  await clock.pass(HOUR);
  clock.utcOffset -= 2 * HOUR;
  manual.look();
  expect(told.told.map(([, value, at]) => [value, at])).toEqual([
    [false, 0],
    [true, 0],
    [false, HOUR],
    [false, HOUR],
  ]);
  expect(ended).toEqual(['guests']);
  expect(manual.settings.size).toBe(0);
  manual.stop();
  expect(clock.pending).toBe(0);
});
