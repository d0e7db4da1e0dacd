/** Steps that wait for one another: each begins when all that were asked for before it have ended. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Ends as `step` does. One that fails holds up none of those that come after it. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when everything that was asked for so far has ended. */
  async ended(): Promise<void> {
    await this.#last;
  }
}
