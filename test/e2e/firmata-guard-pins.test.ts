/**
 * Every Firmata message type aimed at every pin and timer of the guard changes nothing there: a gate that gets them all is
 * compared with one that gets none.
 */
import { describe, expect, test } from '@jest/globals';
import { eepromImage } from '../../controller/bench/eeprom-image.ts';
import type { Product } from '../../controller/bench/images.ts';
import { BYTE_MS, Rig } from '../../controller/bench/rig.ts';
import { FIRMATA_TYPES, firmataMessage } from '../model/firmata-messages.ts';
import { isThorough } from '../thorough.ts';

/** Serial, button, LEDs, actuator and sense; 5, 6 and 10 share a timer with the tick, the LEDs or the servo. */
const GUARD_PINS: Readonly<Record<Product, readonly number[]>> = {
  'uno-relay': [0, 1, 2, 3, 7, 11, 14, 5, 6],
  'uno-servo': [0, 1, 2, 3, 7, 9, 11, 14, 5, 6, 10],
};
const VALUES = isThorough ? [0, 255, 16_383] : [16_383];
const SERVO_SIGNAL = 9;
const SERVO_PERIOD_MS = 20;
const SAMPLE_MS = 0.01;
/** An LED may blink a little later on a gate that is kept busy. */
const LATE_MS = 20;
const STARTUP_MS = 65;

/** Levels that only the guard may change. */
const guarded = ({ board }: Rig) => ({
  actuator: board.level('actuator'),
  contact: board.level('contact'),
  drive: board.pin(7),
  servoUs: Math.round((board.servoPositionUs ?? 0) / 10) * 10,
});

/** Widths in ms of the pulses on the servo's signal in two periods, and what lies between them. */
function servoPulses({ board }: Rig): number[] {
  const edges: number[] = [];
  let level = board.pin(SERVO_SIGNAL);
  for (let i = 0; i < (2 * SERVO_PERIOD_MS) / SAMPLE_MS; i++) {
    board.runFor(SAMPLE_MS);
    if (board.pin(SERVO_SIGNAL) === level) continue;
    level = board.pin(SERVO_SIGNAL);
    edges.push(board.timeMs);
  }
  return edges.slice(1).map((edge, i) => edge - edges[i]!);
}

function sameEdges(busy: Rig, quiet: Rig): void {
  for (const signal of ['actuator', 'contact', 'red', 'green'] as const) {
    for (const level of [0, 1] as const) {
      const [a, b] = [busy.edges(signal, level), quiet.edges(signal, level)];
      expect(a).toHaveLength(b.length);
      for (const [i, at] of a.entries()) expect(Math.abs(at - b[i]!)).toBeLessThan(LATE_MS);
    }
  }
}

describe.each(isThorough ? (['uno-relay', 'uno-servo'] as const) : (['uno-servo'] as const))(
  '%s',
  (product) => {
    test.each(['muted', 'live'] as const)('while %s', (phase) => {
      const eeprom = eepromImage({ product, settings: { sense: 1 } });
      const rigs = [0, 1].map(() => new Rig({ product, eeprom, bounceMs: 0 })) as [Rig, Rig];
      const [busy, quiet] = rigs;
      for (const rig of rigs) {
        rig.hello();
        rig.board.runFor(300);
        if (phase === 'live') rig.goLive(29_000);
        rig.board.runFor(1500);
      }
      const both = (ms: number): void => {
        for (const { board } of rigs) board.runFor(ms);
      };
      for (const type of FIRMATA_TYPES) {
        for (const pin of GUARD_PINS[product]) {
          for (const value of VALUES) {
            const bytes = firmataMessage(type, pin, value);
            busy.board.send(bytes);
            both(bytes.length * BYTE_MS + 1);
            expect({ type, pin, ...guarded(busy) }).toEqual({ type, pin, ...guarded(quiet) });
          }
        }
        if (product === 'uno-servo') {
          const [a, b] = rigs.map(servoPulses) as [number[], number[]];
          expect(a).toHaveLength(b.length);
          for (const [i, width] of a.entries()) expect(Math.abs(width - b[i]!)).toBeLessThan(0.05);
        }
      }
      both(1000);
      expect(busy.board.level('contact')).toBe(phase === 'live' ? 1 : 0);
      for (const led of ['red', 'green'] as const) {
        expect(busy.board.brightness(led)).toBe(quiet.board.brightness(led));
      }
      sameEdges(busy, quiet);

      const state = busy.state();
      expect(Math.abs(state.uptime - (busy.board.timeMs - STARTUP_MS))).toBeLessThan(10);
      expect(state.flags.senseHears).toBe(phase === 'live');
      expect(busy.hello().product).toBe(product);
      expect(busy.board.starts).toBe(1);

      // The button is still the guard's: it mutes, or is refused.
      both(phase === 'live' ? 0 : 50);
      for (const rig of rigs) rig.board.press(100);
      both(5000);
      expect(guarded(busy)).toEqual(guarded(quiet));
      expect(busy.board.level('contact')).toBe(0);
      expect(busy.events().at(-1)).toMatchObject({ kind: phase === 'live' ? 'mute' : 'press' });
    });
  },
);
