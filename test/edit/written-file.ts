/** Files as people write them: every style of YAML, commented everywhere. Each rule has a schedule of its own, by which its lines are known. */
import fc from 'fast-check';

export interface WrittenGate {
  readonly name: string;
  readonly listen: readonly string[];
  readonly never: readonly string[];
}
export interface WrittenFile {
  readonly text: string;
  readonly gates: readonly WrittenGate[];
}

const WORDS = [
  'für Ömas Gäste',
  'tabs\there\t',
  'a # in a comment',
  '{ not: [a, rule }',
  '- nor this',
  '🦻',
  'trailing   ',
];

/** Answers questions of the generator in order, from a list that fast-check makes smaller. */
class Choices {
  readonly #numbers: readonly number[];
  #at = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  of(count: number): number {
    return (this.#numbers[this.#at++ % this.#numbers.length] ?? 0) % count;
  }
  one<T>(list: readonly T[]): T {
    return list[this.of(list.length)]!;
  }
  is(): boolean {
    return this.of(2) === 1;
  }
}

export const writtenFile: fc.Arbitrary<WrittenFile> = fc
  .array(fc.nat(1_000), { minLength: 40, maxLength: 160 })
  .map((numbers) => new Writer(new Choices(numbers)).file());

class Writer {
  readonly #pick: Choices;
  #rules = 0;
  #comments = 0;

  constructor(pick: Choices) {
    this.#pick = pick;
  }

