/** What a condition asks of a value. Pure. */
import type { Comparison } from '../../schemas/sources.ts';
import type { Truth } from '../policy/facts.ts';

/** A value that a source told. */
export type Told = string | number | boolean;

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** What Home Assistant and others send in place of a value that they do not have. */
const NO_VALUE = ['', 'unknown', 'unavailable'];

/**
 * Null where the value is no answer to the question: of another kind than what is asked for, or one of the words for not knowing.
 * A number is the same number in quotes or without, and so is `true`.
 */
export function holds({ is, above, below }: Comparison, told: Told): Truth {
  const value = meaning(String(told).trim());
  if (is === undefined) {
    if (typeof value !== 'number') return null;
    return (above === undefined || value > above) && (below === undefined || value < below);
  }
  const wanted = meaning(String(is).trim());
  if (value === wanted) return true;
  if (typeof value !== typeof wanted || NO_VALUE.includes(String(value).toLowerCase())) return null;
  return false;
}

function meaning(text: string): Told {
  if (text === 'true' || text === 'false') return text === 'true';
  return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}
