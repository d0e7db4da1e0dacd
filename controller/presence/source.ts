/** What every source of facts is given, and what it promises. */

import type { ErrorView } from '../../schemas/errors.ts';
import type { Source } from '../../schemas/sources.ts';
import type { Fact, Truth } from '../policy/facts.ts';
import type { Instant } from '../policy/override.ts';

/**
 * Tells facts from `start` to `stop`. It tells only what it has just observed: what it does not observe any more it leaves to age.
 * Neither call throws; after `stop` nothing is told and nothing is left running.
 */
export interface FactSource {
  start(): void;
  stop(): Promise<void> | void;
}

/**
 * `at` is ms on the clock that counts suspend; null says that the source itself does not know. `then`: what it will be by
 * itself, and from when on.
 */
export type Tell = (fact: string, value: Truth, at: number, detail: string, then?: Fact['then']) => void;

/** Facts of one kind, each with its source. */
export type Asked<K extends Source['kind']> = readonly {
  readonly fact: string;
  readonly source: Extract<Source, { kind: K }>;
}[];

export interface SourceContext {
  readonly tell: Tell;
  readonly now: () => Instant;
  /** Calls `run` after `ms`, suspend not counted; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: Record<'info' | 'warn', (text: string) => void>;
  /** A problem by the name of what is wrong, null when it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
}
