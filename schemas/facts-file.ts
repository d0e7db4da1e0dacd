/** The form of a facts file: what `earlid simulate` takes for true, and from when. */
import { z } from 'zod';

const VALUE = '`on`, `off` or `unknown`';
const value = z
  .union([z.boolean(), z.enum(['on', 'off', 'unknown'])], { error: VALUE })
  .transform((given) => (given === 'unknown' ? null : given === true || given === 'on'));

const step = z.strictObject(
  {
    from: z.string({ error: 'a time such as 2027-03-22T17:00' }).max(64),
    is: value,
  },
  { error: 'a mapping such as `{ from: 2027-03-22T17:00, is: on }`' },
);

/** Longest course of one name, in steps. */
const MAX_STEPS = 1_000;

/** A name, and its value all the time or from certain times on. */
export const factsFileSchema = z.record(
  z.string().max(512),
  z.union([value, z.array(step).max(MAX_STEPS, { error: `at most ${MAX_STEPS} steps` })], {
    error: `${VALUE}, or a list such as \`- { from: 2027-03-22T17:00, is: on }\``,
  }),
  { error: 'a mapping such as `guests: off`' },
);
