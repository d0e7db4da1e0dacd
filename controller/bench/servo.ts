/** A hobby servo that moves a shutter or a slide switch. It keeps its place without power. */
import type { Timeline } from './timeline.ts';

export type ServoFault = 'none' | 'jammed';

export interface ServoBuild {
  /** Pulse in µs at which the shutter is closed (the speaker is deaf), and at which it is fully open. */
  readonly closedUs: number;
  readonly openUs: number;
  /** Speed, in µs of pulse width per ms. */
  readonly usPerMs: number;
  /** A spring or a capacitor closes it when the supply fails. */
  readonly storedEnergy: boolean;
}

/** SG90 class: the whole way in 250 ms. */
export const SERVO_BUILD: ServoBuild = { closedUs: 1000, openUs: 2000, usPerMs: 4, storedEnergy: false };

/** Part of the way that still counts as closed. */
const CLOSED_PART = 0.05;
const SHORTEST_PULSE_US = 400;
const LONGEST_PULSE_US = 2600;
/** Without a pulse for this long the motor lets go where it is. */
const PULSE_TIMEOUT_MS = 50;
/** Below this the servo has no force. */
const WORKING_VOLTS = 3.5;
const STEP_MS = 1;

export class Servo {
  /** The shutter has left or reached its closed end; true: the speaker hears. */
  onContact: (hears: boolean) => void = () => {};
  /** What is commanded has changed: powered, with a pulse nearer to open than to closed. */
  onCommand: (open: boolean) => void = () => {};
  readonly #timeline: Timeline;
  readonly #now: () => number;
  readonly #cyclesPerMs: number;
  readonly #build: ServoBuild;
  #positionUs: number;
  #targetUs: number | null = null;
  #powered = false;
  #volts = 0;
  #stored = false;
  #jammed = false;
  #signal = false;
  #rose = 0;
  #lastPulse = Number.NEGATIVE_INFINITY;
  #moving = false;
  #hears = false;
  #open = false;

  constructor(timeline: Timeline, now: () => number, cyclesPerMs: number, build: ServoBuild) {
    this.#timeline = timeline;
    this.#now = now;
    this.#cyclesPerMs = cyclesPerMs;
    this.#build = build;
    this.#positionUs = build.closedUs;
  }

  get hears(): boolean {
    return this.#hears;
  }

  /** Where the arm is, as the pulse in µs that would hold it there. */
  get positionUs(): number {
    return this.#positionUs;
  }

  /** Sets the supply transistor, the signal pin and the supply. */
  drive(power: boolean, signal: boolean, volts: number): void {
    const now = this.#now();
    const charged = this.#volts >= WORKING_VOLTS;
    this.#volts = volts;
    this.#powered = power && volts >= WORKING_VOLTS;
    if (charged && volts < WORKING_VOLTS && this.#build.storedEnergy) this.#stored = true;
    if (volts >= WORKING_VOLTS) this.#stored = false;
    if (signal !== this.#signal) {
      this.#signal = signal;
      if (signal) this.#rose = now;
      else this.#pulse(((now - this.#rose) * 1000) / this.#cyclesPerMs);
    }
    if (!this.#powered) this.#targetUs = null;
    this.#command();
    this.#startMoving();
  }

  /** Breaks or repairs the servo. */
  fault(fault: ServoFault): void {
    this.#jammed = fault === 'jammed';
  }

  #pulse(widthUs: number): void {
    if (!this.#powered || widthUs < SHORTEST_PULSE_US || widthUs > LONGEST_PULSE_US) return;
    this.#targetUs = widthUs;
    this.#lastPulse = this.#now();
  }

  #command(): void {
    const { closedUs, openUs } = this.#build;
    const target = this.#targetUs;
    const open = target !== null && Math.abs(target - openUs) < Math.abs(target - closedUs);
    if (open === this.#open) return;
    this.#open = open;
    this.onCommand(open);
  }

  #goal(): number | null {
    return this.#stored ? this.#build.closedUs : this.#targetUs;
  }

  #startMoving(): void {
    if (this.#moving || this.#goal() === null) return;
    this.#moving = true;
    this.#timeline.at(this.#now() + STEP_MS * this.#cyclesPerMs, () => this.#step());
  }

  #step(): void {
    this.#moving = false;
    if (this.#now() - this.#lastPulse > PULSE_TIMEOUT_MS * this.#cyclesPerMs) {
      this.#targetUs = null;
      this.#command();
    }
    const goal = this.#goal();
    if (goal === null) return;
    const way = this.#jammed ? 0 : goal - this.#positionUs;
    const most = this.#build.usPerMs * STEP_MS;
    this.#positionUs += Math.abs(way) <= most ? way : Math.sign(way) * most;
    const { closedUs, openUs } = this.#build;
    const hears = Math.abs(this.#positionUs - closedUs) > Math.abs(openUs - closedUs) * CLOSED_PART;
    if (hears !== this.#hears) {
      this.#hears = hears;
      this.onContact(hears);
    }
    this.#startMoving();
  }
}
