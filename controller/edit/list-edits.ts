/** Changes to a list of rules as splices of the text: everything that is not about them stays byte for byte. Pure. */
import { isMap, isScalar, isSeq, type Node, type Pair, parse, type YAMLMap, type YAMLSeq } from 'yaml';
import { dashesOf, EditRefusal, pairOf, type Splice, type YamlText } from './yaml-text.ts';

/** A rule as the commands write it. */
export interface NewRule {
  readonly schedule: string;
  readonly if?: string;
}

/** One change to the list `side` of a gate; `index` counts from 0. */
export type ListEdit =
  | { readonly kind: 'append'; readonly rule: NewRule }
  | { readonly kind: 'remove'; readonly index: number }
  | { readonly kind: 'replace'; readonly index: number; readonly rule: NewRule }
  /** Only the schedule of a rule, its other keys stay. */
  | { readonly kind: 'reword'; readonly index: number; readonly schedule: string };

export type Side = 'listen' | 'never';

/** Throws an `EditRefusal`. */
export function listSplices(yaml: YamlText, gate: string, side: Side, edit: ListEdit): Splice[] {
  const map = yaml.gate(gate);
  const pair = pairOf(map, side);
  const what = `\`${side}\` of \`${gate}\``;
  if (!pair) {
    if (edit.kind !== 'append') throw new EditRefusal(`there is no ${what}`);
    return newPair(yaml, map, side, edit.rule);
  }
  const list = pair.value;
  yaml.checkOwn(list, what);
  if (!list || (isScalar(list) && list.value === null)) {
    if (edit.kind !== 'append') throw new EditRefusal(`${what} is empty`);
    const end = yaml.endOf(pair);
    const isWritten = list !== null && list.range![1] > list.range![0];
    return [
      {
        from: isWritten ? list.range![0] : end,
        to: end,
        text: `${isWritten ? '' : ' '}${inList(edit.rule)}`,
      },
    ];
  }
  if (!isSeq(list)) throw new EditRefusal(`${what} is no list`);
  if (edit.kind === 'append')
    return list.flow ? appendToFlow(yaml, list, ruleText(edit.rule)) : appendLine(yaml, list, edit.rule);
  const item = list.items[edit.index] as Node | undefined;
  if (!item) throw new EditRefusal(`${what} has no rule ${edit.index + 1}`);
  if (edit.kind === 'reword') return reword(yaml, item, edit.schedule, what);
  yaml.checkAllOwn(item, `rule ${edit.index + 1} of ${what}`);
  if (edit.kind === 'replace') return replaceItem(yaml, list, edit.index, ruleText(edit.rule));
  if (list.flow) return removeFromFlow(yaml, list, edit.index);
  const emptied = list.items.length === 1 ? [insert(beforeLines(pair), ' []')] : [];
  return [...emptied, removeLines(yaml, list, edit.index)];
}

/** After the key of a list in lines, its anchor and its tag. */
function beforeLines({ srcToken }: Pair<Node, Node | null>): number {
  const last = srcToken?.sep?.findLast(({ type }) => ['map-value-ind', 'anchor', 'tag'].includes(type));
  if (!last || !('source' in last)) throw new EditRefusal('its key has an unusual form');
  return last.offset + last.source.length;
}

/** A rule in one line. */
export function ruleText({ schedule, if: condition }: NewRule): string {
  const asked = condition === undefined ? '' : `, if: ${plain(condition)}`;
  return `{ schedule: ${JSON.stringify(schedule)}${asked} }`;
}

const inList = (rule: NewRule): string => `[ ${ruleText(rule)} ]`;
const insert = (at: number, text: string): Splice => ({ from: at, to: at, text });

/** A name without quotes, unless YAML would read something else. */
const plain = (name: string): string => (parse(name) === name ? name : JSON.stringify(name));

