/** A duration as a value of `earlid.yaml`. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

/** At least 1 s and at most `atMost` ms, which people read as `limit`. */
export const durationText = (atMost: number, limit: string) => {
  const expected = `a duration such as 90s, 2m or 1h30m, at least 1s and at most ${limit}`;
  return z
    .string({ error: expected })
    .regex(DURATION_PATTERN, { error: expected, abort: true })
    .refine((text) => durationMs(text) >= 1_000 && durationMs(text) <= atMost, { error: expected });
};

/** A checked duration in ms. */
export const durationMs = (text: string): number => Number(parseDuration(text));
