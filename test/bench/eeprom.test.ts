import { describe, expect, test } from '@jest/globals';
import { Board } from '../../controller/bench/board.ts';
import type { TornByte } from '../../controller/bench/eeprom.ts';
import { eepromImage } from '../../controller/bench/eeprom-image.ts';
import { program } from './assemble.ts';

/** Writes 0x42 to address 16, then sleeps for ever without interrupts; r20 counts how often EEPE was found set after. */
const WRITES = `
  ldi r16, 16
  out 0x21, r16
  ldi r16, 0
  out 0x22, r16
  ldi r16, 0x42
  out 0x20, r16
  sbi 0x1f, 2
  sbi 0x1f, 1
  wait: sbic 0x1f, 1
  rjmp wait
  sbi 0x1f, 0
  in r21, 0x20
  stop: rjmp stop`;
const ADDRESS = 16;
const OLD = 0x17;

function writing(torn: TornByte, seed = 1) {
  const eeprom = new Uint8Array(1024).fill(OLD);
  const board = new Board({ product: 'uno-relay', image: program(WRITES), startupMs: 0, eeprom, seed });
  board.setTornByte(torn);
  board.runFor(1);
  expect(board.eeprom.writing).toEqual({ address: ADDRESS, value: 0x42 });
  return board;
}

describe('a byte of EEPROM', () => {
  test('changes 3.4 ms after its write began and is read back', () => {
    const board = writing('old');
    board.runFor(2.3);
    expect(board.eeprom.bytes[ADDRESS]).toBe(OLD);
    board.runFor(0.2);
    expect([board.eeprom.bytes[ADDRESS], board.sram(21, 1)[0]]).toEqual([0x42, 0x42]);
  });

  test.each([
    ['old', OLD],
    ['erased', 0xff],
  ] as const)('is %s when power fails meanwhile', (torn, value) => {
    const board = writing(torn);
    board.power(false);
    board.runFor(10);
    expect(board.eeprom.bytes[ADDRESS]).toBe(value);
    expect(board.eeprom.bytes.filter((byte) => byte !== OLD)).toHaveLength(value === OLD ? 0 : 1);
  });

  test('is chance of the seed when power fails meanwhile', () => {
    const left = (seed: number) => {
      const board = writing('random', seed);
      board.power(false);
      return board.eeprom.bytes[ADDRESS]!;
    };
    expect(left(3)).toBe(left(3));
    expect(new Set([1, 2, 3, 4, 5, 6].map(left)).size).toBeGreaterThan(3);
  });

  test('is written to the end through a reset', () => {
    const board = writing('erased');
    board.reset();
    board.runFor(5);
    expect(board.eeprom.bytes[ADDRESS]).toBe(0x42);
  });
});

describe('an image of a set-up gate', () => {
  test('holds its settings, its lock and its last boot, and refuses what does not fit', () => {
    const image = eepromImage({
      product: 'uno-relay',
      settings: { sense: 1, gate_id: 'kitchen' },
      boot: 0x010203,
    });
    expect(image).toHaveLength(1024);
    expect([...image.subarray(0x240, 0x243), image[0x08], image[0x208]]).toEqual([3, 2, 1, 0x5a, 0x5a]);
    expect(Buffer.from(image).includes('kitchen')).toBe(true);
    expect(eepromImage({ product: 'uno-relay', locked: true })[0x208]).toBe(0xa5);
    expect(() => eepromImage({ product: 'uno-relay', settings: { sense: 3 } })).toThrow('sense');
    expect(() => eepromImage({ product: 'uno-relay', settings: { gate_id: 'far too long' } })).toThrow(
      'gate_id',
    );
  });
});
