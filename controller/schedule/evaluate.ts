/** What a schedule says at an instant, and when that changes: never by adding 24 hours, always by what the clock on the wall shows. */
import { DAY_MS, type Interval, intervalsOf, type Site } from './days.ts';
import type { Schedule } from './schedule.ts';

/** `unknown`: it depends on a sun that does not rise or set there on that day, or on a holiday that nobody knows. */
export type ScheduleState = 'on' | 'off' | 'unknown';

/** What a schedule says at an instant, and how long that stays. */
export interface Span {
  /** True is on, null is unknown. */
  readonly value: boolean | null;
  /** UTC ms; null where it will be so for nine years. */
  readonly until: number | null;
}

export interface Change {
  /** UTC ms. */
  readonly at: number;
  /** The state from then on. */
  readonly state: ScheduleState;
}

/** A window may reach over midnight, and a sun event with its offset by half a day more. */
const REACH_DAYS = 2;
/** Most changes are near: the search begins with a day and goes on in longer strides. */
const FIRST_STRIDE_MS = DAY_MS;
const LAST_STRIDE_MS = 32 * DAY_MS;
/** The rarest rule is about February 29, which may be eight years away. */
const HORIZON_MS = 9 * 366 * DAY_MS;
const KEPT_DAYS = 4_000;
const KEPT_SPANS = 64;

/** A schedule at a site. Remembers the days it was asked about. */
export class Evaluator {
  readonly #schedule: Schedule;
  readonly #site: Site;
  readonly #days = new Map<number, readonly Interval[]>();
  /** Without overlap, in order of their ends. */
  readonly #spans: (Span & { readonly from: number })[] = [];

  constructor(schedule: Schedule, site: Site) {
    this.#schedule = schedule;
    this.#site = site;
  }

  stateAt(utc: number): ScheduleState {
    const wall = utc + this.#site.zone.offsetAt(utc);
    const day = Math.floor(wall / DAY_MS);
    let isUnknown = false;
    for (let each = day - REACH_DAYS; each <= day + 1; each++) {
      for (const { start, end, known } of this.#intervals(each)) {
        if (wall < start || wall >= end) continue;
        if (known) return 'on';
        isUnknown = true;
      }
    }
    return isUnknown ? 'unknown' : 'off';
  }

  /** Asked again about an instant in a stretch it was asked about lately, it takes next to no time. */
  spanAt(utc: number): Span {
    const index = this.#keptBeyond(utc);
    const kept = this.#spans[index];
    if (kept && kept.from <= utc) return kept;
    const state = this.stateAt(utc);
    const span = {
      from: utc,
      value: state === 'unknown' ? null : state === 'on',
      until: this.nextChange(utc)?.at ?? null,
    };
    // It may be the earlier part of a stretch that is known.
    this.#spans.splice(index, kept && kept.until === span.until ? 1 : 0, span);
    if (this.#spans.length > KEPT_SPANS) this.#spans.splice(index > 0 ? 0 : -1, 1);
    return span;
  }

  /** Index of the first stretch that is known to end after `utc`. */
  #keptBeyond(utc: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]!.until ?? Number.POSITIVE_INFINITY) > utc) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The first instant after `utc` with another state, null when there is none for the next nine years. */
  nextChange(utc: number): Change | null {
    const before = this.stateAt(utc);
    let stride = FIRST_STRIDE_MS;
    for (let from = utc; from < utc + HORIZON_MS; from += stride, stride = longer(stride)) {
      for (const at of this.#candidates(from, from + stride)) {
        const state = this.stateAt(at);
        if (state !== before) return { at, state };
      }
    }
    return null;
  }

  /** The instant since which the state has been what it is at `utc`, null when it was so for nine years. */
  since(utc: number): number | null {
    const now = this.stateAt(utc);
    let stride = FIRST_STRIDE_MS;
    for (let until = utc; until > utc - HORIZON_MS; until -= stride, stride = longer(stride)) {
      for (const at of this.#candidates(until - stride, until).reverse())
        if (this.stateAt(at - 1) !== now) return at;
    }
    return null;
  }

  /** Changes after `from` up to and with `until`, at most `most`. */
  changes(from: number, until: number, most: number): Change[] {
    const found: Change[] = [];
    for (let next = this.nextChange(from); next && next.at <= until && found.length < most; ) {
      found.push(next);
      next = this.nextChange(next.at);
    }
    return found;
  }

  /** Instants after `from` and up to `until` at which the state may change, in order. */
  #candidates(from: number, until: number): number[] {
    const { zone } = this.#site;
    const found = new Set<number>();
    const add = (at: number | null) => {
      if (at !== null && at > from && at <= until) found.add(at);
    };
    const first = Math.floor(from / DAY_MS) - REACH_DAYS - 1;
    const last = Math.floor(until / DAY_MS) + REACH_DAYS + 1;
    for (let day = first; day <= last; day++)
      for (const { start, end } of this.#intervals(day))
        for (const wall of [start, end]) for (const at of zone.instantsOf(wall)) add(at);
    for (let at = zone.nextTransition(from); at !== null && at <= until; at = zone.nextTransition(at))
      add(at);
    return [...found].sort((a, b) => a - b);
  }

  #intervals(day: number): readonly Interval[] {
    const known = this.#days.get(day);
    if (known) return known;
    if (this.#days.size >= KEPT_DAYS) this.#days.clear();
    const intervals = intervalsOf(this.#schedule, this.#site, day);
    this.#days.set(day, intervals);
    return intervals;
  }
}

const longer = (stride: number): number => Math.min(stride * 2, LAST_STRIDE_MS);
