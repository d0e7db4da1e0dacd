/** The text of a YAML file and where things stand in it, so that it can be changed without being written anew. Pure. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** Why a text cannot be changed by a program; `message` is for people. */
export class EditRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EditRefusal';
  }
}

/** Replaces what stands from `from` to before `to`. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A comment with the place of its `#`. */
export interface Comment {
  readonly offset: number;
  readonly source: string;
}

/** A text that was read, with what is asked of its places. */
export class YamlText {
  readonly text: string;
  /** How its lines end. */
  readonly newline: string;
  readonly #document: Document;
  readonly #shared = new Set<string>();

  /** Throws an `EditRefusal` when it is not YAML. */
  constructor(text: string) {
    this.text = text;
    this.newline = /\r?\n/.exec(text)?.[0] ?? '\n';
    this.#document = parsed(text);
    visit(this.#document, { Alias: (_, { source }) => void this.#shared.add(source) });
  }

  /** Throws an `EditRefusal` when its aliases make it too large. */
  value(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 50 });
    } catch (error) {
      throw new EditRefusal((error as Error).message);
    }
  }

  /** The mapping of one gate; throws an `EditRefusal` when others share it. */
  gate(name: string): YAMLMap {
    let map = this.#own(this.#document.contents, 'the file');
    for (const key of ['gates', name])
      map = this.#own(pairOf(map, key)?.value, key === 'gates' ? '`gates`' : `the gate \`${name}\``);
    return map;
  }

  #own(node: unknown, what: string): YAMLMap {
    this.checkOwn(node, what);
    if (!isMap(node)) throw new EditRefusal(`${what} is no mapping`);
    return node;
  }

  /** Throws an `EditRefusal` when `node` is written elsewhere, or is used elsewhere as well. */
  checkOwn(node: unknown, what: string): void {
    if (isAlias(node))
      throw new EditRefusal(`${what} is \`*${node.source}\`: a change would also be one to what that names`);
    if ((isCollection(node) || isScalar(node)) && node.anchor !== undefined && this.#shared.has(node.anchor))
      throw new EditRefusal(`${what} has the anchor \`&${node.anchor}\`, which is used elsewhere as well`);
  }

  /** The same of everything within `node`. */
  checkAllOwn(node: Node, what: string): void {
    visit(node, (_, each) => {
      if (isCollection(each) || isScalar(each)) this.checkOwn(each, what);
    });
  }

  comments(from = 0, to = this.text.length): Comment[] {
    return commentsOf(this.text).filter(({ offset }) => offset >= from && offset < to);
  }

  /** Where the line of `offset` begins. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Where the line after that of `offset` begins, or the text ends. */
  lineEnd(offset: number): number {
    const at = this.text.indexOf('\n', offset);
    return at < 0 ? this.text.length : at + 1;
  }

  /** What stands before `offset` in its line; null when that is more than white space. */
  indentAt(offset: number): string | null {
    const before = this.text.slice(this.lineStart(offset), offset);
    return /^[ \t]*$/.test(before) ? before : null;
  }

  /** The rest of the line from `offset`, without its end. */
  restOfLine(offset: number): string {
    return this.text.slice(offset, this.lineEnd(offset)).replace(/\r?\n$/, '');
  }

  /** After the last character that belongs to a value: no comment, no white space. */
  endOf(item: unknown): number {
    if (isPair(item)) {
      const { value, srcToken } = item as Pair<Node, Node | null>;
      if (value && !(isScalar(value) && value.range![0] === value.range![1])) return this.endOf(value);
      const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
      return colon ? colon.offset + 1 : (item.key as Node).range![1];
    }
    const node = item as Node;
    const last = (isMap(node) || isSeq(node)) && !node.flow ? node.items.at(-1) : undefined;
    return last === undefined ? node.range![1] : this.endOf(last);
  }
}

/** The pair with this key. */
export function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  return (map.items as Pair<Node, Node | null>[]).find(
    (pair) => isScalar(pair.key) && String(pair.key.value) === key,
  );
}

/** Where the dashes of a list in lines stand. */
export function dashesOf({ srcToken }: YAMLSeq): number[] {
  if (srcToken?.type !== 'block-seq') return [];
  return srcToken.items.flatMap(({ start }) =>
    start.flatMap(({ type, offset }) => (type === 'seq-item-ind' ? [offset] : [])),
  );
}

/** The text after `splices`, which do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const ordered = splices.toSorted((a, b) => a.from - b.from || a.to - b.to);
  let result = '';
  let at = 0;
  for (const splice of ordered) {
    result += text.slice(at, splice.from) + splice.text;
    at = splice.to;
  }
  return result + text.slice(at);
}

function parsed(text: string): Document {
  const document = parseDocument(text, { keepSourceTokens: true, uniqueKeys: false, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new EditRefusal(`this is not YAML: ${problem.message}`);
  return document;
}

function commentsOf(text: string): Comment[] {
  const found: Comment[] = [];
  const look = (token: unknown): void => {
    if (Array.isArray(token)) for (const each of token) look(each);
    else if (token !== null && typeof token === 'object') {
      const { type, offset, source } = token as { type?: string; offset?: number; source?: string };
      if (type === 'comment') found.push({ offset: offset!, source: source! });
      else for (const each of Object.values(token)) look(each);
    }
  };
  for (const token of new Parser().parse(text)) look(token);
  return found.sort((a, b) => a.offset - b.offset);
}