function newPair(yaml: YamlText, map: YAMLMap, side: Side, rule: NewRule): Splice[] {
  if (map.flow) return appendToFlow(yaml, map, `${side}: ${inList(rule)}`);
  const first = (map.items[0]?.key as Node | undefined)?.range?.[0] ?? 0;
  const indent = yaml.indentAt(first);
  if (indent === null) throw new EditRefusal('its keys do not stand at the beginnings of their lines');
  const lines = [`${indent}${side}:`, `${indent}  - ${ruleText(rule)}`];
  return [addLines(yaml, yaml.endOf(map), indent, lines)];
}

function appendLine(yaml: YamlText, list: YAMLSeq, rule: NewRule): Splice[] {
  const dash = dashesOf(list).at(-1);
  const indent = dash === undefined ? null : yaml.indentAt(dash);
  if (indent === null) throw new EditRefusal('its rules do not stand in lines of their own');
  const end = Math.max(yaml.endOf(list), dash! + 1);
  return [addLines(yaml, end, indent, [`${indent}- ${ruleText(rule)}`])];
}

/** New lines after the one in which something ends; comments under it that stand deeper belong to it. */
function addLines(yaml: YamlText, end: number, indent: string, lines: readonly string[]): Splice {
  const { text, newline } = yaml;
  // A text of several lines ends where the next line begins.
  let at = text[end - 1] === '\n' ? end : yaml.lineEnd(end);
  while (/^[ \t]*#/.test(yaml.restOfLine(at)) && indentOf(yaml.restOfLine(at)) > indent.length)
    at = yaml.lineEnd(at);
  const added = lines.join(newline);
  return insert(at, text[at - 1] === '\n' ? added + newline : newline + added);
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)![0].length;

function appendToFlow(yaml: YamlText, node: YAMLMap | YAMLSeq, added: string): Splice[] {
  const last = node.items.at(-1);
  if (last === undefined) {
    const at = node.range![0] + 1;
    return [insert(at, ` ${added}${/\s/.test(yaml.text[at]!) ? '' : ' '}`)];
  }
  const end = yaml.endOf(last);
  const start = isPairLike(last) ? (last.key as Node).range![0] : (last as Node).range![0];
  const indent = yaml.indentAt(start);
  const rest = /^[ \t]*(,?)[ \t]*(#.*)?$/.exec(yaml.restOfLine(end));
  // Items in lines of their own get another line.
  if (indent !== null && rest && yaml.lineEnd(end) < yaml.text.length) {
    const comma = rest[1] === '' ? [insert(end, ',')] : [];
    return [...comma, insert(yaml.lineEnd(end), `${indent}${added}${rest[1]}${yaml.newline}`)];
  }
  return [insert(end, `, ${added}`)];
}

const isPairLike = (item: unknown): item is { key: unknown } =>
  typeof item === 'object' && item !== null && 'key' in item && !isMap(item);

function reword(yaml: YamlText, item: Node, schedule: string, what: string): Splice[] {
  yaml.checkOwn(item, `a rule of ${what}`);
  const value = isMap(item) ? pairOf(item, 'schedule')?.value : null;
  yaml.checkOwn(value, `a schedule of ${what}`);
  if (!isMap(item) || !isScalar(value)) throw new EditRefusal(`a rule of ${what} has no schedule`);
  const [from, to] = value.range!;
  const old = yaml.text.slice(from, to);
  const isPlain =
    value.type === 'PLAIN' &&
    !item.flow &&
    /^[A-Za-z0-9(][^#\n]*$/.test(schedule) &&
    parse(schedule) === schedule;
  const text = isPlain
    ? schedule
    : value.type === 'QUOTE_SINGLE'
      ? `'${schedule}'`
      : JSON.stringify(schedule);
  return [{ from, to, text: text + (/\r?\n$/.exec(old)?.[0] ?? '') }];
}

function replaceItem(yaml: YamlText, list: YAMLSeq, index: number, text: string): Splice[] {
  const from = (list.items[index] as Node).range![0];
  const to = yaml.endOf(list.items[index]);
  const ending = /\r?\n$/.exec(yaml.text.slice(from, to))?.[0] ?? '';
  const comments = yaml.comments(from, to);
  if (list.flow) {
    const kept = comments.map(({ source }) => `${source}${yaml.newline}${inner(yaml, from)}`).join('');
    const gap = kept !== '' && !/\s/.test(yaml.text[from - 1]!) ? ' ' : '';
    return [{ from, to, text: gap + kept + text }];
  }
  const dash = dashesOf(list)[index]!;
  const kept = ownLines(yaml, comments, dash);
  return [...(kept === '' ? [] : [insert(yaml.lineStart(dash), kept)]), { from, to, text: text + ending }];
}

/** Takes out the lines of a rule; what was said about it stays, in lines of its own. */
function removeLines(yaml: YamlText, list: YAMLSeq, index: number): Splice {
  const dash = dashesOf(list)[index]!;
  if (yaml.indentAt(dash) === null) throw new EditRefusal('its rules do not stand in lines of their own');
  const end = Math.max(yaml.endOf(list.items[index]), dash + 1);
  const from = yaml.lineStart(dash);
  const to = yaml.text[end - 1] === '\n' ? end : yaml.lineEnd(end);
  const kept = ownLines(yaml, yaml.comments(from, to), dash);
  // A last line without an end stays one.
  if (to === yaml.text.length && yaml.text.at(-1) !== '\n') {
    const before = from - (/\r?\n$/.exec(yaml.text.slice(0, from))?.[0].length ?? 0);
    return { from: before, to, text: kept === '' ? '' : yaml.newline + kept.slice(0, -yaml.newline.length) };
  }
  return { from, to, text: kept };
}

function ownLines(yaml: YamlText, comments: readonly { readonly source: string }[], dash: number): string {
  const indent = blank(yaml, dash);
  return comments.map(({ source }) => indent + source + yaml.newline).join('');
}

/** White space before an item of a list in brackets that gets a line of its own: deeper than what the list belongs to. */
const inner = (yaml: YamlText, offset: number): string => yaml.indentAt(offset) ?? `${blank(yaml, offset)}  `;

/** White space as far as `offset` stands in its line. */
const blank = (yaml: YamlText, offset: number): string =>
  yaml.text.slice(yaml.lineStart(offset), offset).replace(/\S.*$/, '');

function removeFromFlow(yaml: YamlText, list: YAMLSeq, index: number): Splice[] {
  const start = (i: number) => (list.items[i] as Node).range![0];
  const own = yaml.endOf(list.items[index]);
  const isLast = index === list.items.length - 1;
  const isFirst = index === 0;
  const comma = commaAfter(yaml, own);
  const lines = [yaml.lineStart(start(index)), yaml.lineEnd(own)] as const;
  if (yaml.indentAt(start(index)) !== null && /^[ \t]*,?[ \t]*(#.*)?$/.test(yaml.restOfLine(own))) {
    const before =
      isLast && !isFirst && comma === null ? commaAfter(yaml, yaml.endOf(list.items[index - 1])) : null;
    return [
      ...(before === null ? [] : [{ from: before, to: before + 1, text: '' }]),
      { from: lines[0], to: lines[1], text: ownLines(yaml, yaml.comments(...lines), start(index)) },
    ];
  }
  const from = isLast && !isFirst ? yaml.endOf(list.items[index - 1]) : start(index);
  const to = !isLast ? start(index + 1) : isFirst && comma !== null ? comma + 1 : own;
  const indent = inner(yaml, start(isLast ? index : index + 1));
  const kept = yaml.comments(from, to).map(({ source }) => `${source}${yaml.newline}${indent}`);
  const gap = kept.length > 0 && !/\s/.test(yaml.text[from - 1]!) ? ' ' : '';
  return [{ from, to, text: gap + kept.join('') }];
}

/** Where the comma stands that comes next after `end`, null when there is none. */
function commaAfter(yaml: YamlText, end: number): number | null {
  const found = /^(?:\s|#[^\n]*)*,/.exec(yaml.text.slice(end));
  return found && end + found[0].length - 1;
}
