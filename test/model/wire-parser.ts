/**
 * What a stream of host bytes means to the guard, by `docs/protocol.md`, The wire. Written apart from the firmware's
 * parser and from the controller's, so that neither is its own judge.
 */
import type { GateKey } from '../../schemas/authenticator.ts';
import { decodeFrame, isAuthentic } from '../../schemas/codec.ts';
import { LIMITS, MESSAGES } from '../../schemas/protocol.ts';
import type { Authenticator, Input } from './guard-model.ts';

const START = 0xf0;
const END = 0xf7;

/**
 * One parser per boot: `byte` returns what the guard is told by that byte, if anything. `key` says which key and gate id the
 * gate has at that moment.
 */
export function wireParser(key: () => GateKey | null): { byte(value: number): Input | null } {
  let inner: number[] | null = null;

  function ended(by: number): Input | null {
    if (inner === null || inner.length === 0) return null;
    const bytes = Uint8Array.from(inner);
    const whole = by === END && bytes.length + 2 <= LIMITS.frameBytes.value;
    const decoded = whole ? decodeFrame(bytes) : null;
    const message = decoded && 'message' in decoded ? decoded.message : null;
    const authenticator = (): Authenticator => {
      const carried = decoded && 'message' in decoded && decoded.hasAuthenticator;
      const gateKey = key();
      if (!carried) return 'none';
      return gateKey && isAuthentic(bytes, gateKey) ? 'right' : 'wrong';
    };
    if (bytes[0] === MESSAGES.mute.id) {
      const isRead = message?.type === 'mute';
      return isRead ? { type: 'message', message, authenticator: 'none' } : { type: 'garbled-mute' };
    }
    switch (message?.type) {
      case 'hello':
      case 'allow':
      case 'lock':
      case 'setting':
      case 'stored':
      case 'pair':
        return { type: 'message', message, authenticator: authenticator() };
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
