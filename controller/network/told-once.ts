/** Problems by the name of what is wrong, each told once: until it is another one, or over. */
import type { ErrorView } from '../../schemas/errors.ts';

/** Null: it is over. */
export type OnProblem = (what: string, problem: ErrorView | null) => void;

export class ToldOnce {
  readonly #onProblem: OnProblem;
  readonly #told = new Map<string, string>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  tell(what: string, problem: ErrorView | null): void {
    const text = problem && `${problem.code} ${problem.message}`;
    if (text === (this.#told.get(what) ?? null)) return;
    if (text === null) this.#told.delete(what);
    else this.#told.set(what, text);
    this.#onProblem(what, problem);
  }

  /** Whatever was wrong is over. */
  clear(): void {
    for (const what of [...this.#told.keys()]) this.tell(what, null);
  }
}
