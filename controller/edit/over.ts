/** Rules whose days have passed. Pure. */
import type { Compiled } from '../config/compile.ts';
import type { ConfigNote } from '../config/outages.ts';
import type { Side } from './list-edits.ts';

export interface OverRule {
  readonly gate: string;
  /** As `earlid schedule list` calls it: `listen 2`. */
  readonly rule: string;
  readonly side: Side;
  readonly index: number;
}

/** In the order of the file. */
export function overRules({ over }: Pick<Compiled, 'over'>): OverRule[] {
  return over.map(({ path: [, gate, side, index] }) => ({
    gate: String(gate),
    rule: `${side} ${Number(index) + 1}`,
    side: side as Side,
    index: Number(index),
  }));
}

/** What the owner is told of them. */
export const overNotes = (compiled: Pick<Compiled, 'over'>): ConfigNote[] =>
  overRules(compiled).map(({ gate, rule }) => ({
    code: 'over',
    gates: [gate],
    text: `${rule} of ${gate} is over: \`earlid schedule remove ${gate} --over\` takes it out`,
  }));
