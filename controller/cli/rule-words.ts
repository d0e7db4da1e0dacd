/** What became of a change to earlid.yaml, for people and programs. Pure. */

import type { GateView } from '../../schemas/api.ts';
import type { ListedGate, ListedRule } from '../edit/list.ts';
import { ruleWords } from '../edit/plan.ts';
import type { Following } from './following.ts';
import type { Change } from './rule-editing.ts';
import { wallClock } from './wall.ts';

/** `--json` of the commands that change rules. */
export const changeAnswer = (
  { gate, file, added, removed, notes, diff }: Change,
  followed: Following | null,
) => ({
  ok: followed?.state !== 'late',
  gate,
  file,
  written: followed !== null,
  added,
  removed,
  notes,
  diff,
  daemon: followed?.state ?? null,
  status: followed?.state === 'follows' ? followed.gate : null,
  ...(followed?.state === 'late' && { error: followed.error }),
});

/** The change itself where it was only tried, else what was done and what comes of it. */
export function changeLines(
  change: Change,
  followed: Following | null,
  statusLine: (gate: GateView, at: number) => string,
): string[] {
  const { gate, file, added, removed, notes, diff } = change;
  const told = notes.map((note) => `${gate}: ${note}`);
  if (diff === '') return [...told, `${file} says so already; nothing was written`];
  if (!followed) return [visible(diff), ...told];
  return [
    ...removed.map(({ rule, text }) => `${gate}: - ${rule}: ${visible(text)}`),
    ...added.map(({ rule, text }) => `${gate}: + ${rule}: ${visible(text)}`),
    ...told,
    `${file} is written`,
    ...followedLines(followed, statusLine),
  ];
}

function followedLines(followed: Following, statusLine: (gate: GateView, at: number) => string): string[] {
  if (followed.state === 'none') return ['no daemon runs: it will count when one is started'];
  if (followed.state === 'other') return [`nobody was told: ${followed.detail}`];
  if (followed.state === 'late') return [];
  return ['the daemon goes by it now', ...(followed.gate ? [statusLine(followed.gate, followed.at)] : [])];
}

/** A gate and its rules, a line each. */
export function listLines(gates: readonly ListedGate[], zone: string): string[] {
  const wall = wallClock(zone);
  const all = gates.flatMap(({ rules }) => rules);
  const width = Math.max(0, ...all.map((rule) => rule.rule.length));
  return gates.flatMap(({ gate, rules }) => [
    visible(gate),
    ...(rules.length === 0 ? ['  no rules: it listens only while somebody unmutes it'] : []),
    ...rules.flatMap((rule) => [
      `  ${rule.rule.padEnd(width)}  ${visible(wordsOf(rule))}`,
      ...(rule.schedule === null ? [] : [`  ${' '.repeat(width)}  ${stateWords(rule, wall)}`]),
    ]),
  ]);
}

const wordsOf = ({ schedule, calendar, match, if: condition }: ListedRule): string =>
  ruleWords({
    ...(schedule !== null && { schedule }),
    ...(calendar !== null && { calendar }),
    ...(match !== null && { match }),
    ...(condition !== null && { if: condition }),
  });

function stateWords({ holds, until, over }: ListedRule, wall: (at: string) => string): string {
  if (over) return 'over: its days have passed';
  const end = until === null ? '' : wall(until);
  if (holds === null) return `nobody knows now${end && `, until ${end}`}`;
  if (holds) return end ? `holds now, until ${end}` : 'holds always';
  return end ? `does not hold now, but from ${end}` : 'does not hold';
}

/** What a terminal would act on is shown instead. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (c) =>
    c === '\n' || c === '\t' ? c : c === '\r' ? '' : `\\x${c.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
