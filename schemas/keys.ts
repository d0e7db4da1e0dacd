/** The keys of the gates as they are kept: `keys.json` of the state folder. */
import { z } from 'zod';
import { instantSchema } from './instant.ts';
import { LIMITS } from './protocol.ts';

const key = z
  .base64()
  .refine((text) => Buffer.from(text, 'base64').length === LIMITS.keyBytes.value, 'not a key');

const gateKeys = z.strictObject({
  /** Null: it had none when it was last paired. */
  key: key.nullable(),
  pairedAt: instantSchema.nullable(),
  /** A pairing under way: what the gate is to hold instead (null: nothing). It holds the one or the other. */
  next: z.strictObject({ key: key.nullable(), at: instantSchema }).optional(),
});
export type GateKeys = Readonly<z.output<typeof gateKeys>>;

/** The whole file. */
export const keysFile = z.strictObject({ version: z.literal(1), gates: z.record(z.string(), gateKeys) });
