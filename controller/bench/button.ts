/** A push button to ground, with the bounce of its contact. */
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Most edges in one bounce after the first. */
const BOUNCES = 6;

export class Button {
  /** The contact has closed or opened. */
  onContact: (closed: boolean) => void = () => {};
  readonly #timeline: Timeline;
  readonly #now: () => number;
  readonly #bounceCycles: number;
  readonly #random: Random;
  #generation = 0;
  #closed = false;

  /** `bounceCycles` is how long a contact may bounce at most; 0 gives one clean edge. */
  constructor(timeline: Timeline, now: () => number, bounceCycles: number, random: Random) {
    this.#timeline = timeline;
    this.#now = now;
    this.#bounceCycles = bounceCycles;
    this.#random = random;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The finger goes down or up: the first edge now, the last within the bounce time, where it stays. */
  set(down: boolean): void {
    const generation = ++this.#generation;
    this.#contact(down);
    if (this.#bounceCycles === 0) return;
    const count = 2 * Math.floor((this.#random() * (BOUNCES + 1)) / 2);
    const times = Array.from({ length: count }, () => this.#random() * this.#bounceCycles);
    times.sort((a, b) => a - b);
    for (const [index, after] of times.entries()) {
      this.#timeline.at(this.#now() + after, () => {
        if (generation === this.#generation) this.#contact(index % 2 === 0 ? !down : down);
      });
    }
  }

  #contact(closed: boolean): void {
    if (closed === this.#closed) return;
    this.#closed = closed;
    this.onContact(closed);
  }
}
