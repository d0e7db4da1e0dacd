/**
 * What a stream of host bytes means to the guard, by `docs/protocol.md`, The wire. Written apart from the firmware's
 * parser and from the controller's, so that neither is its own judge.
 */
import { decodeFrame } from '../../schemas/codec.ts';
import { LIMITS, MESSAGES } from '../../schemas/protocol.ts';
import type { Input } from './guard-model.ts';

const START = 0xf0;
const END = 0xf7;

/** One parser per boot: `byte` returns what the guard is told by that byte, if anything. */
export function wireParser(): { byte(value: number): Input | null } {
  let inner: number[] | null = null;

  function ended(by: number): Input | null {
    if (inner === null || inner.length === 0) return null;
    const bytes = Uint8Array.from(inner);
    const whole = by === END && bytes.length + 2 <= LIMITS.frameBytes.value;
    const decoded = whole ? decodeFrame(bytes) : null;
    const message = decoded && 'message' in decoded ? decoded.message : null;
    if (bytes[0] === MESSAGES.mute.id) {
      return message?.type === 'mute' ? { type: 'message', message } : { type: 'garbled-mute' };
    }
    switch (message?.type) {
      case 'hello':
      case 'allow':
      case 'lock':
      case 'setting':
      case 'stored':
      case 'pair':
        return { type: 'message', message };
      default:
        return null;
    }
  }

  return {
    byte(value) {
      if (value < 0x80) {
        inner?.push(value);
        return null;
      }
      const input = ended(value);
      inner = value === START ? [] : null;
      return input;
    },
  };
}
