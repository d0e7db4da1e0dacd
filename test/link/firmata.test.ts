import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FIRMATA_QUERY, FirmataAnswer } from '../../controller/link/firmata.ts';

const NAME = [...'StandardFirmata.ino'].flatMap((letter) => [letter.charCodeAt(0), 0]);

describe('Firmata answer', () => {
  test('names the firmware with its version', () => {
    const answer = new FirmataAnswer();
    answer.push(Uint8Array.of(0xf9, 2, 5));
    expect([answer.firmware, answer.version]).toEqual([null, 'Firmata 2.5']);
    answer.push(Uint8Array.of(0xf0, 0x79, 2, 5, ...NAME, 0xf7));
    expect(answer.firmware).toBe('StandardFirmata.ino 2.5');
  });

  test('an echo of the question is no answer', () => {
    const answer = new FirmataAnswer();
    answer.push(FIRMATA_QUERY);
    answer.push(FIRMATA_QUERY);
    expect([answer.firmware, answer.version]).toEqual([null, null]);
  });

  test('is found behind garbage, in any pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        const answer = new FirmataAnswer();
        answer.push(garbage.map((byte) => byte & 0x7f));
        for (const byte of [0xf0, 0x79, 2, 5, ...NAME, 0xf7]) answer.push(Uint8Array.of(byte));
        expect(answer.firmware).toBe('StandardFirmata.ino 2.5');
      }),
    );
  });

  test('unprintable names are left out', () => {
    const answer = new FirmataAnswer();
    answer.push(Uint8Array.of(0xf0, 0x79, 2, 5, 0x1b, 0, 0x41, 0, 0xf7));
    expect(answer.firmware).toBe('A 2.5');
  });
});
