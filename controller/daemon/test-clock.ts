/** A wall clock that a file sets, for emulated gates: the instant in its first line as of when it was written, running on from there. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Vouch } from './clock-source.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/;
const FIRST = Date.UTC(2000, 0, 2);
const LAST = Date.UTC(2090, 0, 1);
const MAX_LINE = 64;

/** UTC ms of a line such as `2027-03-28T00:59:00Z`, null when it is none from 2000 to 2090. */
function instantOfLine(line: string): number | null {
  const text = line.trim();
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return at >= FIRST && at < LAST ? at : null;
}

export class TestClock implements Clock {
  readonly #file: string;
  readonly #real: Clock;
  /** Which writing of the file `#ahead` is from. */
  #version = '';
  /** How far it is ahead of the real clock, ms. */
  #ahead = 0;
  #wrong: string | null = null;

  constructor(file: string, real: Clock = systemClock) {
    this.#file = file;
    this.#real = real;
  }

  /** Throws an `EarlidError` when the file shows no time. */
  start(): void {
    this.#look();
    if (this.#wrong !== null)
      throw new EarlidError('test-clock-bad', { file: this.#file, detail: this.#wrong });
  }

  now() {
    const { wall, counted } = this.#real.now();
    this.#look();
    return { wall: wall + this.#ahead, counted };
  }

  readonly ran = (): number => this.#real.ran?.() ?? this.#real.now().counted;

  /** It counts as known, as with a hardware clock: one that is earlier than what has happened is not. */
  readonly vouch = async (): Promise<Vouch> => 'hardware';

  /** What is wrong with the file; the clock goes on as it was. */
  problem(): ErrorView | null {
    this.#look();
    return this.#wrong === null
      ? null
      : describe('test-clock-bad', { file: this.#file, detail: this.#wrong });
  }

  #look(): void {
    try {
      const { mtimeMs, size, ino } = this.#regular();
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version && this.#wrong === null) return;
      const line = firstLine(this.#file);
      const at = instantOfLine(line);
      this.#wrong = at === null ? `\`${line.trim().slice(0, MAX_LINE)}\` is no instant` : null;
      if (at === null) return;
      this.#ahead = Math.round(at - mtimeMs);
      this.#version = version;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#wrong = code ?? message;
    }
  }

  #regular() {
    const stat = statSync(this.#file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    return stat;
  }
}

function firstLine(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(MAX_LINE);
    const length = readSync(handle, bytes, 0, MAX_LINE, 0);
    return bytes.toString('latin1', 0, length).split('\n')[0]!;
  } finally {
    closeSync(handle);
  }
}
