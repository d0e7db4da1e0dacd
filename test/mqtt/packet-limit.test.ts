import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noPace } from '../../controller/mqtt/pace.ts';
import { PacketLimit } from '../../controller/mqtt/packet-limit.ts';

const MOST = 1_000;

/** An MQTT packet with a body of zeros. */
function packet(type: number, length: number): Buffer {
  const digits: number[] = [];
  for (let left = length; digits.length === 0 || left > 0; left = Math.floor(left / 128))
    digits.push((left % 128) | (left >= 128 ? 0x80 : 0));
  return Buffer.concat([Buffer.from([type << 4, ...digits]), Buffer.alloc(length)]);
}

/** What gets through of `bytes` when they come in parts of these sizes. */
async function through(bytes: Buffer, sizes: readonly number[]) {
  let skipped = 0;
  const limit = new PacketLimit(MOST, () => skipped++);
  const out: Buffer[] = [];
  limit.on('data', (chunk: Buffer) => out.push(chunk));
  const ended = new Promise<Error | null>((resolve) => {
    limit.on('end', () => resolve(null)).on('error', resolve);
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const part = bytes.subarray(at, at + sizes[i % sizes.length]!);
    limit.write(part);
    at += part.length;
  }
  limit.end();
  return { error: await ended, out: Buffer.concat(out), skipped };
}

test('packets pass whole and in order, however they are cut; messages that are too large are left out', async () => {
  const message = fc.record({
    type: fc.constantFrom(3, 9, 13),
    length: fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, MOST)),
  });
  const large = fc.record({ type: fc.constant(3), length: fc.integer({ min: MOST + 1, max: 20_000 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(message, large), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
      async (packets, sizes) => {
        const all = Buffer.concat(packets.map(({ type, length }) => packet(type, length)));
        const small = packets.filter(({ length }) => length <= MOST);
        const { error, out, skipped } = await through(all, sizes);
        expect(error).toBeNull();
        expect(out.equals(Buffer.concat(small.map(({ type, length }) => packet(type, length))))).toBe(true);
        expect(skipped).toBe(packets.length - small.length);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['a length without end', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]), /length without end/],
  ['an answer that is far too large', packet(9, MOST + 1), /far too large/],
])('%s is no MQTT', async (_, bytes, reason) => {
  expect((await through(bytes, [64])).error?.message).toMatch(reason);
});

test('what nobody wants is left out by its topic and what follows, however it is cut', async () => {
  const message = (topic: string, payload: string) => {
    const [name, body] = [Buffer.from(topic), Buffer.from(payload)];
    const length = 2 + name.length + body.length;
    return Buffer.concat([Buffer.from([0x30, length, 0, name.length]), name, body]);
  };
  const kept = [message('a', 'yes'), packet(13, 0), message('b', ''), packet(9, 3)];
  const bytes = Buffer.concat([message('a', 'no'), kept[0]!, message('c', 'yes'), ...kept.slice(1)]);
  for (const size of [1, 3, 7, 1_000]) {
    const wanted = (topic: string, rest: Uint8Array) =>
      topic === 'b' || (topic === 'a' && Buffer.from(rest).toString() === 'yes');
    const limit = new PacketLimit(MOST, () => {}, noPace, wanted);
    const out: Buffer[] = [];
    limit.on('data', (chunk: Buffer) => out.push(chunk));
    for (let at = 0; at < bytes.length; at += size) limit.write(bytes.subarray(at, at + size));
    limit.end();
    await new Promise((resolve) => limit.on('end', resolve));
    expect(Buffer.concat(out).equals(Buffer.concat(kept))).toBe(true);
  }
});

test('S3 whoever hands over much at once leaves a turn to others', async () => {
  const limit = new PacketLimit(MOST, () => {}, noPace);
  limit.resume();
  const turns: string[] = [];
  setImmediate(() => turns.push('others'));
  limit.write(packet(3, 900), () => turns.push('little'));
  limit.write(Buffer.concat(Array.from({ length: 50 }, () => packet(3, 900))), () => turns.push('much'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(turns).toEqual(['little', 'others', 'much']);
});
