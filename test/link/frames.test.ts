import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameSplitter, Receiver } from '../../controller/link/frames.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import type { Message } from '../../schemas/protocol.ts';

const NAK: Message = { type: 'nak', message: 2, seq: 5, reason: 'unseen' };
const FRAME = encodeFrame(NAK, 0);
const bytes = (...parts: (number | Uint8Array)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));

/** Everything that comes of a stream, in whatever pieces it arrives. */
function split(pieces: readonly Uint8Array[]) {
  const splitter = new FrameSplitter();
  const parts = pieces.map((piece) => splitter.push(piece));
  return {
    frames: parts.flatMap(({ frames }) => frames.map((frame) => [...frame])),
    firmata: parts.flatMap(({ firmata }) => [...firmata]),
    garbage: splitter.garbage,
  };
}

function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((n) => n % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return at.slice(1).map((end, i) => stream.subarray(at[i], end));
}

const interesting = fc.oneof(
  fc.constantFrom(0xf0, 0xf7, 0x01, 0x09, 0x0f, 0x10, 0x00, 0x79, 0xe0, 0xf9, 0xff),
  fc.integer({ min: 0, max: 255 }),
);
const stream = fc
  .array(fc.oneof(fc.array(interesting, { maxLength: 90 }), fc.constant([...FRAME])), { maxLength: 12 })
  .map((parts) => Uint8Array.from(parts.flat()));

describe('splitter', () => {
  test('guard frames and Firmata come apart, each in order', () => {
    const analog = bytes(0xe0, 0x12, 0x03);
    const report = bytes(0xf0, 0x79, 2, 5, 0x41, 0, 0xf7);
    const { frames, firmata, garbage } = split([bytes(analog, FRAME, report, FRAME, 0xf9, 2, 6)]);
    expect(frames).toEqual([[...FRAME.slice(1, -1)], [...FRAME.slice(1, -1)]]);
    expect(firmata).toEqual([...analog, ...report, 0xf9, 2, 6]);
    expect(garbage).toEqual({ stray: 0, empty: 0, interrupted: 0, 'too-long': 0 });
  });

  test.each<[string, Uint8Array, number, number[], string]>([
    ['F0 starts anew', bytes(0xf0, 9, 1, 2, FRAME), 1, [], 'interrupted'],
    [
      'a byte above 7F ends a sysex and is what it is',
      bytes(0xf0, 9, 1, 0xe0, 1, 2, FRAME),
      1,
      [0xe0, 1, 2],
      'interrupted',
    ],
    ['so it does in a Firmata sysex', bytes(0xf0, 0x79, 1, 0xc0, 1), 0, [0xc0, 1], 'interrupted'],
    ['F7 without F0', bytes(0xf7, FRAME), 1, [], 'stray'],
    ['nothing between F0 and F7', bytes(0xf0, 0xf7, FRAME), 1, [], 'empty'],
    ['too long', bytes(0xf0, new Uint8Array(63).fill(1), 0xf7, FRAME), 1, [], 'too-long'],
    ['too long and never ended', bytes(0xf0, new Uint8Array(9_999).fill(1), FRAME), 1, [], 'too-long'],
  ])('%s', (_, input, frames, firmata, kind) => {
    const result = split([input]);
    expect(result.frames).toHaveLength(frames);
    expect(result.firmata).toEqual(firmata);
    expect(result.garbage).toMatchObject({ [kind]: 1 });
  });

  test('the longest frame passes', () => {
    expect(split([bytes(0xf0, new Uint8Array(62).fill(1), 0xf7)]).frames).toHaveLength(1);
  });

  test('however the stream is cut, the result is the same', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (input, places) => {
        expect(split(cut(input, places))).toEqual(split([input]));
      }),
      { numRuns: 500 },
    );
  });

  test('whatever comes before, a whole frame is not lost', () => {
    fc.assert(
      fc.property(stream, (before) => {
        expect(split([before, FRAME]).frames.at(-1)).toEqual([...FRAME.slice(1, -1)]);
      }),
      { numRuns: 500 },
    );
  });

  test('no byte is counted or passed on twice', () => {
    fc.assert(
      fc.property(stream, (input) => {
        const { frames, firmata } = split([input]);
        const taken = frames.reduce((sum, frame) => sum + frame.length + 2, 0) + firmata.length;
        expect(taken).toBeLessThanOrEqual(input.length);
      }),
    );
  });
});

describe('receiver', () => {
  test('counts frames lost on the way, not a counter that began anew', () => {
    const receiver = new Receiver();
    for (const count of [250, 251, 254, 255, 0, 2]) receiver.push(encodeFrame(NAK, count));
    expect(receiver.lost).toBe(3);
    receiver.push(encodeFrame(NAK, 0));
    expect(receiver.lost).toBe(3);
  });

  test('damage is counted by kind', () => {
    const receiver = new Receiver();
    const damaged = FRAME.slice();
    damaged[6]! ^= 1;
    receiver.push(damaged);
    receiver.push(bytes(0xf0, 0x0f, 1, 2, 3, 0xf7));
    expect(receiver.failures).toMatchObject({ crc: 1, id: 1 });
  });

  test('what only a controller sends is not taken for an answer: a port that echoes is no gate', () => {
    const receiver = new Receiver();
    const { messages } = receiver.push(encodeFrame({ type: 'hello', controller: 1 }, 0));
    expect(messages).toEqual([]);
    expect(receiver.failures.direction).toBe(1);
  });

  test('a version that is not spoken is named', () => {
    const receiver = new Receiver();
    expect(receiver.push(encodeFrame(NAK, 0, { version: 5 }))).toMatchObject({
      messages: [],
      foreignVersion: 5,
    });
  });
});
