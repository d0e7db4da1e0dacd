/** The difference of two texts as `diff -u` writes it. Pure. */

const AROUND = 3;
/** Above this the middle is told as replaced. */
const MOST_CELLS = 4_000_000;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Empty when they are the same. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return '';
  return `--- ${name}\n+++ ${name}\n${hunks.map(({ from, to }) => hunkText(lines, from, to)).join('')}`;
}

/** Each with its end. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function compare(a: readonly string[], b: readonly string[]): Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (list: readonly string[]): Line[] => list.map((text) => ({ sign: ' ', text }));
  const middle = longest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))];
}

/** By the longest lines that both have in common. */
function longest(a: readonly string[], b: readonly string[]): Line[] {
  const all: Line[] = [];
  const known = a.length * b.length <= MOST_CELLS;
  const width = b.length + 1;
  const lengths = new Uint32Array(known ? (a.length + 1) * width : 0);
  if (known)
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        lengths[i * width + j] =
          a[i] === b[j]
            ? lengths[(i + 1) * width + j + 1]! + 1
            : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (known && i < a.length && j < b.length && a[i] === b[j]) {
      all.push({ sign: ' ', text: a[i++]! });
      j++;
    } else if (
      i < a.length &&
      (j === b.length || !known || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    )
      all.push({ sign: '-', text: a[i++]! });
    else all.push({ sign: '+', text: b[j++]! });
  }
  return all;
}

/** Stretches of lines around what differs. */
function hunksOf(lines: readonly Line[]): { from: number; to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [i, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const last = hunks.at(-1);
    const to = Math.min(lines.length, i + 1 + AROUND);
    if (last && i - AROUND <= last.to) last.to = to;
    else hunks.push({ from: Math.max(0, i - AROUND), to });
  }
  return hunks;
}

function hunkText(lines: readonly Line[], from: number, to: number): string {
  const count = (sign: Line['sign'], until: number, since = 0) =>
    lines.slice(since, until).filter((line) => line.sign === ' ' || line.sign === sign).length;
  const range = (sign: Line['sign']) => {
    const size = count(sign, to, from);
    const first = count(sign, from) + (size > 0 ? 1 : 0);
    return size === 1 ? `${first}` : `${first},${size}`;
  };
  const body = lines
    .slice(from, to)
    .map(({ sign, text }) =>
      text.endsWith('\n') ? `${sign}${text}` : `${sign}${text}\n\\ No newline at end of file\n`,
    );
  return `@@ -${range('-')} +${range('+')} @@\n${body.join('')}`;
}
