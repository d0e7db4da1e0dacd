/** What gates tell, on its way to the journal: not more than one gate may write, and not more exact than the clock. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { GateEvent } from '../gate/gate.ts';
import type { EventStore } from '../ledger/journal.ts';
import { Allowance } from './allowance.ts';
import type { Clock } from './clock.ts';
import { clockDoubt } from './clock-watch.ts';

export interface IntakeOptions {
  readonly journal: EventStore;
  readonly clock: Clock;
  /** The kernel says that the clock is synchronised. */
  readonly isSynchronised: () => boolean;
  /** Told of a problem when it begins, and with null when it is over. */
  readonly onProblem: (key: string, problem: ErrorView | null) => void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A household's gate tells some hundred events a day; a day of the most is a few megabytes. */
const MOST_EVENTS = [
  { ms: MINUTE_MS, most: 600 },
  { ms: DAY_MS, most: 20_000 },
] as const;
const CLOCK_PROBLEM = 'the clock';

export class Intake {
  readonly #options: IntakeOptions;
  readonly #allowances = new Map<string, Allowance>();
  /** When each gate that tells too much was last refused. */
  readonly #refused = new Map<string, number>();
  #known = 0;
  #doubted = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Something of Earlid's own happened at `at`: no clock that is right says less. */
  learn(at: number): void {
    this.#known = Math.max(this.#known, at);
  }

  /** The newest instant in Earlid's own state, UTC ms. */
  newest(): number {
    return Math.max(this.#known, this.#options.journal.latest());
  }

  /** Resolves when all of `events` are on disk; rejects when they must come again. */
  async append(events: readonly GateEvent[]): Promise<void> {
    const { journal, clock } = this.#options;
    this.checkClock();
    const now = clock.now().counted;
    const news = events.filter((event) => !journal.has(event));
    const refused = news.findIndex(({ gate }) => !this.#allowance(gate).take(now));
    if (refused < 0) {
      const { gate } = events[0] ?? {};
      const last = gate === undefined ? undefined : this.#refused.get(gate);
      if (last !== undefined && now - last >= MINUTE_MS) this.#tell(gate!, null);
      return journal.append(this.#dated(events));
    }
    const { gate } = news[refused]!;
    if (!this.#refused.has(gate)) this.#tell(gate, describe('too-many-events', { gate }));
    this.#refused.set(gate, now);
    await journal.append(this.#dated(events.slice(0, events.indexOf(news[refused]!))));
    // What is not called stored stays on the gate; what it overwrites meanwhile is a gap in the record (S9).
    throw new Error(`${gate} tells too much`);
  }

  /** Looks whether the clock is earlier than what has already happened; said when that begins and ends. */
  checkClock(): void {
    const { clock, isSynchronised, onProblem } = this.#options;
    const now = clock.now().wall;
    const known = this.newest();
    const doubted =
      clockDoubt({ vouched: true, synchronised: isSynchronised(), now, newest: known }) === 'behind';
    if (doubted === this.#doubted) return;
    this.#doubted = doubted;
    const details = { now: new Date(now).toISOString(), known: new Date(known).toISOString() };
    onProblem(CLOCK_PROBLEM, doubted ? describe('clock-behind', details) : null);
  }

  /** While the clock is wrong nobody knows by how much: at least by what it lacks. */
  #dated(events: readonly GateEvent[]): readonly GateEvent[] {
    if (!this.#doubted) return events;
    const known = this.newest();
    return events.map((event) => ({
      ...event,
      atErrorMs: Math.max(event.atErrorMs, DAY_MS + Math.max(0, known - event.at)),
    }));
  }

  #allowance(gate: string): Allowance {
    let allowance = this.#allowances.get(gate);
    if (!allowance) {
      allowance = new Allowance(...MOST_EVENTS);
      this.#allowances.set(gate, allowance);
    }
    return allowance;
  }

  #tell(gate: string, problem: ErrorView | null): void {
    if (!problem) this.#refused.delete(gate);
    this.#options.onProblem(`writing all events of ${gate}`, problem);
  }
}
