/**
 * The authenticator of a guard frame: the first 16 bytes of HMAC-SHA256 with the key of the gate, over its gate id, the
 * message id, and the content before the authenticator. Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LIMITS } from './protocol.ts';

/** Whom a frame is for, or from: a key of 32 bytes, and the gate id (up to 8 bytes, padded with 0; empty when it has none). */
export interface GateKey {
  readonly key: Uint8Array;
  readonly gateId: Uint8Array;
}

/** Throws RangeError when key or gate id are no such thing. */
export function authenticatorOf({ key, gateId }: GateKey, id: number, content: Uint8Array): Uint8Array {
  if (key.length !== LIMITS.keyBytes.value) throw new RangeError(`a key of ${key.length} bytes`);
  if (gateId.length > LIMITS.gateIdBytes.value) throw new RangeError(`a gate id of ${gateId.length} bytes`);
  const covered = new Uint8Array(LIMITS.gateIdBytes.value + 1 + content.length);
  covered.set(gateId);
  covered[LIMITS.gateIdBytes.value] = id;
  covered.set(content, LIMITS.gateIdBytes.value + 1);
  const whole = createHmac('sha256', key).update(covered).digest();
  return Uint8Array.from(whole.subarray(0, LIMITS.macBytes.value));
}

/** Whether it is the right one, found out in the same time whatever is wrong with it. Throws like `authenticatorOf`. */
export function isAuthenticator(
  authenticator: Uint8Array,
  by: GateKey,
  id: number,
  content: Uint8Array,
): boolean {
  const right = authenticatorOf(by, id, content);
  return authenticator.length === right.length && timingSafeEqual(authenticator, right);
}
