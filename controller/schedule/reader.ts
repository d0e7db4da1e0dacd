/** The tokens of a schedule, read one after the other. */
import { ScheduleError } from './schedule.ts';
import { type Token, tokens } from './tokens.ts';

export class Reader {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  /** Throws a `ScheduleError` at a character that no schedule has. */
  constructor(text: string) {
    this.#tokens = tokens(text);
    this.#end = [...text.trimEnd()].length;
  }

  /** Null at the end. */
  peek(): Token | null {
    return this.#tokens[this.#next] ?? null;
  }

  /** Up to `count` tokens that come, from the one after `from` others. */
  ahead(count: number, from = 0): readonly (Token | undefined)[] {
    return this.#tokens.slice(this.#next + from, this.#next + from + count);
  }

  take(): Token | null {
    const token = this.peek();
    if (token) this.#next++;
    return token;
  }

  /** Takes the next token when it is this one. */
  is(text: string): boolean {
    if (this.peek()?.text !== text) return false;
    this.#next++;
    return true;
  }

  skip(count: number): void {
    this.#next += count;
  }

  /** Where the next token stands, or the text ends. */
  get position(): number {
    return this.peek()?.position ?? this.#end;
  }

  /** Code points from `position` to the end of the token that was read last. */
  lengthFrom(position: number): number {
    const last = this.#tokens[this.#next - 1];
    return last ? last.position + last.length - position : 0;
  }

  /** Throws a `ScheduleError` at a token, or at the end. */
  fail(token: Token | null | undefined, message: string, hint: string): never {
    return this.failAt(token?.position ?? this.#end, token?.length ?? 1, message, hint);
  }

  failAt(position: number, length: number, message: string, hint: string): never {
    throw new ScheduleError({ message, hint, position, length });
  }
}
