/** What is wired to the pins of a gate's chip, and how each moves the others. */
import { Button } from './button.ts';
import type { BoardChip } from './chip.ts';
import type { Product } from './images.ts';
import type { Led } from './leds.ts';
import type { Random } from './random.ts';
import { RELAY_TIMES, Relay, type RelayFault, type RelayTimes } from './relay.ts';
import { SERVO_BUILD, Servo, type ServoBuild, type ServoFault } from './servo.ts';
import type { Timeline } from './timeline.ts';
import type { Signal, Trace } from './trace.ts';

export type Fault = RelayFault | ServoFault;
/** Faults a product can have. */
export const FAULTS: Readonly<Record<Product, readonly Fault[]>> = {
  'uno-relay': ['none', 'welded', 'open', 'miswired'],
  'uno-servo': ['none', 'jammed'],
};

export interface WiringOptions {
  readonly product: Product;
  /** Arduino pins of named inputs; default `{ motion: 4 }`. They drive low until set. */
  readonly inputs?: Readonly<Record<string, number>>;
  /** Arduino pins of named lamps, to be traced; default none. */
  readonly lamps?: Readonly<Record<string, number>>;
  readonly relay?: Partial<RelayTimes>;
  readonly servo?: Partial<ServoBuild>;
  /** Longest bounce of the button in ms; default 5; 0: clean edges. */
  readonly bounceMs?: number;
}

/** Arduino pins; 14 is A0. */
const PIN = { button: 2, actuator: 7, servoSignal: 9, sense: 14 } as const;
const DEFAULT_INPUTS: Readonly<Record<string, number>> = { motion: 4 };
const DEFAULT_BOUNCE_MS = 5;
const ANALOG_VOLTS = 5;

/** Where the time of a board comes from. */
export interface BoardTime {
  readonly timeline: Timeline;
  readonly cycles: () => number;
  readonly cyclesPerMs: number;
  /** Board time in µs. */
  readonly us: () => number;
}

export class Wiring {
  readonly button: Button;
  readonly #options: WiringOptions;
  readonly #inputs: Readonly<Record<string, number>>;
  readonly #lamps: readonly (readonly [string, number])[];
  readonly #time: BoardTime;
  readonly #trace: Trace;
  readonly #relay: Relay | null = null;
  readonly #servo: Servo | null = null;
  #chip: BoardChip | null = null;
  #volts = 0;

  constructor(options: WiringOptions, time: BoardTime, trace: Trace, random: Random) {
    const { timeline, cycles, cyclesPerMs } = time;
    this.#options = options;
    this.#inputs = options.inputs ?? DEFAULT_INPUTS;
    this.#lamps = Object.entries(options.lamps ?? {});
    this.#time = time;
    this.#trace = trace;
    const bounce = (options.bounceMs ?? DEFAULT_BOUNCE_MS) * cyclesPerMs;
    this.button = new Button(timeline, cycles, bounce, random);
    this.button.onContact = (closed) => this.#chip?.drive(PIN.button, closed ? 'low' : 'float');
    if (options.product === 'uno-relay') {
      this.#relay = new Relay(timeline, cycles, cyclesPerMs, { ...RELAY_TIMES, ...options.relay });
      this.#relay.onContact = (hears) => this.#contactMoved(hears);
    } else {
      this.#servo = new Servo(timeline, cycles, cyclesPerMs, { ...SERVO_BUILD, ...options.servo });
      this.#servo.onContact = (hears) => this.#contactMoved(hears);
      this.#servo.onCommand = (open) => this.#note('actuator', open);
    }
  }

  /** Where the servo's arm is, in µs of pulse; null on a relay board. */
  get servoPositionUs(): number | null {
    return this.#servo?.positionUs ?? null;
  }

  /** Solders the chip in. */
  connect(chip: BoardChip): void {
    this.#chip = chip;
    for (const name of Object.keys(this.#inputs)) this.input(name, 0);
    this.#contactMoved(false);
  }

  /** The supply has changed. */
  supply(volts: number): void {
    this.#volts = volts;
    this.outputsChanged();
  }

  /** What the chip drives may have changed. */
  outputsChanged(): void {
    const chip = this.#chip;
    if (!chip) return;
    const actuator = chip.output(PIN.actuator) === 1;
    if (this.#relay) {
      this.#note('actuator', actuator);
      this.#relay.drive(actuator, this.#volts);
    } else {
      this.#servo!.drive(actuator, chip.output(PIN.servoSignal) === 1, this.#volts);
    }
    this.#note('red', this.brightness('red') > 0);
    this.#note('green', this.brightness('green') > 0);
    for (const [lamp, pin] of this.#lamps) this.#note(`lamp:${lamp}`, chip.output(pin) === 1);
  }

  /** From 0 to 1. */
  brightness(led: Led): number {
    return this.#chip?.brightness(led) ?? 0;
  }

  /** Throws `RangeError` when the product cannot have this fault. */
  fault(fault: Fault): void {
    const { product } = this.#options;
    if (!FAULTS[product].includes(fault)) {
      throw new RangeError(`${product} has no fault '${fault}', only ${FAULTS[product].join(', ')}`);
    }
    this.#relay?.fault(fault as RelayFault);
    this.#servo?.fault(fault as ServoFault);
  }

  /** Throws `RangeError` when there is no input of that name. */
  input(name: string, level: 0 | 1): void {
    const pin = this.#inputs[name];
    if (pin === undefined) {
      throw new RangeError(`no input '${name}', only ${Object.keys(this.#inputs).join(', ') || 'none'}`);
    }
    this.#chip?.drive(pin, level ? 'high' : 'low');
    if (pin >= PIN.sense) this.#chip?.analog(pin - PIN.sense, level * ANALOG_VOLTS);
  }

  #contactMoved(hears: boolean): void {
    this.#note('contact', hears);
    // A servo's switch is to ground when closed and leaves the rest to the pull-up; a relay's load side is driven.
    this.#chip?.drive(PIN.sense, hears ? (this.#servo ? 'float' : 'high') : 'low');
    this.#chip?.analog(0, hears ? ANALOG_VOLTS : 0);
  }

  #note(signal: Signal, level: boolean): void {
    this.#trace.set(signal, level ? 1 : 0, this.#time.us);
  }
}
