/** What the daemon knows of the world that rules ask about: facts, calendars, and whether the clock can be believed. */

import type { Compiled } from '../config/compile.ts';
import type { Agendas } from '../policy/facts.ts';
import type { World as Known } from '../policy/weigh.ts';
import { FactBook } from '../presence/fact-book.ts';
import type { Clock } from './clock.ts';

/** How long after the start sources of facts are given to tell something before what is unknown ends a grant. */
const SETTLE_MS = 10_000;

export class World {
  readonly facts = new FactBook();
  readonly #clock: Clock;
  readonly #clockKnown: () => boolean;
  readonly #agendas: () => Agendas;
  #since: number;

  constructor(clock: Clock, clockKnown: () => boolean, agendas: () => Agendas) {
    this.#agendas = agendas;
    this.#clock = clock;
    this.#clockKnown = clockKnown;
    this.#since = clock.now().counted;
  }

  /** Which facts are asked about from now on; those that are new have time to settle. */
  ask({ sources }: Pick<Compiled, 'sources'>): void {
    this.#since = this.#clock.now().counted;
    this.facts.ask(new Map([...sources].map(([name, { maxAgeMs }]) => [name, maxAgeMs])));
  }

  known(): Known {
    return {
      facts: this.facts.facts(),
      agendas: this.#agendas(),
      clockKnown: this.#clockKnown(),
      now: this.#clock.now(),
    };
  }

  /** How long sources are still given to tell something. */
  get settlingMs(): number {
    return Math.max(0, this.#since + SETTLE_MS - this.#clock.now().counted);
  }
}
