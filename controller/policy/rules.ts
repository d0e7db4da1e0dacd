/** The rules of a gate, ready to be asked. */
import type { Truth } from './facts.ts';

/** A condition whose names are resolved; times in ms. */
export type Condition =
  | { readonly kind: 'any' | 'all'; readonly name: string | null; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly name: string | null; readonly of: Condition }
  | {
      /** `after`: has held for `ms`. `linger`: has held within the last `ms`. */
      readonly kind: 'after' | 'linger';
      /** The presence that this is the value of, for people. */
      readonly name: string | null;
      readonly ms: number;
      readonly of: Condition;
    }
  | {
      readonly kind: 'fact';
      readonly name: string | null;
      /** As `factName` calls it. */
      readonly fact: string;
      readonly maxAgeMs: number;
    };

/** A schedule at a site, as `Evaluator` answers. */
export interface Moments {
  /** Its value at an instant (UTC ms), and the stretch around it in which that stays; null where it does so for years. */
  spanAt(utc: number): Span;
}
export interface Span {
  readonly value: Truth;
  /** UTC ms, at or before the instant: so it was from here on. */
  readonly from: number | null;
  /** UTC ms, after the instant: so it is up to here. */
  readonly until: number | null;
}

/** Holds while everything it names does. */
export interface Rule {
  /** `listen 1` is the first of the listen rules. */
  readonly name: string;
  readonly schedule: { readonly text: string; readonly moments: Moments } | null;
  readonly calendar: {
    readonly name: string;
    readonly match: string | null;
    /** As `agendaName` calls it. */
    readonly agenda: string;
  } | null;
  readonly condition: Condition | null;
}

export interface Rules {
  readonly listen: readonly Rule[];
  readonly never: readonly Rule[];
  /** While this schedule holds, the LEDs of the gate are dim. */
  readonly night: Moments | null;
}

export const NO_RULES: Rules = { listen: [], never: [], night: null };
