import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodePinMessage, type PinMessage } from '../../controller/link/pin-message.ts';

/** Anything a buggy or hostile caller could hand over, types or not. */
const anything = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.double(),
  fc.boolean(),
  fc.constantFrom('input', 'output', 'pwm', 'analog', 'pullup', 'toString', null, undefined),
);
const hostile = fc.record({
  type: fc.constantFrom('mode', 'level', 'pwm', 'report-analog', 'report-digital', 'reset', 'sysex'),
  pin: anything,
  port: anything,
  mode: anything,
  high: anything,
  on: anything,
  duty: anything,
});
const GUARD_PINS = [0, 1, 2, 3, 7, 11, 14];

describe('messages for free pins', () => {
  test('S3 S4 whatever is asked for, never a sysex and never a pin of the guard', () => {
    fc.assert(
      fc.property(hostile, (message) => {
        let bytes: Uint8Array;
        try {
          bytes = encodePinMessage(message as unknown as PinMessage);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        const [command = 0, ...data] = bytes;
        expect(data.every((byte) => byte < 0x80)).toBe(true);
        const kind = command < 0xf0 ? command & 0xf0 : command;
        expect([0xc0, 0xd0, 0xe0, 0xf4, 0xf5, 0xff]).toContain(kind);
        expect(data).toHaveLength({ 192: 1, 208: 1, 255: 0 }[kind] ?? 2);
        if (kind === 0xf4 || kind === 0xf5) expect(GUARD_PINS).not.toContain(data[0]);
        if (kind === 0xe0) expect(GUARD_PINS).not.toContain(command & 15);
        if (kind === 0xc0) expect(command & 15).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[PinMessage, number[]]>([
    [{ type: 'mode', pin: 8, mode: 'pullup' }, [0xf4, 8, 11]],
    [{ type: 'level', pin: 5, high: true }, [0xf5, 5, 1]],
    [{ type: 'pwm', pin: 9, duty: 200 }, [0xe9, 72, 1]],
    [{ type: 'report-analog', pin: 15, on: true }, [0xc1, 1]],
    [{ type: 'report-digital', port: 1, on: false }, [0xd1, 0]],
    [{ type: 'reset' }, [0xff]],
  ])('%j', (message, bytes) => {
    expect([...encodePinMessage(message)]).toEqual(bytes);
  });
});
