import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decodeFrame, encodeFrame, isAuthentic } from '../../schemas/codec.ts';
import { crc16 } from '../../schemas/packing.ts';
import {
  isBytes,
  LIMITS,
  MESSAGES,
  type Message,
  type MessageDefinition,
  PROTOCOL_VERSION,
  widthOf,
} from '../../schemas/protocol.ts';
import type { Vector } from '../../schemas/vectors.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../schemas/generated/vectors.json', import.meta.url), 'utf8'),
) as Vector[];
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** The message of a vector with its byte strings as bytes. */
function messageOf({ message }: Vector): Message {
  const { fields } = MESSAGES[message.type as keyof typeof MESSAGES] as MessageDefinition;
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [
      key,
      isBytes(fields[key]?.[0] ?? 'u8') ? bytes(value as string) : value,
    ]),
  ) as unknown as Message;
}

describe('conformance vectors, which the C code passes too', () => {
  test('the CRC is CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x29b1);
  });

  test.each(vectors)('$name', (vector) => {
    const frame = bytes(vector.frame);
    const message = messageOf(vector);
    const by = vector.by && { key: bytes(vector.by.key), gateId: bytes(vector.by.gateId) };
    const inner = frame.subarray(1, -1);
    expect(decodeFrame(inner)).toEqual({
      message,
      count: vector.count,
      version: PROTOCOL_VERSION,
      hasAuthenticator: by !== null,
    });
    expect(encodeFrame(message, vector.count, { by })).toEqual(frame);
    if (by) expect(isAuthentic(inner, by)).toBe(true);
  });

  test('every message has a vector, fits a frame with its authenticator, and has an id of its own', () => {
    for (const [name, definition] of Object.entries(MESSAGES) as [string, MessageDefinition][]) {
      expect(vectors.some(({ message }) => message.type === name)).toBe(true);
      const body = Object.values(definition.fields).reduce((sum, [type]) => sum + widthOf(type), 0);
      expect(2 + body + LIMITS.macBytes.value + 2).toBeLessThanOrEqual(LIMITS.contentBytes.value);
      expect(definition.id).toBeGreaterThanOrEqual(1);
      expect(definition.id).toBeLessThanOrEqual(15);
    }
    expect(new Set(Object.values(MESSAGES).map(({ id }) => id)).size).toBe(Object.keys(MESSAGES).length);
  });
});
