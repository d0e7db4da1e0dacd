import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeFrame, encodeFrame } from '../../schemas/codec.ts';
import { pack7, unpack7 } from '../../schemas/packing.ts';
import {
  ENUMS,
  type EnumName,
  FLAGS,
  type FlagsName,
  isBytes,
  MESSAGES,
  type Message,
  type MessageDefinition,
  type MessageName,
  type WireType,
  widthOf,
} from '../../schemas/protocol.ts';

function anyOf(type: WireType): fc.Arbitrary<unknown> {
  if (isBytes(type)) return fc.uint8Array({ minLength: widthOf(type), maxLength: widthOf(type) });
  if (type.startsWith('enum:')) return fc.constantFrom(...Object.keys(ENUMS[type.slice(5) as EnumName]));
  if (type.startsWith('flags:')) {
    const names = Object.keys(FLAGS[type.slice(6) as FlagsName]);
    return fc.record(Object.fromEntries(names.map((name) => [name, fc.boolean()])));
  }
  const max = 2 ** (8 * widthOf(type)) - 1;
  return fc.oneof(
    fc.integer({ min: 0, max: Math.min(max, 300) }),
    fc.maxSafeNat().map((n) => n % (max + 1)),
  );
}

/** Any message of the protocol. */
const message: fc.Arbitrary<Message> = fc.oneof(
  ...(Object.keys(MESSAGES) as MessageName[]).map((name) => {
    const { fields }: MessageDefinition = MESSAGES[name];
    const values = Object.entries(fields).map(([field, [type]]) => [field, anyOf(type)]);
    return fc.record({
      type: fc.constant(name),
      ...Object.fromEntries(values),
    }) as unknown as fc.Arbitrary<Message>;
  }),
);
const inner = (frame: Uint8Array) => frame.subarray(1, -1);

describe('codec', () => {
  test('every message comes back as it was, in a frame of at most 64 bytes of which only the ends are above 7F', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 0, max: 255 }), (sent, count) => {
        const frame = encodeFrame(sent, count);
        expect(frame.length).toBeLessThanOrEqual(64);
        expect([frame[0], frame.at(-1)]).toEqual([0xf0, 0xf7]);
        expect(inner(frame).every((byte) => byte < 0x80)).toBe(true);
        expect(decodeFrame(inner(frame))).toEqual({
          message: sent,
          count,
          version: 2,
          hasAuthenticator: false,
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test('up to three wrong bits never make another message', () => {
    const flips = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(message, flips, (sent, places) => {
        const frame = inner(encodeFrame(sent, 7)).slice();
        const before = frame.slice();
        for (const place of new Set(places.map((n) => n % (frame.length * 7)))) {
          frame[Math.floor(place / 7)]! ^= 1 << (place % 7);
        }
        if (Buffer.compare(frame, before) !== 0) expect(decodeFrame(frame)).toHaveProperty('error');
      }),
      { numRuns: 3_000 },
    );
  });

  test('random bytes and cut frames are refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), message, fc.nat(), (bytes, sent, cut) => {
        expect(() => decodeFrame(bytes)).not.toThrow();
        const frame = inner(encodeFrame(sent, 1));
        expect(decodeFrame(frame.subarray(0, cut % frame.length))).toHaveProperty('error');
      }),
    );
  });

  test('packing is exact: every other spelling of the same bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 53 }), (bytes) => {
        const packed = pack7(bytes);
        expect(unpack7(packed)).toEqual(bytes);
        const padding = packed.length * 7 - bytes.length * 8;
        if (padding > 0) {
          const other = packed.slice();
          other[other.length - 1]! |= 0x40;
          expect(unpack7(other)).toBeNull();
        }
      }),
    );
  });
});
