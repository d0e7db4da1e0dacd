import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type Edit, edited } from '../../controller/edit/change.ts';
import { type WrittenFile, writtenFile } from './written-file.ts';

type Side = 'listen' | 'never';
const NEW = 'Sa 11:11-12:12';
const side = fc.constantFrom<Side>('listen', 'never');

const lines = (text: string): string[] => text.split('\n');

/** Every line of `kept` stands in `text`, byte for byte and in this order. */
function expectKept(text: string, kept: readonly string[]): void {
  const all = lines(text);
  let at = 0;
  for (const line of kept) {
    const found = all.indexOf(line, at);
    if (found < 0) throw new Error(`lost: ${JSON.stringify(line)} in\n${text}`);
    at = found + 1;
  }
}

/** All of `part` is in `whole`, in its order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (let i = 0; i < whole.length && at < part.length; i++) if (whole[i] === part[at]) at++;
  return at === part.length;
}

const comments = (text: string): string[] => text.match(/#\d+ .*?(?=\r?\n|$)/g) ?? [];

function schedules(text: string): Record<string, Record<Side, unknown[]>> {
  const { gates } = parse(text);
  const of = (rules: { schedule: string }[] | undefined) => (rules ?? []).map(({ schedule }) => schedule);
  return Object.fromEntries(
    Object.entries(gates as Record<string, Record<Side, { schedule: string }[]>>).map(
      ([name, { listen, never }]) => [name, { listen: of(listen), never: of(never) }],
    ),
  );
}

/** Runs an edit, and checks what holds for all of them: only `changed` schedules and the lines they stand in differ. */
function check(
  { text, gates }: WrittenFile,
  edit: Edit,
  gate: string,
  expected: readonly string[],
  touched: (line: string) => boolean,
): string {
  const result = edited(text, gate, [edit]);
  const before = Object.fromEntries(gates.map(({ name, listen, never }) => [name, { listen, never }]));
  expect(schedules(result)).toEqual({ ...before, [gate]: { ...before[gate], [edit.side]: expected } });
  expect(comments(result).sort()).toEqual(comments(text).sort());
  expectKept(
    result,
    lines(text).filter((line, i, all) => !touched(line) && !(i === all.length - 1 && line !== '')),
  );
  if (text.includes('\r\n')) expect(result.replaceAll('\r\n', '')).not.toContain('\n');
  else expect(result).not.toContain('\r');
  // Of a last line that goes and an empty one before it the empty one is left, and is then how the text ends.
  const mayEnd = /(\r?\n){2}/.test(text);
  if (text.endsWith('\n') || !mayEnd) expect(result.endsWith('\n')).toBe(text.endsWith('\n'));
  expect(result.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
  return result;
}

const RUNS = { numRuns: 80 };

test('a rule that is added leaves everything else as it was, in every style', () => {
  fc.assert(
    fc.property(writtenFile, fc.nat(), side, (file, n, side) => {
      const gate = file.gates[n % file.gates.length]!;
      const old = gate[side];
      const result = check(
        file,
        { kind: 'append', side, rule: { schedule: NEW } },
        gate.name,
        [...old, NEW],
        () => true,
      );
      // Nothing is taken away: what was there is there in its order, byte for byte.
      expect(isWithin(file.text, result)).toBe(true);
      const added = lines(result).filter((line) => !lines(file.text).includes(line));
      expect(added.length).toBeLessThanOrEqual(3);
    }),
    RUNS,
  );
});

const indexed = writtenFile.chain((file) => {
  const places = file.gates.flatMap(({ name, listen, never }) => [
    ...listen.map((_, index) => ({ name, side: 'listen' as const, index })),
    ...never.map((_, index) => ({ name, side: 'never' as const, index })),
  ]);
  return fc.record({
    file: fc.constant(file),
    place: fc.constantFrom(...(places.length > 0 ? places : [null])),
  });
});

test('a rule that is taken out takes only its own lines with it', () => {
  fc.assert(
    fc.property(indexed, ({ file, place }) => {
      fc.pre(place !== null);
      const { name, side, index } = place!;
      const old = file.gates.find((gate) => gate.name === name)![side];
      const mine = old[index]!;
      const before = old[index - 1];
      check(
        file,
        { kind: 'remove', side, index },
        name,
        old.toSpliced(index, 1),
        (line) =>
          line.includes(mine) ||
          (before !== undefined && line.includes(before)) ||
          /^\s*(- )?(if: anyone|schedule: >-)/.test(line) ||
          (old.length === 1 && line.trimStart().startsWith(`${side}:`)) ||
          line.trimStart().startsWith('#'),
      );
    }),
    RUNS,
  );
});

test('a rule that is replaced, or its schedule, leaves the others as they were', () => {
  fc.assert(
    fc.property(indexed, fc.boolean(), ({ file, place }, whole) => {
      fc.pre(place !== null);
      const { name, side, index } = place!;
      const old = file.gates.find((gate) => gate.name === name)![side];
      const edit: Edit = whole
        ? { kind: 'replace', side, index, rule: { schedule: NEW, if: 'anyone' } }
        : { kind: 'reword', side, index, schedule: NEW };
      check(
        file,
        edit,
        name,
        old.with(index, NEW),
        (line) =>
          line.includes(old[index]!) ||
          /^\s*(- )?(if: anyone|schedule: >-)/.test(line) ||
          line.trimStart().startsWith('#'),
      );
    }),
    RUNS,
  );
});
