/** An emulated gate: the chip with its firmware image and everything that is wired to it, in its own virtual time. */
import { Button } from './button.ts';
import { CHIP_HZ, Chip } from './chip.ts';
import { EEPROM_BYTES, Eeprom, type TornByte } from './eeprom.ts';
import type { Fuses } from './emulator-faults.ts';
import { imagePath, type Product, readImage } from './images.ts';
import type { HexImage } from './intel-hex.ts';
import { LED_PIN, type Led, ledBrightness } from './leds.ts';
import { seededRandom } from './random.ts';
import { RELAY_TIMES, Relay, type RelayFault, type RelayTimes } from './relay.ts';
import { SERVO_BUILD, Servo, type ServoBuild, type ServoFault } from './servo.ts';
import { brownOutVolts, SUPPLY_VOLTS, Supply } from './supply.ts';
import { Timeline } from './timeline.ts';
import { type Signal, Trace, type TraceEntry } from './trace.ts';
import { Wire } from './wire.ts';

export type Fault = RelayFault | ServoFault;
/** Faults a product can have. */
export const FAULTS: Readonly<Record<Product, readonly Fault[]>> = {
  'uno-relay': ['none', 'welded', 'open', 'miswired'],
  'uno-servo': ['none', 'jammed'],
};

export interface BoardOptions {
  readonly product: Product;
  /** Another image than the checked-in one of the product. */
  readonly image?: HexImage;
  /** An Optiboot-like image that runs before the firmware; the board then starts at its lowest address. */
  readonly bootloader?: HexImage;
  /** Fuse bytes; default: a stock Uno (low 0xFF, high 0xDE behind a bootloader else 0xDF, extended 0xFD: 2.7 V). */
  readonly fuses?: Partial<Fuses>;
  /** First content of the EEPROM, at most 1024 bytes; default erased. */
  readonly eeprom?: Uint8Array;
  /** Seed of all chance (bounce, memory after power-up, torn bytes); default 1. */
  readonly seed?: number;
  /** The supply is up from the beginning; default true. */
  readonly powered?: boolean;
  /** Arduino pins of named inputs; default `{ motion: 4 }`. They drive low until set. */
  readonly inputs?: Readonly<Record<string, number>>;
  readonly relay?: Partial<RelayTimes>;
  readonly servo?: Partial<ServoBuild>;
  /** Longest bounce of the button in ms; default 5; 0: clean edges. */
  readonly bounceMs?: number;
  /** From the end of a reset to the first instruction, ms; default 65 as the fuses of an Uno say. */
  readonly startupMs?: number;
  /** Oscillator of the watchdog; default 128000 Hz. */
  readonly watchdogHz?: number;
  /** Trace entries kept in `trace`; default 100000; 0: none. */
  readonly traceLimit?: number;
}

const PIN = { button: 2, actuator: 7, servoSignal: 9, sense: 14 } as const;
const STOCK_FUSES = { low: 0xff, high: 0xdf, extended: 0xfd };
/** BOOTRST programmed. */
const BOOTLOADER_HIGH_FUSE = 0xde;
const CYCLES_PER_MS = CHIP_HZ / 1000;
const CYCLES_PER_US = CHIP_HZ / 1_000_000;
const DEFAULT_BOUNCE_MS = 5;
const DEFAULT_STARTUP_MS = 65;
const DEFAULT_WATCHDOG_HZ = 128_000;
const DEFAULT_TRACE = 100_000;
const DEFAULT_STEP_MS = 0.1;
const RESET_PULSE_MS = 1;
const ANALOG_VOLTS = 5;

export class Board {
  readonly product: Product;
  /** Program memory in words; a test may patch it at any time. */
  readonly flash: Uint16Array;
  readonly eeprom: Eeprom;
  readonly wire: Wire;
  readonly #timeline = new Timeline();
  readonly #chip: Chip;
  readonly #supply: Supply;
  readonly #button: Button;
  readonly #relay: Relay | null;
  readonly #servo: Servo | null;
  readonly #trace: Trace;
  readonly #inputs: Readonly<Record<string, number>>;
  #cyclesPerUs = CYCLES_PER_US;
  #anchorCycle = 0;
  #anchorUs = 0;

