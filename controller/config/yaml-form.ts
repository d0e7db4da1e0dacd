/** Reads YAML of a form, and says of everything wrong in it where it is and what was expected. */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { z } from 'zod';
import { EarlidError } from '../../schemas/errors.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';

const MAX_ALIASES = 50;
const MAX_PROBLEMS = 20;
const MAX_LOCATED = 100;

type Path = readonly PropertyKey[];
type Found = Omit<ConfigProblem, 'file' | 'line' | 'column'> & { readonly offset: number };

/** What is wrong at a path of the file; `mark`: within the text there. */
export interface FormProblem {
  readonly path: Path;
  readonly message: string;
  readonly mark?: { readonly position: number };
}

/** What a file is to say. */
export interface Form<In extends z.ZodType, Out> {
  readonly schema: In;
  /** What a file with mistakes is called: its hint names what checks such a file. */
  readonly invalid: 'config-invalid' | 'bridge-invalid';
  /** Of the file as a person writes it. */
  readonly jsonSchema: () => Record<string, unknown>;
  /** What it comes to, and what else is wrong with it. */
  readonly read: (value: z.output<In>) => { readonly result: Out; readonly problems: readonly FormProblem[] };
  /** Why a key is refused that nobody mistyped; null: it is unknown. */
  readonly refusal?: (path: Path, key: string) => string | null;
}

/** Throws `form.invalid` with every problem found, in the order of the file. */
export function parseForm<In extends z.ZodType, Out>(text: string, file: string, form: Form<In, Out>): Out {
  const lines = new LineCounter();
  const found: Found[] = [];
  const result = check(text, form, lines, found);
  if (result !== null && found.length === 0) return result;
  const problems = found
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MAX_PROBLEMS)
    .map(({ offset, ...problem }) => {
      const { line, col } = lines.linePos(offset);
      return { file, line: Math.max(1, line), column: Math.max(1, col), ...problem };
    });
  const count =
    found.length === 1
      ? 'a mistake'
      : `${found.length}${found.length < MAX_LOCATED ? '' : ' or more'} mistakes`;
  throw new EarlidError(form.invalid, { file, count }, { file, problems });
}

function check<In extends z.ZodType, Out>(
  text: string,
  form: Form<In, Out>,
  lines: LineCounter,
  found: Found[],
): Out | null {
  const whole = (message: string, offset = 0) =>
    found.push({ key: '', message, expected: null, nearest: null, offset });
  let value: unknown;
  let root: Node | null;
  try {
    // Uniqueness is checked below: the parser's own check takes quadratic time.
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
    // After the first few the parser only stumbles over its own confusion.
    const broken = [...document.errors, ...document.warnings];
    const tabs = broken.filter(({ code }) => code === 'TAB_AS_INDENT');
    for (const { message, pos } of (tabs.length > 0 ? tabs : broken).slice(0, 3)) {
      if (/call stack/i.test(message)) throw new RangeError(message);
      whole(`this is not YAML: ${message}`, pos[0]);
    }
    if (found.length > 0) return null;
    root = document.contents;
    if (!root || (isScalar(root) && root.value === null)) {
      whole('the file is empty; it needs at least `gates`');
      return null;
    }
    checkKeys(root, [], found);
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof RangeError) whole('nested too deeply');
    else if (error instanceof ReferenceError) whole('too many aliases (`*name`)');
    else throw error;
    return null;
  }
  const parsed = form.schema.safeParse(value);
  if (parsed.success) {
    const { result, problems } = form.read(parsed.data);
    for (const problem of problems.slice(0, MAX_LOCATED)) found.push(locateProblem(problem, root));
    return result;
  }
  // Each is searched for in the file: a file that is wrong throughout must not take long.
  for (const issue of parsed.error.issues.slice(0, MAX_LOCATED)) addIssue(issue, root, found, form);
  return null;
}

/** Finds duplicate keys and keys that JavaScript would swallow, and takes them out so that the rest is checked too. */
function checkKeys(node: unknown, path: Path, found: Found[]): void {
  if (isSeq(node)) for (const [i, item] of node.items.entries()) checkKeys(item, [...path, i], found);
  if (!isMap(node)) return;
  const seen = new Set<string>();
  const kept = node.items.filter((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const add = (message: string, expected: string | null) =>
      found.push({
        key: dotted([...path, key]),
        message,
        expected,
        nearest: null,
        offset: keyOffset(pair) ?? 0,
      });
    if (!isScalar(pair.key)) add('a key must be plain text', 'a plain key');
    else if (key === '__proto__') add('unknown key', null);
    else if (seen.has(key)) add('this key is already there above', 'each key once');
    else {
      seen.add(key);
      checkKeys(pair.value, [...path, key], found);
      return true;
    }
    return false;
  });
  node.items = kept;
}

