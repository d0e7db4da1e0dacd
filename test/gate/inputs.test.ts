import { describe, expect, test } from '@jest/globals';
import { Pair } from './pair.ts';

describe('inputs', () => {
  test('what differs is written, the rest is left alone', () => {
    const pair = new Pair({ config: { inputs: [4] } });
    pair.gate.settings.set(9, 5);
    pair.ready();
    expect([...pair.gate.settings]).toEqual([
      [9, 255],
      [8, 4],
    ]);
    expect(pair.of('setting').filter(({ op }) => op === 'write')).toHaveLength(2);
    const count = pair.of('setting').length;
    pair.pass(30_000);
    expect(pair.of('setting')).toHaveLength(count);
  });

  test('a locked gate is asked when it is unlocked', () => {
    const pair = new Pair({ config: { inputs: [4] } });
    pair.gate.flags.locked = true;
    pair.ready();
    pair.pass(2_000);
    expect(pair.of('setting')).toHaveLength(0);
    pair.gate.flags.locked = false;
    pair.pass(2_000);
    expect(pair.gate.settings.get(8)).toBe(4);
  });

  test.each([
    ['range', 1],
    ['busy', 5],
  ] as const)('an input refused with %s is asked for %d time(s), then the next', (reason, times) => {
    const pair = new Pair({ config: { inputs: [2, 4] } }).ready();
    const refuse = pair.gate.answer.bind(pair.gate);
    pair.gate.settings.clear();
    pair.gate.answer = (message) =>
      message.type === 'setting' && message.setting === 8
        ? [{ type: 'nak', message: 5, seq: message.seq, reason }]
        : refuse(message);
    pair.down();
    const before = pair.of('setting').length;
    pair.up();
    pair.pass(8_000);
    const asked = pair.of('setting').slice(before);
    expect(asked.filter(({ setting }) => setting === 8)).toHaveLength(times);
    expect(pair.gate.settings.get(9)).toBe(4);
  });

  test('are shown as the gate reports them', () => {
    const pair = new Pair().ready();
    pair.gate.inputs = 0b0011_0001;
    pair.pass(1_100);
    expect(pair.status.inputs).toEqual([true, false, null, null]);
    pair.mumbling = true;
    pair.pass(4_000);
    expect(pair.status.inputs).toEqual([null, null, null, null]);
  });

  test('inputs that swap their pins are first set to none: no pin is asked for twice at a time', () => {
    const pair = new Pair({ config: { inputs: [5, 4] } });
    pair.gate.settings.set(8, 4).set(9, 5);
    const twice: string[] = [];
    const answer = pair.gate.answer.bind(pair.gate);
    pair.gate.answer = (message) => {
      const said = answer(message);
      const pins = [...pair.gate.settings.values()].filter((pin) => pin !== 255);
      if (new Set(pins).size < pins.length) twice.push(pins.join());
      return said;
    };
    pair.ready();
    expect(Object.fromEntries(pair.gate.settings)).toEqual({ 8: 5, 9: 4 });
    expect(twice).toEqual([]);
    const written = pair.of('setting').filter(({ op }) => op === 'write');
    expect(written.map(({ setting, value }) => [setting, value[0]])).toEqual([
      [8, 255],
      [9, 255],
      [8, 5],
      [9, 4],
    ]);
  });

  test('S4: one that is not wired as configured tells nothing, and a person hears of it', () => {
    const pair = new Pair({ config: { inputs: [2, 4] } });
    const answer = pair.gate.answer.bind(pair.gate);
    pair.gate.answer = (message) =>
      message.type === 'setting' && message.op === 'write' && message.setting === 8
        ? [{ type: 'nak', message: 5, seq: message.seq, reason: 'range' }]
        : answer(message);
    pair.gate.inputs = 0b0011_0011;
    pair.ready();
    pair.pass(1_000);
    expect(pair.status.inputs).toEqual([null, true, null, null]);
    expect(pair.logged.filter((line) => line.includes('not wired as configured'))).toEqual([
      expect.stringContaining('input 0 (range)'),
    ]);
  });

  test('S10: a gate that turns out to speak another version is not asked in a loop', () => {
    const pair = new Pair({ config: { inputs: [4, 5] } });
    const answer = pair.gate.answer.bind(pair.gate);
    pair.gate.answer = (message) => (message.type === 'setting' ? [] : answer(message));
    pair.ready();
    pair.deaf = true;
    pair.take({ type: 'foreign', version: 9 });
    let steps = 0;
    pair.onStep = () => {
      steps++;
    };
    pair.mumbling = true;
    pair.pass(3_000);
    expect(steps).toBeLessThan(50);
  });
});
