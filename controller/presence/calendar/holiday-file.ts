/** The ICS file of public holidays, read again when it changes. What is wrong with it keeps nothing else from working (S10). */
import { statSync } from 'node:fs';
import type { Instant } from '../../policy/override.ts';
import { type HolidayList, UNREADABLE } from '../../schedule/holidays.ts';
import { type Ask, askApart } from './apart.ts';
import { listOf } from './site-holidays.ts';

export interface HolidayFileOptions {
  readonly file: string;
  /** Name of the site's zone. */
  readonly zone: string;
  readonly now: () => Instant;
  /** Calls `run` after `ms`, suspend not counted; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Other days than before are holidays. */
  readonly onList: (list: HolidayList) => void;
  /** Why it cannot be read, null when it can again. Told when it changes. */
  readonly onProblem: (why: string | null) => void;
  readonly ask?: Ask;
}

const LOOK_MS = 15 * 60_000;
/** Years around the present one that are looked at. */
const YEARS_BEHIND = 1;
const YEARS_AHEAD = 10;

export class HolidayFile {
  readonly #options: HolidayFileOptions;
  readonly #ended = new AbortController();
  #cancel = () => {};
  #reading: Promise<void> | null = null;
  /** What was read, and the year it was read in. */
  #signature = '';
  #told = '';
  #problem: string | null = null;

  constructor(options: HolidayFileOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancel();
    await this.#reading;
  }

  #look(): void {
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
      if (!this.#ended.signal.aborted) this.#cancel = this.#options.after(LOOK_MS, () => this.#look());
    });
  }

  async #read(): Promise<void> {
    const { file, zone, now, ask = askApart } = this.#options;
    const year = new Date(now().wall).getUTCFullYear();
    const signature = `${year} ${versionOf(file)}`;
    if (signature === this.#signature) return;
    const [first, last] = [year - YEARS_BEHIND, year + YEARS_AHEAD];
    const answer = await ask({ ask: 'holidays', file, zone, first, last }, { signal: this.#ended.signal });
    if (this.#ended.signal.aborted) return;
    const problem = 'problem' in answer ? answer.problem : null;
    this.#signature = problem === null ? signature : '';
    if (problem !== this.#problem) this.#options.onProblem(problem);
    this.#problem = problem;
    const told = JSON.stringify(answer);
    if (told !== this.#told) this.#options.onList('found' in answer ? listOf(answer.found) : UNREADABLE);
    this.#told = told;
  }
}

/** Which writing of the file is there. Never throws: what cannot be looked at cannot be read either, and that says why. */
function versionOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
