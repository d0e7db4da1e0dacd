/** Whether the wall clock can be believed, and when it jumps: timers count neither suspend nor a clock that is set. */
import type { Config } from '../../schemas/config.ts';
import type { After, Clock } from './clock.ts';
import { Notifier } from './notifier.ts';
import { iso } from './views.ts';

/** Smaller corrections of the clock misdate nothing. */
const CLOCK_MARGIN_MS = 5_000;
const LOOK_MS = 1_000;
const ASK_MS = 10_000;
/** What a clock may drift or be read late within one look. */
const JUMP_MS = 500;
/** Where the counted clock tells whole seconds, two of them are read a second apart at most. */
const COARSE_MS = 1_500;

/** Why the wall clock is not known. `unset`: nothing has vouched for it. `behind`: it is earlier than what has happened already. */
export type ClockDoubt = 'unset' | 'behind';

export interface ClockEvidence {
  /** Something has vouched for it since the machine started, or the configuration does. */
  readonly vouched: boolean;
  /** The kernel says that it is synchronised. */
  readonly synchronised: boolean;
  /** What it shows, UTC ms. */
  readonly now: number;
  /** The newest instant in Earlid's own state, UTC ms. */
  readonly newest: number;
}

/**
 * Null when the clock is known. A clock that was once years ahead leaves instants in the state that lie in the future: where
 * the kernel says that it is synchronised now, it was wrong then, and must not count as unknown until those years have passed.
 */
export function clockDoubt({ vouched, synchronised, now, newest }: ClockEvidence): ClockDoubt | null {
  if (synchronised) return null;
  if (now + CLOCK_MARGIN_MS < newest) return 'behind';
  return vouched ? null : 'unset';
}

/** One instant on all three clocks, in ms. `ran` counts while the machine is awake, as timers do. */
export interface ClockReading {
  readonly wall: number;
  readonly counted: number;
  readonly ran: number;
}

/** How long the machine slept between two readings, and by how much its clock was set; null when neither. */
export function clockJump(
  before: ClockReading,
  after: ClockReading,
): { readonly asleepMs: number; readonly setMs: number } | null {
  const ran = after.ran - before.ran;
  const moved = after.wall - before.wall - ran;
  const counted = after.counted - before.counted - ran;
  if (Math.abs(moved) <= JUMP_MS && counted <= COARSE_MS) return null;
  const asleepMs = counted > JUMP_MS ? counted : 0;
  const setMs = moved - asleepMs;
  return { asleepMs, setMs: Math.abs(setMs) > JUMP_MS ? setMs : 0 };
}

export interface ClockWatchOptions {
  readonly clock: Clock;
  readonly after: After;
  /** The newest instant in Earlid's own state, UTC ms. */
  readonly newest: () => number;
  readonly log: { readonly info: (text: string) => void };
  readonly onError: (error: unknown) => void;
}

/** What the rules need of the clock. */
export interface ClockNeeds {
  /** Some rule goes by the time: only then somebody is asked whether the clock is right. */
  readonly needed: boolean;
  /** The configuration believes the clock as it is. */
  readonly trusted: boolean;
}

export function clockNeeds({ site, gates }: Config): ClockNeeds {
  const rules = gates.flatMap(({ listen, never }) => [...listen, ...never]);
  return {
    needed:
      gates.some(({ night }) => night !== null) ||
      rules.some(({ schedule, calendar }) => schedule !== null || calendar !== null),
    trusted: site?.clock === 'trusted',
  };
}

export class ClockWatch {
  readonly #options: ClockWatchOptions;
  readonly #changes: Notifier<void>;
  #needs: ClockNeeds = { needed: false, trusted: false };
  #vouched = false;
  #synchronised = false;
  #last: ClockReading;
  #askedAt: number | null = null;
  #told = '';
  #isStarted = false;
  #cancel = () => {};

