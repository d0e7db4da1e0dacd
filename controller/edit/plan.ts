/** What a command asks of the rules of a gate, as edits of the file. Pure. */
import { EarlidError } from '../../schemas/errors.ts';
import type { Edit, WrittenRule } from './change.ts';
import { isDated, withException } from './exception.ts';
import { type NewRule, ruleText, type Side } from './list-edits.ts';

export type Wish =
  /** The listen rules become this one. `yes`: also when one of them asks more than the clock. */
  | { readonly kind: 'set'; readonly rule: NewRule; readonly yes: boolean }
  | { readonly kind: 'add'; readonly side: Side; readonly rule: NewRule }
  | { readonly kind: 'except'; readonly exception: string }
  | { readonly kind: 'remove'; readonly places: readonly { readonly side: Side; readonly index: number }[] };

/** A rule as people are told of it: `listen 2` and what it says. */
export interface NamedRule {
  readonly rule: string;
  readonly text: string;
}

export interface Plan {
  readonly edits: readonly Edit[];
  /** Numbered as after the change. */
  readonly added: readonly NamedRule[];
  /** Numbered as before it. */
  readonly removed: readonly NamedRule[];
  readonly notes: readonly string[];
  /** For somebody who has to do it without us. */
  readonly byHand: string;
}

type Written = Readonly<Record<Side, readonly WrittenRule[]>>;

/** Throws an `EarlidError`, or a `ScheduleError` about the exception. */
export function plan(gate: string, written: Written, wish: Wish): Plan {
  switch (wish.kind) {
    case 'set':
      return planSet(gate, written.listen, wish);
    case 'add':
      return planAdd(gate, written[wish.side], wish);
    case 'except':
      return planException(gate, written.listen, wish.exception);
    case 'remove':
      return planRemove(gate, written, wish);
  }
}

const NOTHING: Plan = { edits: [], added: [], removed: [], notes: [], byHand: '' };

/** What a rule says, in a line. */
export function ruleWords({ schedule, calendar, match, if: condition }: WrittenRule): string {
  const said = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return [
    ...(schedule === undefined ? [] : [said(schedule).trim()]),
    ...(calendar === undefined ? [] : [`calendar ${said(calendar)}`]),
    ...(match === undefined ? [] : [`match ${said(match)}`]),
    ...(condition === undefined ? [] : [`if ${said(condition)}`]),
  ].join(' ');
}

const named = (side: Side, index: number, rule: WrittenRule): NamedRule => ({
  rule: `${side} ${index + 1}`,
  text: ruleWords(rule),
});

const same = (a: WrittenRule, b: NewRule): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && a.schedule === b.schedule && a.if === b.if;
};

function planSet(gate: string, rules: readonly WrittenRule[], { rule, yes }: Wish & { kind: 'set' }): Plan {
  const [first] = rules;
  if (rules.length === 1 && same(first!, rule)) return NOTHING;
  const lost = rules.filter(
    (each) => each.calendar !== undefined || (each.if !== undefined && each.if !== rule.if),
  );
  if (lost.length > 0 && !yes) {
    const list = lost.map(
      (each) => `${named('listen', rules.indexOf(each), each).rule} (${ruleWords(each)})`,
    );
    throw new EarlidError('rules-lost', { gate, rules: list.join(', ') }, { rules: list });
  }
  const side = 'listen';
  const added = [named(side, 0, { ...rule })];
  const byHand = `the only rule under \`listen\` of \`${gate}\` is to be \`${ruleText(rule)}\``;
  if (!first) return { ...NOTHING, edits: [{ kind: 'append', side, rule }], added, byHand };
  const others = rules.slice(1).map((_, i): Edit => ({ kind: 'remove', side, index: i + 1 }));
  const isReworded = same({ ...first, schedule: rule.schedule }, rule);
  const change: Edit = isReworded
    ? { kind: 'reword', side, index: 0, schedule: rule.schedule }
    : { kind: 'replace', side, index: 0, rule };
  const edits = [...others.reverse(), ...(same(first, rule) ? [] : [change])];
  return { ...NOTHING, edits, added, removed: rules.map((each, i) => named(side, i, each)), byHand };
}

function planAdd(gate: string, rules: readonly WrittenRule[], { side, rule }: Wish & { kind: 'add' }): Plan {
  const known = rules.findIndex((each) => same(each, rule));
  if (known >= 0) return { ...NOTHING, notes: [`it is there already, as ${side} ${known + 1}`] };
  return {
    ...NOTHING,
    edits: [{ kind: 'append', side, rule }],
    added: [named(side, rules.length, { ...rule })],
    byHand: `one more rule under \`${side}\` of \`${gate}\`: \`${ruleText(rule)}\``,
  };
}

function planException(gate: string, rules: readonly WrittenRule[], exception: string): Plan {
  const edits: Edit[] = [];
  const [added, removed]: NamedRule[][] = [[], []];
  const notes: string[] = [];
  for (const [index, rule] of rules.entries()) {
    const { schedule } = rule;
    const side = 'listen';
    if (typeof schedule !== 'string') {
      notes.push(`${side} ${index + 1} (${ruleWords(rule)}) has no schedule, so it has no exception`);
      continue;
    }
    if (isDated(schedule)) {
      notes.push(`${side} ${index + 1} (${ruleWords(rule)}) is about days of its own and stays`);
      continue;
    }
    const changed = withException(schedule, exception);
    if (changed === schedule.trim()) continue;
    edits.push({ kind: 'reword', side, index, schedule: changed });
    removed!.push(named(side, index, rule));
    added!.push(named(side, index, { ...rule, schedule: changed }));
  }
  if (rules.every(({ schedule }) => typeof schedule !== 'string' || isDated(schedule)))
    throw new EarlidError('schedule-refused', {
      detail: `${gate} has no listen rule with a schedule that could have an exception`,
      hint: '`earlid schedule never` forbids a time, `earlid schedule once` allows one.',
    });
  const byHand = `\`; ${exception}\` at the end of the schedules under \`listen\` of \`${gate}\`, before what is off`;
  return { edits, added: added!, removed: removed!, notes, byHand };
}

function planRemove(gate: string, written: Written, { places }: Wish & { kind: 'remove' }): Plan {
  const removed = places.map(({ side, index }) => {
    const rule = written[side][index];
    if (!rule) throw new EarlidError('no-such-rule', { gate, rule: `${side} ${index + 1}` });
    return named(side, index, rule);
  });
  const byHand = removed.map(({ rule, text }) => `take out ${rule} of \`${gate}\`: \`${text}\``).join('; ');
  // From the end, so that the numbers of the others stay what they are.
  const ordered = places.toSorted((a, b) => b.index - a.index);
  return { ...NOTHING, edits: ordered.map((place) => ({ kind: 'remove', ...place })), removed, byHand };
}
