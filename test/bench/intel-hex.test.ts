import { describe, expect, test } from '@jest/globals';
import { FLASH_BYTES, parseIntelHex } from '../../controller/bench/intel-hex.ts';

const END = ':00000001FF';

describe('Intel hex', () => {
  test('is read to where it says, everything else is erased', () => {
    const image = parseIntelHex(`:03001000010203E7\r\n:010020000AD5\r\n${END}\r\n`);
    expect([image.start, image.end, image.bytes.length]).toEqual([0x10, 0x21, FLASH_BYTES]);
    expect([...image.bytes.subarray(0x0f, 0x14)]).toEqual([0xff, 1, 2, 3, 0xff]);
  });

  test.each([
    [':03001000010203E8', 'line 1: wrong checksum'],
    [`:010020000AD5\n:04001000010203E6`, 'line 2: wrong length'],
    ['hello', 'line 1: not a record'],
    [':03FFFF00010203F9', 'line 1: address beyond'],
    [END, 'no data'],
  ])('%j is refused: %s', (text, problem) => {
    expect(() => parseIntelHex(text)).toThrow(problem);
  });

  test('of overlapping records the first counts', () => {
    const image = parseIntelHex(`:020010000102EB\n:020011000A0BD8\n${END}`);
    expect([...image.bytes.subarray(0x10, 0x13)]).toEqual([1, 2, 0x0b]);
  });
});
