/**
 * For how long what a broker hands over may have been under way: a message of a past hour waits in a socket while the machine
 * sleeps, or comes late over a bad network. What came after the answer to a question was handed over after the question was asked.
 */

/** One question after the other, all in ms. */
const ASK_MS = 3_000;
/** Whoever looks so much later than he wanted has slept. */
const SLACK_MS = 2_000;
/** So long after a sleep others hand over what has waited with them; answers to questions of that time say nothing. */
const SETTLE_MS = 10_000;

export interface TransitOptions {
  /** Ms on a clock that counts suspend and is never set. */
  readonly now: () => number;
  /** Calls `run` after `ms`, suspend not counted; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Asks the broker something that it answers after everything that it has sent before. */
  readonly ask: () => void;
}

/** Has no effect until `start`. */
export class Transit {
  readonly #options: TransitOptions;
  /** When the questions were asked that are not answered yet. */
  readonly #asked: number[] = [];
  #since = 0;
  #looked = 0;
  #settled = Number.NEGATIVE_INFINITY;
  #cancel = () => {};

  constructor(options: TransitOptions) {
    this.#options = options;
  }

  /** Nothing that comes from now on is older than this moment. */
  start(): void {
    this.#since = this.#options.now();
    this.#looked = this.#since;
    this.#wait();
  }

  stop(): void {
    this.#cancel();
  }

  /** A question leaves, whoever asks it. */
  asked(): void {
    this.#asked.push(this.#look());
  }

  /** The oldest question that was not answered is. */
  answered(): void {
    const at = this.#asked.shift();
    if (at !== undefined && at >= this.#settled) this.#since = at;
  }

  /** What comes now has not been under way for longer, in ms. */
  mostMs(): number {
    return this.#options.now() - this.#since;
  }

  #look(): number {
    const now = this.#options.now();
    if (now - this.#looked > ASK_MS + SLACK_MS) this.#settled = now + SETTLE_MS;
    this.#looked = now;
    return now;
  }

  #wait(): void {
    this.#cancel = this.#options.after(ASK_MS, () => {
      this.#look();
      if (this.#asked.length === 0) this.#options.ask();
      this.#wait();
    });
  }
}
