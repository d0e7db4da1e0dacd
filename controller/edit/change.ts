/** Changes the rules of a gate in the text of `earlid.yaml`, and makes sure that nothing else has changed. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { type ListEdit, listSplices, type Side } from './list-edits.ts';
import { EditRefusal, spliced, YamlText } from './yaml-text.ts';

/** A rule as it stands in the file; nothing about it has been checked. */
export type WrittenRule = Readonly<Record<string, unknown>>;

export type Edit = ListEdit & { readonly side: Side };

/** The gates of a file with their rules as they are written. Throws an `EditRefusal`. */
export function writtenRules(
  text: string,
): ReadonlyMap<string, Readonly<Record<Side, readonly WrittenRule[]>>> {
  const { gates } = mapping(new YamlText(text).value());
  return new Map(
    Object.entries(mapping(gates)).map(([name, gate]) => [
      name,
      { listen: rulesOf(mapping(gate), 'listen'), never: rulesOf(mapping(gate), 'never') },
    ]),
  );
}

/** The text after `edits`, one after the other. Throws an `EditRefusal`; then nothing can be done by a program. */
export function edited(text: string, gate: string, edits: readonly Edit[]): string {
  try {
    return edits.reduce((current, edit) => once(current, gate, edit), text);
  } catch (error) {
    if (error instanceof RangeError) throw new EditRefusal('it is nested too deeply');
    throw error;
  }
}

function once(text: string, gate: string, { side, ...edit }: Edit): string {
  const yaml = new YamlText(text);
  const result = spliced(text, listSplices(yaml, gate, side, edit));
  const after = new YamlText(result);
  if (!isDeepStrictEqual(after.value(), changed(yaml.value(), gate, side, edit)))
    throw new EditRefusal('something else in it would change as well');
  if (!isDeepStrictEqual(words(after), words(yaml))) throw new EditRefusal('a comment in it would be lost');
  return result;
}

const words = (yaml: YamlText): string[] =>
  yaml
    .comments()
    .map(({ source }) => source)
    .sort();

/** What the file is to say. */
function changed(value: unknown, gate: string, side: Side, edit: ListEdit): unknown {
  const file = mapping(value);
  const gates = mapping(file.gates);
  const own = mapping(gates[gate]);
  const rules: WrittenRule[] = [...rulesOf(own, side)];
  if (edit.kind === 'append') rules.push({ ...edit.rule });
  else if (edit.kind === 'remove') rules.splice(edit.index, 1);
  else if (edit.kind === 'replace') rules[edit.index] = { ...edit.rule };
  else rules[edit.index] = { ...rules[edit.index], schedule: edit.schedule };
  return { ...file, gates: { ...gates, [gate]: { ...own, [side]: rules } } };
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function rulesOf(gate: Record<string, unknown>, side: Side): readonly WrittenRule[] {
  const rules = gate[side];
  return Array.isArray(rules) ? rules : [];
}
