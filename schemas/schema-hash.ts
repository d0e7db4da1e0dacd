/** Which definition of the wire a firmware was built from. */
import { createHash } from 'node:crypto';
import { ENUMS, FLAGS, LIMITS, MESSAGES, PROTOCOL_VERSION } from './protocol.ts';
import { SETTINGS } from './settings.ts';

/** First four bytes of the SHA-256 of everything that determines the wire, as a number: `identity.schema`. */
export function schemaHash(): number {
  const definition = JSON.stringify([PROTOCOL_VERSION, MESSAGES, ENUMS, FLAGS, LIMITS, SETTINGS]);
  return createHash('sha256').update(definition).digest().readUInt32LE(0);
}
