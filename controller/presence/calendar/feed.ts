/** One calendar: reads it again and again, keeps the last good version, and tells the events that rules ask for. */
import type { CalendarConfig } from '../../../schemas/rules.ts';
import type { Agenda } from '../../policy/facts.ts';
import type { Instant } from '../../policy/override.ts';
import type { Answer, Ask, Question } from './apart.ts';
import type { Kept, KeptFacts } from './kept.ts';
import type { Origin, Version } from './origin.ts';
import { UnreadableError } from './unreadable.ts';

const DAY_MS = 86_400_000;
/** What is looked at around an instant; looked at anew every day. */
const BEHIND_MS = DAY_MS;
const AHEAD_MS = 35 * DAY_MS;
/** After failures it is asked for less often, up to this pause or that of `refresh`. */
const MOST_PAUSE_MS = 3_600_000;
/** Smaller corrections of the clock misdate nothing. */
const CLOCK_MARGIN_MS = 5_000;

export interface FeedOptions {
  readonly config: CalendarConfig;
  /** What rules match; null is every event. */
  readonly matches: readonly (string | null)[];
  /** Name of the site's zone. */
  readonly zone: string;
  readonly origin: Origin;
  readonly kept: Kept;
  readonly ask: Ask;
  readonly now: () => Instant;
}

interface Expansion {
  readonly from: number;
  readonly to: number;
  readonly found: Extract<Answer<Extract<Question, { ask: 'events' }>>, { found: unknown }>['found'];
}

export class Feed {
  readonly #options: FeedOptions;
  #facts: KeptFacts | null = null;
  #expansion: Expansion | null = null;
  #problem: string | null = null;
  #failures = 0;
  #planned: { readonly at: Instant; readonly pauseMs: number } | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.config.name;
  }

  /** Why it cannot be read now, or not all of it; null when it can. */
  get problem(): string | null {
    return this.#problem ?? this.#expansion?.found.find(({ problem }) => problem !== null)?.problem ?? null;
  }

  /** How long until it should be read again, in ms; 0 after a sleep, and when the clock was set to another time. */
  pauseMs(): number {
    if (!this.#planned) return 0;
    const { at, pauseMs } = this.#planned;
    const { wall, counted } = this.#options.now();
    if (wall < at.wall - CLOCK_MARGIN_MS) return 0;
    return Math.max(0, pauseMs - Math.max(wall - at.wall, counted - at.counted));
  }

  /** What was read before this process was started. */
  async load(): Promise<void> {
    const { kept, now, config } = this.#options;
    const facts = await kept.load().catch(() => null);
    const age = now().wall - (facts?.readAt ?? 0);
    if (!facts || age >= config.maxAgeMs || age < -CLOCK_MARGIN_MS) return;
    try {
      this.#expansion = await this.#expand(kept.file);
      this.#facts = facts;
      this.#plan(Math.max(0, config.refreshMs - age));
    } catch {
      // What is kept is of no use: it is read anew.
    }
  }

  /** As it may be believed now. */
  agenda(match: string | null): Agenda {
    const readAt = this.#facts?.readAt ?? null;
    const unknown = (problem: string | null): Agenda => ({ events: [], from: 0, until: 0, readAt, problem });
    const index = this.#options.matches.indexOf(match);
    if (!this.#expansion || readAt === null) return unknown(this.#problem ?? 'it has not been read yet');
    if (this.#isBehind()) return unknown('it was read at a time that has not come yet by this clock');
    const { from, to, found } = this.#expansion;
    const { events, problem } = found[index]!;
    if (!events) return unknown(problem);
    const until = Math.min(to, readAt + this.#options.config.maxAgeMs);
    return { events, from, until, readAt, problem: this.#problem };
  }

  /** Reads it; not to be called again before it has resolved. Never rejects. */
  async read(): Promise<void> {
    const { config, kept, origin, now } = this.#options;
    try {
      const readAt = now().wall;
      let version: Version | null = await origin(this.#expansion && this.#facts, kept.next);
      if (!version && !this.#reaches(readAt)) {
        this.#expansion = await this.#expand(kept.file).catch(() => null);
        // What is kept is of no use any more.
        if (!this.#expansion) version = await origin(null, kept.next);
      }
      if (version) {
        this.#expansion = await this.#expand(kept.next);
        await kept.accept();
      }
      this.#facts = { ...(version ?? this.#facts!), readAt };
      await kept.save(this.#facts);
      this.#problem = null;
      this.#failures = 0;
      this.#plan(config.refreshMs);
    } catch (error) {
      this.#problem = (error as Error).message;
      await kept.discard().catch(() => {});
      const pause = config.refreshMs * 2 ** Math.min(this.#failures++, 16);
      this.#plan(Math.min(pause, Math.max(config.refreshMs, MOST_PAUSE_MS)));
    }
  }

  async #expand(file: string): Promise<Expansion> {
    const { ask, matches, zone, now } = this.#options;
    const { wall } = now();
    const range = { from: wall - BEHIND_MS, to: wall + AHEAD_MS };
    const answer = await ask({ ask: 'events', file, zone, matches, ...range });
    if ('problem' in answer) throw new UnreadableError(answer.problem);
    return { ...range, found: answer.found };
  }

  /** It will do until it is read again. */
  #reaches(wall: number): boolean {
    if (!this.#expansion) return false;
    const { from, to } = this.#expansion;
    return from <= wall && wall + AHEAD_MS - DAY_MS <= to;
  }

  #isBehind(): boolean {
    return this.#facts !== null && this.#options.now().wall < this.#facts.readAt - CLOCK_MARGIN_MS;
  }

  #plan(pauseMs: number): void {
    this.#planned = { at: this.#options.now(), pauseMs };
  }
}
