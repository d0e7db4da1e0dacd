/** What people set by hand, and how long that stands. */
import type { Truth } from '../policy/facts.ts';
import type { Instant } from '../policy/override.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

/** What was set for one presence. */
export interface Setting {
  /** Null: what was set is lost, and unknown until it is set again. */
  readonly value: Truth;
  /** UTC ms at which it was set. */
  readonly at: number;
  /** UTC ms at which it ends, null: when it is set again. */
  readonly until: number | null;
  /** The same end on the clock that counts suspend; null without an end, and once the machine has started again. */
  readonly countedUntil: number | null;
}
/** By the name of the presence. */
export type Settings = ReadonlyMap<string, Setting>;

export interface Standing {
  readonly value: Truth;
  readonly detail: string;
  /** In so many ms it may become something else by itself; null: it does not. */
  readonly waitMs: number | null;
  /** Its time is over: it counts no more, whatever a clock says later. */
  readonly over: boolean;
}

/** The two clocks are read one after the other and round differently. */
const ROUNDING_MS = 50;

export function settingOf(value: boolean, now: Instant, forMs: number | null): Setting {
  const until = forMs === null ? null : now.wall + forMs;
  return { value, at: now.wall, until, countedUntil: forMs === null ? null : now.counted + forMs };
}

/**
 * What a presence is at an instant. A setting is believed until the first of both clocks says that it is over, and what it
 * usually is counts only once its time has surely passed. Between these, and after the machine has started again for as long
 * as nobody knows what time it is, it is unknown: that mutes under a never rule and under a listen rule alike.
 */
export function standing(
  setting: Setting | undefined,
  usually: boolean,
  now: Instant,
  clockKnown: boolean,
): Standing {
  const usual = { value: usually, detail: `usually ${onOff(usually)}`, waitMs: null };
  if (!setting) return { ...usual, over: false };
  const { value, at, until, countedUntil } = setting;
  const stands = (waitMs: number | null): Standing => ({
    value,
    detail: value === null ? 'what was set is lost' : `set ${onOff(value)} by hand`,
    waitMs,
    over: false,
  });
  const unsure = (why: string, waitMs: number | null): Standing => ({
    value: null,
    detail: `nobody knows whether its time is over: ${why}`,
    waitMs,
    over: false,
  });
  if (until === null) return stands(null);
  const left = until - now.wall;
  if (countedUntil !== null) {
    // This clock may stand still, where a virtual machine does, but never runs ahead.
    const counted = countedUntil - now.counted;
    if (counted <= 0 || (left <= 0 && counted <= ROUNDING_MS)) return { ...usual, over: true };
    return left <= 0 ? unsure('the clock was set', counted) : stands(Math.min(left, counted));
  }
  if (!clockKnown || now.wall < at) return unsure('nobody knows what time it is', null);
  return left <= 0 ? { ...usual, over: true } : stands(left);
}

const onOff = (value: boolean): string => (value ? 'on' : 'off');

export interface ManualOptions extends Pick<SourceContext, 'tell' | 'now' | 'after'> {
  readonly clockKnown: () => boolean;
  /** Called when a setting has ended by itself: it need not be kept any more. */
  readonly onEnd: (name: string) => void;
}

/** Tells what is set by hand, and when that ends. */
export class ManualPresence implements FactSource {
  readonly #options: ManualOptions;
  readonly #settings: Map<string, Setting>;
  #asked: Asked<'manual'> = [];
  readonly #timers = new Map<string, () => void>();
  #runs = false;

  constructor(options: ManualOptions, settings: Settings) {
    this.#options = options;
    this.#settings = new Map(settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Those that the configuration names from now on; what was set for others is kept. */
  ask(asked: Asked<'manual'>): void {
    this.#asked = asked;
    this.look();
  }

  start(): void {
    this.#runs = true;
    this.look();
  }

  stop(): void {
    this.#runs = false;
    this.#cancelAll();
  }

  /** Judges all of it anew: a clock was set, or the machine slept. */
  look(): void {
    this.#cancelAll();
    if (this.#runs) for (const one of this.#asked) this.#judge(one);
  }

  set(name: string, setting: Setting): void {
    this.#settings.set(name, setting);
    this.look();
  }

  #judge(one: Asked<'manual'>[number]): void {
    const { fact, source } = one;
    const { now, tell, after, clockKnown, onEnd } = this.#options;
    const instant = now();
    const { name, usually } = source;
    const { value, detail, waitMs, over } = standing(
      this.#settings.get(name),
      usually,
      instant,
      clockKnown(),
    );
    if (over) this.#settings.delete(name);
    const end = waitMs === null ? undefined : { at: instant.counted + waitMs, value: usually };
    tell(fact, value, instant.counted, detail, end);
    if (waitMs !== null)
      this.#timers.set(
        name,
        after(Math.max(1, waitMs), () => this.#judge(one)),
      );
    if (over) onEnd(name);
  }

  #cancelAll(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