  constructor(options: ClockWatchOptions) {
    this.#options = options;
    this.#changes = new Notifier(options.onError);
    this.#last = { wall: 0, counted: 0, ran: 0 };
  }

  /** Resolves when what can be known at once is known. */
  async start(needs: ClockNeeds): Promise<void> {
    this.#isStarted = true;
    this.#needs = needs;
    this.#last = this.#read();
    if (this.#wantsToKnow()) await this.#ask();
    this.#told = this.#state();
    this.#schedule();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel();
  }

  /** Other rules need something else of the clock. */
  async follow(needs: ClockNeeds): Promise<void> {
    this.#needs = needs;
    if (this.#wantsToKnow()) await this.#ask();
  }

  /** Judged anew whenever it is asked. */
  doubt(): ClockDoubt | null {
    return clockDoubt({
      vouched: this.#vouched || this.#needs.trusted,
      synchronised: this.#synchronised,
      now: this.#options.clock.now().wall,
      newest: this.#options.newest(),
    });
  }

  isKnown(): boolean {
    return this.doubt() === null;
  }

  /** The kernel has said that the clock is synchronised, and nobody has set it back since. */
  isSynchronised(): boolean {
    return this.#synchronised;
  }

  /** Why the time is not known, for people; null when it is. */
  why(): string | null {
    const doubt = this.doubt();
    if (doubt === 'unset') return 'nothing has said yet that the clock of this machine is right';
    if (doubt === null) return null;
    const [now, newest] = [this.#options.clock.now().wall, this.#options.newest()];
    return `the clock of this machine says ${iso(now)}, but something was recorded at ${iso(newest)} already`;
  }

  /** Called when it becomes known or unknown or something is wrong with it, when the machine wakes and when its clock is set; returns the way to stop. */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener);
  }

  #read(): ClockReading {
    const { clock } = this.#options;
    const { wall, counted } = clock.now();
    return { wall, counted, ran: clock.ran?.() ?? counted };
  }

  #schedule(): void {
    if (this.#isStarted) this.#cancel = this.#options.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const reading = this.#read();
    const jump = clockJump(this.#last, reading);
    this.#last = reading;
    if (jump) this.#jumped(jump);
    if (this.#wantsToKnow() && (this.#askedAt === null || reading.ran - this.#askedAt >= ASK_MS))
      void this.#ask().then(() => this.#tell(false));
    this.#tell(jump !== null);
    this.#schedule();
  }

  #jumped({ asleepMs, setMs }: { readonly asleepMs: number; readonly setMs: number }): void {
    const seconds = (ms: number) => `${(Math.abs(ms) / 1_000).toFixed(1)} s`;
    if (asleepMs > 0) this.#options.log.info(`awake again after ${seconds(asleepMs)}`);
    if (setMs !== 0)
      this.#options.log.info(`the clock was set ${setMs < 0 ? 'back' : 'forward'} by ${seconds(setMs)}`);
    if (setMs >= 0) return;
    // What was said of it before says nothing of what it shows now.
    this.#synchronised = false;
    this.#askedAt = null;
  }

  #tell(jumped: boolean): void {
    const state = this.#state();
    if (!jumped && state === this.#told) return;
    this.#told = state;
    this.#changes.tell();
  }

  #state(): string {
    return `${this.doubt()} ${this.#options.clock.problem?.()?.message}`;
  }

  #wantsToKnow(): boolean {
    const doubt = this.doubt();
    return doubt === 'behind' || (doubt === 'unset' && this.#needs.needed);
  }

  async #ask(): Promise<void> {
    const asked = this.#read().ran;
    this.#askedAt = asked;
    const vouch = await this.#options.clock.vouch?.(this.doubt() === 'behind').catch(() => null);
    // The clock was set back meanwhile.
    if (this.#askedAt !== asked) return;
    if (vouch) this.#vouched = true;
    if (vouch === 'synchronised') this.#synchronised = true;
  }
}