  /** Throws `Error` when the image is missing. */
  constructor(options: BoardOptions) {
    const { product, bootloader } = options;
    const random = seededRandom(options.seed ?? 1);
    const image = options.image ?? readImage(imagePath(product));
    const bytes = image.bytes.slice();
    if (bootloader) bytes.set(bootloader.bytes.subarray(bootloader.start, bootloader.end), bootloader.start);
    this.product = product;
    this.flash = new Uint16Array(bytes.buffer);
    this.#trace = new Trace(options.traceLimit ?? DEFAULT_TRACE);
    this.#inputs = options.inputs ?? { motion: 4 };
    const fuses: Fuses = {
      ...STOCK_FUSES,
      ...(bootloader ? { high: BOOTLOADER_HIGH_FUSE } : {}),
      ...options.fuses,
    };
    const now = () => this.#chip?.cycles ?? 0;
    this.eeprom = new Eeprom(this.#timeline, random, CYCLES_PER_MS);
    if (options.eeprom) this.eeprom.bytes.set(options.eeprom.subarray(0, EEPROM_BYTES));
    this.#relay =
      product === 'uno-relay'
        ? new Relay(this.#timeline, now, CYCLES_PER_MS, { ...RELAY_TIMES, ...options.relay })
        : null;
    this.#servo =
      product === 'uno-servo'
        ? new Servo(this.#timeline, now, CYCLES_PER_MS, { ...SERVO_BUILD, ...options.servo })
        : null;
    this.#chip = new Chip({
      flash: this.flash,
      resetVector: bootloader ? bootloader.start / 2 : 0,
      fuses,
      startupCycles: (options.startupMs ?? DEFAULT_STARTUP_MS) * CYCLES_PER_MS,
      cyclesPerWatchdogTick: CHIP_HZ / (options.watchdogHz ?? DEFAULT_WATCHDOG_HZ),
      eeprom: this.eeprom,
      timeline: this.#timeline,
      random,
      onOutput: () => this.#outputsChanged(),
      onTransmit: (byte, baud) => this.wire.transmitted(byte, baud),
    });
    this.wire = new Wire(this.#chip, this.#timeline, random, () => this.#cyclesPerUs);
    this.#supply = new Supply(
      this.#chip,
      this.eeprom,
      this.#timeline,
      CYCLES_PER_MS,
      brownOutVolts(fuses.extended),
      () => this.#outputsChanged(),
    );
    const bounce = (options.bounceMs ?? DEFAULT_BOUNCE_MS) * CYCLES_PER_MS;
    this.#button = new Button(this.#timeline, now, bounce, random);
    this.#button.onContact = (closed) => this.#chip.drive(PIN.button, closed ? 'low' : 'float');
    const actuator = this.#relay ?? this.#servo!;
    actuator.onContact = (hears) => this.#contactMoved(hears);
    if (this.#servo) this.#servo.onCommand = (open) => this.#note('actuator', open);
    for (const name of Object.keys(this.#inputs)) this.input(name, 0);
    this.#contactMoved(false);
    if (options.powered ?? true) this.power(true);
  }

  /** Board time in µs: virtual, and what a wall clock would show if the board were real. */
  get timeUs(): number {
    return this.#anchorUs + (this.#chip.cycles - this.#anchorCycle) / this.#cyclesPerUs;
  }

  get timeMs(): number {
    return this.timeUs / 1000;
  }

  /** Chip cycles since the board was made. */
  get cycles(): number {
    return this.#chip.cycles;
  }

  /** Part of these that the chip slept. */
  get sleptCycles(): number {
    return this.#chip.sleptCycles;
  }

  /** Instructions are being executed: powered, not in reset, start-up delay over. */
  get running(): boolean {
    return this.#chip.running;
  }

  /** How often the chip has started from its reset vector. */
  get starts(): number {
    return this.#chip.starts;
  }

  /** Word address of the next instruction. */
  get pc(): number {
    return this.#chip.pc;
  }

  /** Supply in volts. */
  get volts(): number {
    return this.#supply.volts;
  }

  /** Edges so far, oldest first. */
  get trace(): readonly TraceEntry[] {
    return this.#trace.entries;
  }

  /** Hears every edge as it happens. Returns how to stop. */
  onTrace(listener: (entry: TraceEntry) => void): () => void {
    return this.#trace.onEntry(listener);
  }

  /** Present level of a traced signal. `contact` 1: the speaker hears. */
  level(signal: Signal): 0 | 1 {
    return this.#trace.level(signal);
  }

  /** Brightness of an LED from 0 to 1. */
  brightness(led: Led): number {
    return ledBrightness(led, this.#chip.data, this.#chip.output(LED_PIN[led]));
  }

  /** Where the servo's arm is, in µs of pulse; null on a relay board. */
  get servoPositionUs(): number | null {
    return this.#servo?.positionUs ?? null;
  }

  /** What the chip drives on an Arduino pin (14 is A0): 0, 1, or null while it floats. */
  pin(pin: number): 0 | 1 | null {
    return this.#chip.output(pin);
  }

  /** A copy of data space from `address` (SRAM begins at 0x100). */
  sram(address: number, length: number): Uint8Array {
    return this.#chip.data.slice(address, address + length);
  }

  /** Lets `ms` of board time pass. */
  runFor(ms: number): void {
    this.runCycles(ms * 1000 * this.#cyclesPerUs);
  }

  /** Lets a number of chip cycles pass (to the end of the instruction in which they end). */
  runCycles(cycles: number): void {
    this.#chip.runTo(Math.round(this.#chip.cycles + cycles));
  }

  /**
   * Runs until the predicate holds, looked at every `stepMs` (default 0.1), or `withinMs` have passed.
   * True when it held.
   */
  runUntil(predicate: () => boolean, withinMs: number, stepMs = DEFAULT_STEP_MS): boolean {
    const end = this.timeMs + withinMs;
    while (!predicate()) {
      const left = end - this.timeMs;
      if (left <= 0) return false;
      this.runFor(Math.min(stepMs, left));
    }
    return true;
  }

  /** Does something after `ms` of board time. */
  after(ms: number, action: () => void): void {
    this.#timeline.at(this.#chip.cycles + ms * 1000 * this.#cyclesPerUs, action);
  }

  /** The button goes down now and comes up `ms` later; returns at once. */
  press(ms: number): void {
    this.buttonDown();
    this.after(ms, () => this.buttonUp());
  }

  buttonDown(): void {
    this.#button.set(true);
  }

  buttonUp(): void {
    this.#button.set(false);
  }

  /** Cuts or restores the supply at once. */
  power(on: boolean): void {
    this.#supply.set(on ? SUPPLY_VOLTS : 0);
  }

  /** Moves the supply evenly to a voltage over a time. */
  ramp(volts: number, overMs: number): void {
    this.#supply.ramp(volts, overMs);
  }

  /** Pulls the reset pin for 1 ms, as opening the port of most boards does. */
  reset(): void {
    this.#supply.resetPin(true);
    this.after(RESET_PULSE_MS, () => this.#supply.resetPin(false));
  }

  /** Holds or lets go of the reset pin. */
  holdReset(pulled: boolean): void {
    this.#supply.resetPin(pulled);
  }

  /** Breaks the actuator; `none` repairs it. Throws `RangeError` when the product cannot have this fault. */
  fault(fault: Fault): void {
    if (!FAULTS[this.product].includes(fault)) {
      throw new RangeError(
        `${this.product} has no fault '${fault}', only ${FAULTS[this.product].join(', ')}`,
      );
    }
    this.#relay?.fault(fault as RelayFault);
    this.#servo?.fault(fault as ServoFault);
  }

  /** Drives a named input. Throws `RangeError` when there is none of that name. */
  input(name: string, level: 0 | 1): void {
    const pin = this.#inputs[name];
    if (pin === undefined) {
      throw new RangeError(`no input '${name}', only ${Object.keys(this.#inputs).join(', ') || 'none'}`);
    }
    this.#chip.drive(pin, level ? 'high' : 'low');
    if (pin >= PIN.sense) this.#chip.analog(pin - PIN.sense, level * ANALOG_VOLTS);
  }

  /** Sets the voltage that the ADC reads on an analog pin (1 is A1). */
  analog(channel: number, volts: number): void {
    this.#chip.analog(channel, volts);
  }

  /** Puts bytes on the wire to the chip, 86.8 µs each; they are lost while it is not running. */
  send(bytes: Uint8Array): void {
    this.wire.send(bytes);
  }

  /** Hears every byte of the chip. Returns how to stop. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    return this.wire.onBytes(listener);
  }

  /** Makes the chip's crystal fast (above 0) or slow against board time, from now on. */
  setClockError(ppm: number): void {
    this.#anchorUs = this.timeUs;
    this.#anchorCycle = this.#chip.cycles;
    this.#cyclesPerUs = CYCLES_PER_US * (1 + ppm / 1_000_000);
  }

  /** What a power cut leaves of an EEPROM byte being written; default chance. */
  setTornByte(torn: TornByte): void {
    this.eeprom.torn = torn;
  }

  #contactMoved(hears: boolean): void {
    this.#note('contact', hears);
    // A servo's switch is to ground when closed and leaves the rest to the pull-up; a relay's load side is driven.
    const drive = hears ? (this.#servo ? 'float' : 'high') : 'low';
    this.#chip.drive(PIN.sense, drive);
    this.#chip.analog(0, hears ? ANALOG_VOLTS : 0);
  }

  #outputsChanged(): void {
    const chip = this.#chip as Chip | undefined;
    if (!chip || !this.#supply) return;
    const { volts } = this.#supply;
    const actuator = chip.output(PIN.actuator) === 1;
    if (this.#relay) {
      this.#note('actuator', actuator);
      this.#relay.drive(actuator, volts);
    } else {
      this.#servo!.drive(actuator, chip.output(PIN.servoSignal) === 1, volts);
    }
    this.#note('red', this.brightness('red') > 0);
    this.#note('green', this.brightness('green') > 0);
  }

  #note(signal: Signal, level: boolean): void {
    this.#trace.set(signal, level ? 1 : 0, () => this.timeUs);
  }
}
