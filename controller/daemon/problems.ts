/** What is wrong with the daemon itself, each said once when it begins and when it is over. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { WriteProblem } from './durable-file.ts';
import type { Log } from './log.ts';

export interface ProblemsOptions {
  /** The state folder, for messages. */
  readonly home: string;
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly onChange: () => void;
}

export class Problems {
  readonly #options: ProblemsOptions;
  readonly #views = new Map<string, ErrorView>();

  constructor(options: ProblemsOptions) {
    this.#options = options;
  }

  /** Those that there are now, by what they are about. */
  get views(): ReadonlyMap<string, ErrorView> {
    return this.#views;
  }

  /** Null: it is over. */
  tell(key: string, view: ErrorView | null): void {
    const { log, onChange } = this.#options;
    if (view) {
      this.#views.set(key, view);
      log.error(`${view.message}. ${view.hint}`);
    } else if (this.#views.delete(key)) log.info(`${key} works again`);
    onChange();
  }

  /** A part of the state cannot be written, or can be again. */
  writing(what: string, problem: WriteProblem | null): void {
    const { home } = this.#options;
    this.tell(`writing ${what}`, problem && describe(problem.code, { home, detail: problem.detail }));
  }

  /** What somebody else looked after is over with its end. */
  forget(...keys: readonly string[]): void {
    for (const key of keys) if (this.#views.has(key)) this.tell(key, null);
  }
}