  file(): WrittenFile {
    const pick = this.#pick;
    const newline = pick.one(['\n', '\r\n']);
    const step = pick.one([2, 4]);
    const gates: WrittenGate[] = [];
    const lines = [
      ...this.#between(0),
      `site: { timezone: "Europe/Berlin" }${this.#aside()}`,
      ...this.#between(0),
      'presence:',
      '  anyone: { manual: on }',
      `gates:${this.#aside()}`,
    ];
    for (const name of ['kitchen', 'bath', 'hall'].slice(0, 1 + pick.of(3))) {
      lines.push(...this.#between(step));
      lines.push(...this.#gate(name, step, gates));
    }
    lines.push(...this.#between(0));
    const text = lines.join(newline) + (pick.is() ? newline : '');
    return { text: (pick.of(4) === 0 ? '\uFEFF' : '') + text, gates };
  }

  #gate(name: string, step: number, gates: WrittenGate[]): string[] {
    const pick = this.#pick;
    const gate = { name, listen: [] as string[], never: [] as string[] };
    gates.push(gate);
    const [pad, inner] = [' '.repeat(step), ' '.repeat(step * 2)];
    const style = pick.of(4);
    if (style === 0) {
      const lists = this.#sides().map((side) => `, ${side}: ${this.#flowList(gate[side])}`);
      return [`${pad}${name}: { link: { bench: uno-relay }${lists.join('')} }${this.#aside()}`];
    }
    if (style === 1) {
      const lists = this.#sides().map(
        (side) => `${inner}${side}: ${this.#flowList(gate[side])},${this.#aside()}`,
      );
      const last = `${inner}button: 90s${pick.one(['', ',', ' , '])}${this.#aside()}`;
      return [
        `${pad}${name}: {${this.#aside()}`,
        `${inner}link: { bench: uno-relay },`,
        ...lists,
        last,
        `${pad}}${this.#aside()}`,
      ];
    }
    const lines = [
      `${pad}${name}:${this.#aside()}`,
      ...this.#between(step * 2),
      `${inner}link: { bench: uno-relay }${this.#aside()}`,
    ];
    for (const side of this.#sides()) {
      lines.push(...this.#between(step * 2), ...this.#list(side, gate[side], step * 2));
    }
    if (pick.is()) lines.push(`${inner}button: 2m   ${this.#aside()}`);
    return lines;
  }

  #sides(): readonly ('listen' | 'never')[] {
    return this.#pick.one([[], ['listen'], ['never'], ['listen', 'never'], ['never', 'listen']] as const);
  }

  #list(side: string, rules: string[], indent: number): string[] {
    const pick = this.#pick;
    const inner = ' '.repeat(indent);
    const style = pick.of(5);
    if (style === 0) return [`${inner}${side}: ${this.#flowList(rules)}${this.#aside()}`];
    if (style === 1) {
      const count = 1 + pick.of(3);
      const items = Array.from({ length: count }, (_, i) => {
        const comma = i < count - 1 ? ',' : pick.one(['', ',']);
        return [`${inner}  ${this.#flowRule(rules)}${comma}${this.#aside()}`, ...this.#between(indent + 2)];
      });
      return [`${inner}${side}: [${this.#aside()}`, ...items.flat(), `${inner}]${this.#aside()}`];
    }
    const dash = indent + pick.one([0, 2]);
    const items = Array.from({ length: 1 + pick.of(3) }, () => [
      ...this.#rule(rules, dash),
      ...this.#between(dash),
    ]);
    return [`${inner}${side}:${this.#aside()}`, ...this.#between(dash), ...items.flat()];
  }

  /** One rule in lines. */
  #rule(rules: string[], dash: number): string[] {
    const pick = this.#pick;
    const pad = ' '.repeat(dash);
    if (pick.is()) return [`${pad}- ${this.#flowRule(rules)}${this.#aside()}`];
    const schedule = this.#schedule(rules);
    const inner = `${pad}  `;
    const form = pick.of(6);
    const key =
      form === 0
        ? ['schedule: >-', `${inner}  ${schedule}`]
        : [`schedule: ${pick.one([`"${schedule}"`, `'${schedule}'`, schedule])}${this.#aside()}`];
    const asked = `if: anyone${this.#aside(schedule)}`;
    const [first, ...rest] = pick.is() ? key : pick.is() ? [...key, asked] : [asked, ...key];
    return [
      `${pad}- ${first}`,
      ...(form > 0 && pick.is() ? this.#between(dash + 2, schedule) : []),
      ...rest.map((line) => (line.startsWith(inner) ? line : inner + line)),
    ];
  }

  #flowList(rules: string[]): string {
    const pick = this.#pick;
    const items = Array.from({ length: pick.of(4) }, () => this.#flowRule(rules));
    return pick.one([
      `[${items.join(', ')}]`,
      `[ ${items.join(' , ')} ]`,
      `[ ${items.map((item) => `${item}, `).join('')}]`,
    ]);
  }

  #flowRule(rules: string[]): string {
    const schedule = this.#schedule(rules);
    const quoted = this.#pick.one([`"${schedule}"`, `'${schedule}'`]);
    return this.#pick.one(
      [
        `{ schedule: ${quoted} }`,
        `{schedule: ${quoted}, if: anyone}`,
        `{ "if": { manual: on }, schedule: ${quoted},  }`,
      ].slice(0, 2),
    );
  }

  #schedule(rules: string[]): string {
    const n = this.#rules++;
    const schedule = `Mo-Fr 0${n % 10}:${String(10 + Math.floor(n / 10)).padStart(2, '0')}-23:00`;
    rules.push(schedule);
    return schedule;
  }

  /** A comment at the end of a line. */
  #aside(of = ''): string {
    if (this.#pick.of(3) > 0) return '';
    return `${this.#pick.one([' ', '  ', '\t'])}#${this.#comments++} ${this.#pick.one(WORDS)}${of}`;
  }

  /** Empty and commented lines. */
  #between(indent: number, of = ''): string[] {
    return Array.from({ length: this.#pick.one([0, 0, 1, 2]) }, () => {
      const depth = Math.max(0, indent + this.#pick.one([0, 0, 2]));
      return this.#pick.of(4) === 0 && of === ''
        ? ''
        : `${' '.repeat(depth)}#${this.#comments++} ${this.#pick.one(WORDS)}${of}`;
    });
  }
}
