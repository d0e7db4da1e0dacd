/** Questions about settings, one after the other: the gate is asked for one at a time. */
import type { SettingAnswer } from './exchange.ts';

const SILENT: SettingAnswer = { refused: 'silent' };

export class Questions {
  readonly #open = new Map<number, (answer: SettingAnswer) => void>();
  #last: Promise<unknown> = Promise.resolve();
  #asked = 0;

  /** Calls `ask` with a number when it is this question's turn; false: nobody is there to ask. Resolves with the answer. */
  ask(ask: (id: number) => boolean): Promise<SettingAnswer> {
    const turn = this.#last.then(
      () =>
        new Promise<SettingAnswer>((resolve) => {
          const id = ++this.#asked;
          this.#open.set(id, resolve);
          if (!ask(id)) this.answered(id, SILENT);
        }),
    );
    this.#last = turn;
    return turn;
  }

  answered(id: number, answer: SettingAnswer): void {
    const settle = this.#open.get(id);
    this.#open.delete(id);
    settle?.(answer);
  }

  /** Nobody answers any more. */
  end(): void {
    for (const id of [...this.#open.keys()]) this.answered(id, SILENT);
  }
}
