/** The key of a gate: held so that nothing that prints, logs or serialises values shows it. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '../../schemas/protocol.ts';

export class Secret {
  readonly #bytes: Uint8Array;

  /** Throws RangeError when it is no key: of another length, or all zero, which on the wire means none. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== LIMITS.keyBytes.value || bytes.every((byte) => byte === 0))
      throw new RangeError('not a key');
    this.#bytes = Uint8Array.from(bytes);
  }

  /** A new one. */
  static random(): Secret {
    return new Secret(randomBytes(LIMITS.keyBytes.value));
  }

  /** Throws RangeError when the text is not the base64 of a key. */
  static fromBase64(text: string): Secret {
    return new Secret(Buffer.from(text, 'base64'));
  }

  /** The bytes: to sign with, for the wire and for the file, and for nothing else. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** The text of it in the file. */
  toBase64(): string {
    return Buffer.from(this.#bytes).toString('base64');
  }

  equals(other: Secret): boolean {
    return timingSafeEqual(this.#bytes, other.#bytes);
  }

  toString(): string {
    return '[key]';
  }

  toJSON(): string {
    return '[key]';
  }
}
