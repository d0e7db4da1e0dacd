import { describe, expect, test } from '@jest/globals';
import { Rig } from '../../controller/bench/rig.ts';

const [INPUT, OUTPUT, ANALOG, PWM, PULLUP] = [0, 1, 2, 3, 11];
const GUARDS = { 'uno-relay': [0, 1, 2, 3, 7, 11, 14], 'uno-servo': [0, 1, 2, 3, 7, 9, 11, 14] } as const;

/** Sends Firmata bytes and returns what came back beside the guard's frames. */
function ask(rig: Rig, ...bytes: number[]): number[] {
  rig.firmata.length = 0;
  rig.board.send(Uint8Array.from(bytes));
  rig.board.runFor(40);
  return [...rig.firmata];
}

function started(product: keyof typeof GUARDS = 'uno-relay'): Rig {
  const rig = new Rig({ product, inputs: { door: 8 } });
  rig.hello();
  rig.board.runFor(300);
  return rig;
}

/** The answer's content between its command and F7. */
const content = (answer: number[], command: number): number[] => {
  const from = answer.indexOf(command);
  expect(answer[from - 1]).toBe(0xf0);
  return answer.slice(from + 1, answer.indexOf(0xf7, from));
};

const text = (bytes: number[]): string =>
  String.fromCharCode(...bytes.filter((_, i) => i % 2 === 0).map((low, i) => low | (bytes[2 * i + 1]! << 7)));

describe('Firmata on the free pins', () => {
  test('says its version and what it is', () => {
    const rig = started();
    expect(ask(rig, 0xf9)).toEqual([0xf9, 2, 6]);
    const answer = content(ask(rig, 0xf0, 0x79, 0xf7), 0x79);
    expect(answer.slice(0, 2)).toEqual([2, 6]);
    expect(text(answer.slice(2))).toBe('Earlid uno-relay');
  });

  test.each(['uno-relay', 'uno-servo'] as const)(
    '%s: the guard’s pins have no capabilities, the free ones have theirs',
    (product) => {
      const answer = content(ask(started(product), 0xf0, 0x6b, 0xf7), 0x6c);
      const pins: number[][] = [[]];
      for (const byte of answer) {
        if (byte === 0x7f) pins.push([]);
        else pins.at(-1)!.push(byte);
      }
      expect(pins.pop()).toEqual([]);
      expect(pins).toHaveLength(20);
      for (const [pin, capabilities] of pins.entries()) {
        const modes = capabilities.filter((_, i) => i % 2 === 0);
        const pwm = product === 'uno-relay' && (pin === 9 || pin === 10);
        const expected = (GUARDS[product] as readonly number[]).includes(pin)
          ? []
          : [INPUT, PULLUP, OUTPUT, ...(pin >= 14 ? [ANALOG] : []), ...(pwm ? [PWM] : [])];
        expect([pin, modes]).toEqual([pin, expected]);
      }
      const mapping = content(ask(started(product), 0xf0, 0x69, 0xf7), 0x6a);
      expect(mapping.slice(14)).toEqual([0x7f, 1, 2, 3, 4, 5]);
    },
  );

  test('writes and reads free pins, by pin and by port', () => {
    const rig = started();
    ask(rig, 0xf4, 5, OUTPUT, 0xf5, 5, 1);
    expect(rig.board.pin(5)).toBe(1);
    ask(rig, 0xf4, 6, OUTPUT, 0x90, 0x40, 0x00);
    expect([rig.board.pin(5), rig.board.pin(6)]).toEqual([0, 1]);
    expect(content(ask(rig, 0xf0, 0x6d, 6, 0xf7), 0x6e)).toEqual([6, OUTPUT, 1]);
  });

  test('reports inputs on change and analog channels every 50 ms', () => {
    const rig = started();
    ask(rig, 0xf4, 8, INPUT, 0xd1, 1);
    rig.firmata.length = 0;
    rig.board.input('door', 1);
    rig.board.runFor(10);
    expect(rig.firmata.slice(0, 2)).toEqual([0x91, 0x01]);
    ask(rig, 0xf4, 15, ANALOG);
    rig.board.analog(1, 2.5);
    ask(rig, 0xc1, 1);
    rig.firmata.length = 0;
    rig.board.runFor(500);
    const reports = rig.firmata.filter((byte) => byte === 0xe1).length;
    expect(reports).toBeGreaterThanOrEqual(9);
    expect(reports).toBeLessThanOrEqual(11);
    const at = rig.firmata.indexOf(0xe1);
    expect(Math.abs(rig.firmata[at + 1]! + rig.firmata[at + 2]! * 128 - 512)).toBeLessThan(8);
  });

  test('the first report of a port is of its present levels, whenever it is asked for', () => {
    for (let us = 0; us < 1_000; us += 100) {
      const rig = started();
      rig.board.input('door', 1);
      rig.board.runFor(10 + us / 1_000);
      expect(ask(rig, 0xf4, 8, PULLUP, 0xd1, 1).slice(0, 3)).toEqual([0x91, 1, 0]);
    }
  });

  test('dims a free PWM pin', () => {
    const rig = started();
    ask(rig, 0xf4, 9, PWM, 0xe9, 0x40, 0x00);
    let high = 0;
    for (let i = 0; i < 400; i++) {
      rig.board.runFor(0.053);
      high += rig.board.pin(9) ?? 0;
    }
    expect(high / 400).toBeGreaterThan(0.2);
    expect(high / 400).toBeLessThan(0.3);
  });

  test('a system reset turns free pins into inputs and leaves the guard alone', () => {
    const rig = started();
    ask(rig, 0xf4, 5, OUTPUT, 0xf5, 5, 1);
    rig.goLive();
    ask(rig, 0xff);
    expect(rig.board.pin(5)).toBeNull();
    expect(rig.board.level('actuator')).toBe(1);
    expect(rig.state().phase).toBe('live');
  });

  test('what follows a system reset at once is not undone by it', () => {
    const rig = started();
    ask(rig, 0xff, 0xf4, 5, OUTPUT, 0xf5, 5, 1);
    expect(rig.board.pin(5)).toBe(1);
  });

  test('answers what it does not do with a string', () => {
    const rig = started();
    for (const message of [
      [0xf0, 0x70, 9, 0, 4, 0, 16, 0xf7],
      [0xf4, 7, OUTPUT],
      [0xf4, 5, 4],
      [0xf0, 0x76, 0, 0xf7],
    ]) {
      expect(text(content(ask(rig, ...message), 0x71))).toBe('Earlid: ignored');
    }
  });

  test('a declared input belongs to the guard, on Firmata’s side too', () => {
    const rig = new Rig();
    rig.hello();
    rig.board.runFor(300);
    rig.configure('input0', 4);
    rig.board.input('motion', 1);
    expect(rig.next('state', (state) => state.inputs === 0x11).inputs).toBe(0x11);
    ask(rig, 0xf4, 4, OUTPUT, 0xf5, 4, 1);
    expect(rig.board.pin(4)).toBeNull();
    rig.board.input('motion', 0);
    expect(rig.next('state', (state) => state.inputs === 0x10).inputs).toBe(0x10);
  });
});
