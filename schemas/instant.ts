/** Instants in files and requests: UTC milliseconds that a calendar can show. */
import { z } from 'zod';

/** The last instant that `Date` knows. */
export const MAX_INSTANT = 8.64e15;

export const instantSchema = z.int().min(0).max(MAX_INSTANT);
