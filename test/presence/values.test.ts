import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PAYLOAD } from '../../controller/mqtt/packet-limit.ts';
import { shown } from '../../controller/network/shown.ts';
import { holds } from '../../controller/presence/compare.ts';
import { valueIn } from '../../controller/presence/payload.ts';

describe('a value is compared without surprise', () => {
  test.each([
    ['on', 'on', true],
    ['off', 'on', false],
    ['ON', 'on', false],
    [' on\n', 'on', true],
    ['1', 1, true],
    ['1.0', 1, true],
    [1, '1', true],
    [2, 1, false],
    ['true', true, true],
    [true, 'true', true],
    [false, true, false],
    ['home', 'home', true],
    ['not_home', 'home', false],
  ] as const)('%j is %j: %s', (told, is, expected) => {
    expect(holds({ is }, told)).toBe(expected);
  });

  test.each([
    ['on', 1],
    ['1', true],
    [true, 'on'],
    ['', 'on'],
    ['unavailable', 'on'],
    ['Unknown', 'home'],
    ['0x1', 1],
  ] as const)('S4 %j is no answer to whether it is %j', (told, is) => {
    expect(holds({ is }, told)).toBeNull();
  });

  test('what is asked for by its name is an answer', () => {
    expect(holds({ is: 'unavailable' }, 'unavailable')).toBe(true);
    expect(holds({ is: '' }, '')).toBe(true);
  });

  test('bounds are open, and only numbers are above or below anything', () => {
    expect([299, 300, 301, '301.5', 'many', true].map((told) => holds({ above: 300 }, told))).toEqual([
      false,
      false,
      true,
      true,
      null,
      null,
    ]);
    expect([1, 2, 3, 4].map((told) => holds({ above: 1, below: 4 }, told))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('quotes change nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()), (value) => {
        for (const is of [value, String(value)])
          for (const told of [value, String(value)]) expect(holds({ is }, told)).toBe(true);
      }),
    );
  });
});

describe('the value in a message', () => {
  const read = (text: string, path: string | null) => valueIn(Buffer.from(text), path);

  test.each([
    ['on', null, 'on'],
    ['{"a":{"b":["x",7]}}', 'a.b.1', 7],
    ['{"occupancy":false}', 'occupancy', false],
    ['["ON"]', '0', 'ON'],
  ])('%s at %s', (text, path, value) => {
    expect(read(text, path)).toEqual({ value });
  });

  test.each([
    ['not JSON', '{"a":', 'a', 'a message that is not JSON'],
    ['a path that is not there', '{"a":1}', 'b', 'a message without `b`'],
    ['a path into a text', '{"a":"xyz"}', 'a.length', 'a message without `a.length`'],
    ['what every object has', '{}', 'constructor', 'a message without `constructor`'],
    ['nothing', '{"a":null}', 'a', '`a` is null'],
    ['more than a value', '{"a":{"b":1}}', 'a', '`a` is no single value'],
    ['too much', ' '.repeat(MAX_PAYLOAD + 1), null, 'a message of more than 64 KB'],
  ])('S4 is unknown where there is %s', (_, text, path, missing) => {
    expect(read(text, path)).toEqual({ missing });
  });

  test('S4 is unknown where it is no text', () => {
    expect(valueIn(Uint8Array.of(0x6f, 0xff), null)).toEqual({ missing: 'a message that is no text' });
  });

  test('whatever comes is read or refused, and never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.string({ minLength: 1 }), (text, path) => {
        expect(Object.keys(read(text, path))).toHaveLength(1);
      }),
    );
  });
});

test('what others sent is shown short and without control characters', () => {
  expect(shown('on\u001b[31m\n\u202e')).toBe('on·[31m··');
  expect(shown('x'.repeat(10_000))).toHaveLength(64);
});
