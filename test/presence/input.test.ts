import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inputSource } from '../../controller/presence/input.ts';
import type { Asked } from '../../controller/presence/source.ts';
import { FakeGate } from '../daemon/fake-gate.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { tellings } from './tellings.ts';

const asked: Asked<'input'> = [
  { fact: 'input basement.motion', source: { kind: 'input', gate: 'basement', name: 'motion' } },
];
let clock: VirtualClock;
let gate: FakeGate;
let told: ReturnType<typeof tellings>;
let source: ReturnType<typeof inputSource>;

beforeEach(() => {
  clock = new VirtualClock();
  gate = new FakeGate({ name: 'basement', sink: { deliver: async () => {}, newest: () => null } }, () =>
    clock.utc(),
  );
  told = tellings(clock);
  const inputs = ['door', 'motion'];
  const gates = new Map([
    ['basement', { inputs, status: () => gate.status(), onChange: (l: never) => gate.onChange(l) }],
  ]);
  source = inputSource(asked, gates, told);
  source.start();
});
afterEach(() => source.stop());

/** The gate reports its inputs, `ageMs` ago. */
const report = (inputs: (boolean | null)[], ageMs = 0) =>
  gate.set({ link: 'up', inputs, reported: { state: 'muted', at: clock.utc() - ageMs } });

describe('an input of a gate', () => {
  test('is told with every report, as of when the report was made', async () => {
    report([null, true, null, null]);
    await clock.pass(1_000);
    report([null, true, null, null], 300);
    await clock.pass(1_000);
    report([null, false, null, null]);
    expect(told.told).toEqual([
      ['input basement.motion', true, 0, 'on'],
      ['input basement.motion', true, 700, 'on'],
      ['input basement.motion', false, 2_000, 'off'],
    ]);
  });

  test('S4 is not told again when something else about the gate changes', async () => {
    report([null, true, null, null]);
    await clock.pass(1_000);
    gate.set({ desired: 'listen' });
    expect(told.told).toHaveLength(1);
  });

  test('S4 tells nothing while the gate is out of reach, or its pin is not in force', async () => {
    report([true, null, null, null]);
    gate.set({
      link: 'silent',
      reported: { state: 'muted', at: clock.utc() + 1 },
      inputs: [true, true, null, null],
    });
    gate.set({
      link: 'down',
      reported: { state: 'muted', at: clock.utc() + 2 },
      inputs: [true, true, null, null],
    });
    expect(told.told).toEqual([]);
  });

  test('a clock that is set makes no report older or newer than it can be', () => {
    report([null, true, null, null], -3_600_000);
    report([null, true, null, null], 3_600_000);
    expect(told.told.map(([, , at]) => at)).toEqual([0, -3_000]);
  });

  test('tells nothing after it was stopped', () => {
    void source.stop();
    report([null, true, null, null]);
    expect(told.told).toEqual([]);
  });
});
