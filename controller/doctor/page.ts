/** Checks as a page for people: a word and a mark each, colour only repeats them. Pure. */
import type { Check, CheckStatus } from './check.ts';

const MARKS: Readonly<Record<CheckStatus, string>> = { ok: 'ok  ', warning: 'look', bad: 'BAD ' };
const COLOURS: Readonly<Record<CheckStatus, string>> = { ok: '32', warning: '33', bad: '31;1' };
const LABEL_WIDTH = 15;
const INDENT = ' '.repeat(2 + MARKS.ok.length + 2 + LABEL_WIDTH);
const LEAST_WIDTH = 40;

/** The lines of the page, folded to `width` columns. */
export function page(checks: readonly Check[], width: number, colour: boolean): string[] {
  const lines: string[] = [];
  let gate: string | null | undefined;
  for (const check of checks) {
    if (check.gate !== gate) lines.push(...(gate === undefined ? [] : ['']), check.gate ?? 'this computer');
    gate = check.gate;
    lines.push(...checkLines(check, width, colour));
  }
  return [...lines, '', summary(checks)];
}

function checkLines({ id, status, text, hint }: Check, width: number, colour: boolean): string[] {
  const room = Math.max(LEAST_WIDTH, width - INDENT.length);
  const mark = colour ? `\u001b[${COLOURS[status]}m${MARKS[status]}\u001b[0m` : MARKS[status];
  const label = id.replaceAll('-', ' ').padEnd(LABEL_WIDTH - 1);
  const [first = '', ...rest] = [
    ...text.split('\n').flatMap((line) => fold(line, room)),
    ...(hint ? fold(hint, room - 3).map((line, i) => `${i === 0 ? '-> ' : '   '}${line}`) : []),
  ];
  return [`  ${mark}  ${label} ${first}`, ...rest.map((line) => `${INDENT}${line}`)];
}

/** At spaces; a word that is too long, such as a path, stays whole. Commands between backticks are not broken. */
function fold(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > room && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function summary(checks: readonly Check[]): string {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  const [wrong, doubtful] = [count('bad'), count('warning')];
  const look = doubtful === 1 ? '1 thing to look at' : `${doubtful} things to look at`;
  if (wrong === 0) return doubtful === 0 ? 'All is well.' : `Nothing is wrong; ${look}.`;
  const mend = wrong === 1 ? '1 thing is wrong' : `${wrong} things are wrong`;
  return doubtful === 0 ? `${mend}.` : `${mend}, ${look}.`;
}