type Keys = Pick<Form<z.ZodType, unknown>, 'jsonSchema' | 'refusal'>;

function addIssue(issue: z.core.$ZodIssue, root: Node, found: Found[], form: Keys): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      if (key !== '__proto__') found.push(unknownKey(issue.path, key, root, form));
    return;
  }
  const path = issue.path;
  const { offset, value } = locate(root, path);
  // A condition is a name or a mapping: what is told is what is wrong with the one that was meant.
  if (issue.code === 'invalid_union' && issue.errors.length === 2) {
    const meant = isMap(value) ? issue.errors[1] : typeof value === 'string' ? issue.errors[0] : [];
    for (const inner of meant ?? [])
      addIssue({ ...inner, path: [...path, ...inner.path] }, root, found, form);
    if (meant && meant.length > 0) return;
  }
  const missing = issue.code === 'invalid_type' && value === undefined;
  const expected = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const got =
    missing || issue.code === 'custom'
      ? ''
      : `, not ${shown(issue.code === 'invalid_key' ? String(path.at(-1)) : value)}`;
  const message = missing ? `is missing: expected ${expected}` : `expected ${expected}${got}`;
  found.push({ key: dotted(path), message, expected, nearest: null, offset });
}

function locateProblem({ path, message, mark }: FormProblem, root: Node): Found {
  const { offset, quote } = locate(root, path);
  const at = mark && quote !== null ? quote + mark.position : 0;
  return { key: dotted(path), message, expected: null, nearest: null, offset: offset + at };
}

function unknownKey(path: Path, key: string, root: Node, form: Keys): Found {
  const offset = locate(root, [...path, key]).keyAt;
  const full = dotted([...path, key]);
  const refusal = form.refusal?.(path, key) ?? null;
  if (refusal !== null) return { key: full, message: refusal, expected: null, nearest: null, offset };
  const valid = keysAt(path, form.jsonSchema() as ObjectSchema);
  const meant = nearest(key, valid);
  // In `{ schedule: Sa,Su 09:00-11:00 }` the comma ends the value.
  if (valid.includes('schedule') && /[\s:]/.test(key)) {
    const message =
      'unknown key; a schedule with a comma wants quotes, such as `schedule: "Sa,Su 09:00-11:00"`';
    return { key: full, message, expected: valid.join(', '), nearest: null, offset };
  }
  const message = `unknown key${meant ? `; did you mean \`${meant}\`?` : ''} (valid here: ${valid.join(', ')})`;
  return { key: full, message, expected: valid.join(', '), nearest: meant, offset };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
  readonly additionalProperties?: ObjectSchema;
  readonly items?: ObjectSchema;
  readonly anyOf?: readonly ObjectSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, ObjectSchema>>;
}

function keysAt(path: Path, root: ObjectSchema): string[] {
  const resolved = (schema: ObjectSchema | undefined): ObjectSchema | undefined => {
    if (schema?.$ref) return resolved(root.$defs?.[schema.$ref.slice('#/$defs/'.length)]);
    return schema?.anyOf ? schema.anyOf.map(resolved).find((each) => each?.properties) : schema;
  };
  let schema: ObjectSchema | undefined = root;
  for (const key of path)
    schema = resolved(schema?.properties?.[String(key)] ?? schema?.additionalProperties ?? schema?.items);
  return Object.keys(schema?.properties ?? {});
}

const keyOffset = (pair: Pair): number | undefined => (pair.key as Node | null)?.range?.[0];

interface Located {
  readonly offset: number;
  readonly keyAt: number;
  readonly value: unknown;
  /** How many characters before its text a value has; null where positions in the text are not those in the file. */
  readonly quote: number | null;
}

/** Where `path` stands in the file: its key, or the nearest thing around it that exists. */
function locate(root: Node, path: Path): Located {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  let keyAt = offset;
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((p) => isScalar(p.key) && String(p.key.value) === key);
      if (!pair) return { offset, keyAt, value: undefined, quote: null };
      const valueOffset = (pair.value as Node | null)?.range?.[0];
      const scalar = depth === path.length - 1 && isScalar(pair.value);
      keyAt = keyOffset(pair) ?? offset;
      offset = (scalar ? valueOffset : keyAt) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return { offset, keyAt, value: undefined, quote: null };
  }
  if (!isScalar(node)) return { offset, keyAt, value: node, quote: null };
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  const isAsWritten =
    node.range && node.range[1] - node.range[0] === String(node.value).length + (quoted ? 2 : 0);
  return { offset, keyAt, value: node.value, quote: isAsWritten ? Number(quoted) : null };
}

function shown(value: unknown): string {
  if (isMap(value)) return 'a mapping';
  if (isSeq(value)) return 'a list';
  if (value === null) return 'nothing';
  const text = typeof value === 'string' ? `\`${value}\`` : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const dotted = (path: Path): string => path.map(String).join('.');
