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

/** A schedule at a site, as `Evaluator` answers. Instants in UTC ms. */
export interface Moments {
  /** Its value at an instant, and until when that stays: null where it does so for years. */
  spanAt(utc: number): Span;
  /** Since when it has been what it is at an instant, null where it was so for years. */
  since(utc: number): number | null;
}
export interface Span {
  readonly value: Truth;
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

/** The fact bears on one of the rules. */
export function asks({ listen, never }: Rules, fact: string): boolean {
  return [...listen, ...never].some(
    ({ condition }) => condition !== null && factsOf(condition).includes(fact),
  );
}

/** Names of the facts that a condition asks. */
export const factsOf = (condition: Condition): readonly string[] => asksOf(condition).map(({ fact }) => fact);

/** A place at which a condition asks a fact. */
export type Ask = Extract<Condition, { readonly kind: 'fact' }>;

export function asksOf(condition: Condition): readonly Ask[] {
  if (condition.kind === 'fact') return [condition];
  return 'length' in condition.of ? condition.of.flatMap(asksOf) : asksOf(condition.of);
}
