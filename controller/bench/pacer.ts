/** Lets an emulated board run at the speed of the wall clock, in the gaps of the event loop. */
import { performance } from 'node:perf_hooks';
import type { Board } from './board.ts';

/** What the pacer needs of the process; tests pass their own. */
export interface PacerClock {
  /** Monotonic ms. */
  now(): number;
  /** Calls `run` once after `ms`; returns the way to cancel. */
  after(ms: number, run: () => void): () => void;
}

const processClock: PacerClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** How late a byte to or from an otherwise idle board may be, and how late while something is going on. */
const IDLE_MS = 16;
const BUSY_MS = 2;
/** A conversation counts as going on for this long after its last byte or touch. */
const BUSY_FOR_MS = 20;
/**
 * Time beyond this that the board is behind is dropped: after a suspend, or on a machine that is too slow. A process that loads
 * something stands still for longer than one would like, and no real board loses time by that.
 */
const MAX_BEHIND_MS = 2_000;
/** It catches up in parts, or the process would stand still for longer by that. */
const PART_MS = 200;

/** Runs one board between `start` and `stop`. The board's time stands still otherwise. */
export class Pacer {
  /** Called before the board is let go on, to bring in what has arrived from outside. */
  onWake: () => void = () => {};
  readonly #board: Board;
  readonly #clock: PacerClock;
  /** Wall ms at board time 0; null while stopped. */
  #origin: number | null = null;
  #running = false;
  #busyUntil = 0;
  #cancel = () => {};
  #ignoreBytes = () => {};

  constructor(board: Board, clock: PacerClock = processClock) {
    this.#board = board;
    this.#clock = clock;
  }

  start(): void {
    if (this.#origin !== null) return;
    this.#origin = this.#clock.now() - this.#board.timeMs;
    this.#board.beforeTouch = () => this.#touched();
    this.#ignoreBytes = this.#board.onBytes(() => this.#stayBusy());
    this.#wake();
  }

  stop(): void {
    if (this.#origin === null) return;
    this.#origin = null;
    this.#board.beforeTouch = () => {};
    this.#ignoreBytes();
    this.#cancel();
  }

  /** Somebody is about to press, send or break something: it happens at the present, and its effect is wanted soon. */
  #touched(): void {
    if (this.#running || this.#origin === null) return;
    this.#advance(MAX_BEHIND_MS);
    this.#stayBusy();
    this.#schedule();
  }

  #stayBusy(): void {
    this.#busyUntil = this.#board.timeMs + BUSY_FOR_MS;
  }

  #wake(): void {
    this.onWake();
    this.#advance(PART_MS);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#origin === null) return;
    this.#cancel();
    const busy = this.#board.timeMs < this.#busyUntil;
    this.#cancel = this.#clock.after(busy ? BUSY_MS : IDLE_MS, () => this.#wake());
  }

  #advance(most: number): void {
    if (this.#origin === null) return;
    let behind = this.#clock.now() - this.#origin - this.#board.timeMs;
    if (behind > MAX_BEHIND_MS) {
      this.#origin += behind - IDLE_MS;
      behind = IDLE_MS;
    }
    if (behind <= 0) return;
    this.#running = true;
    try {
      this.#board.runFor(Math.min(behind, most));
    } finally {
      this.#running = false;
    }
  }
}
