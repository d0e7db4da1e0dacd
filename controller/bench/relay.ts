/** A relay whose contact gives the speaker its hearing. Times and faults of the real part; pure but for its timeline. */
import type { Cancel, Timeline } from './timeline.ts';

/** `welded` keeps the contact closed once it is; `open` never closes; `miswired` uses the normally-closed side. */
export type RelayFault = 'none' | 'welded' | 'open' | 'miswired';

export interface RelayTimes {
  /** From coil on to contact closed, ms. */
  readonly operateMs: number;
  /** From coil off to contact open, ms. */
  readonly releaseMs: number;
}

/** SRD-05VDC with a diode across the coil, typical. */
export const RELAY_TIMES: RelayTimes = { operateMs: 7, releaseMs: 4 };
/** Supply at which a resting armature is pulled in, and down to which a pulled one is held. */
const PULL_IN_VOLTS = 3.75;
const HOLD_VOLTS = 0.77;

export class Relay {
  /** The contact has moved; true: the speaker hears. */
  onContact: (hears: boolean) => void = () => {};
  readonly #timeline: Timeline;
  readonly #now: () => number;
  readonly #cyclesPerMs: number;
  readonly #times: RelayTimes;
  #fault: RelayFault = 'none';
  #coil = false;
  #pulled = false;
  #hears = false;
  #cancel: Cancel = () => {};

  constructor(timeline: Timeline, now: () => number, cyclesPerMs: number, times: RelayTimes) {
    this.#timeline = timeline;
    this.#now = now;
    this.#cyclesPerMs = cyclesPerMs;
    this.#times = times;
  }

  get hears(): boolean {
    return this.#hears;
  }

  /** Sets the driver transistor and the supply behind the coil. */
  drive(on: boolean, volts: number): void {
    const coil = on && volts >= (this.#coil ? HOLD_VOLTS : PULL_IN_VOLTS);
    if (coil === this.#coil) return;
    this.#coil = coil;
    this.#cancel();
    if (coil === this.#pulled) return;
    const ms = coil ? this.#times.operateMs : this.#times.releaseMs;
    this.#cancel = this.#timeline.at(this.#now() + ms * this.#cyclesPerMs, () => {
      this.#pulled = coil;
      this.#settle();
    });
  }

  /** Breaks or repairs the relay; a repaired contact follows its armature at once. */
  fault(fault: RelayFault): void {
    this.#fault = fault;
    this.#settle();
  }

  #settle(): void {
    const hears = this.#contact();
    if (hears === this.#hears) return;
    this.#hears = hears;
    this.onContact(hears);
  }

  #contact(): boolean {
    switch (this.#fault) {
      case 'none':
        return this.#pulled;
      case 'welded':
        return this.#hears || this.#pulled;
      case 'open':
        return false;
      case 'miswired':
        return !this.#pulled;
    }
  }
}
