/** An emulated gate: the chip with its firmware image and everything that is wired to it, in its own virtual time. */
import { type BoardChip, CHIP_HZ, Chip, type ChipOptions } from './chip.ts';
import { EEPROM_BYTES, Eeprom, type TornByte } from './eeprom.ts';
import type { Fuses } from './emulator-faults.ts';
import { imagePath, type Product, readImage } from './images.ts';
import { FLASH_BYTES, type HexImage } from './intel-hex.ts';
import type { Led } from './leds.ts';
import { seededRandom } from './random.ts';
import { brownOutVolts, SUPPLY_VOLTS, Supply } from './supply.ts';
import { Timeline } from './timeline.ts';
import { type Signal, Trace, type TraceEntry } from './trace.ts';
import { Wire } from './wire.ts';
import { type Fault, Wiring, type WiringOptions } from './wiring.ts';

export interface BoardOptions extends WiringOptions {
  /** What stands in for the chip and its image; default: an emulated ATmega328P. */
  readonly chip?: (options: ChipOptions) => BoardChip;
  /** Another image than the checked-in one of the product. */
  readonly image?: HexImage;
  /** An Optiboot-like image (`readBootloader`) that runs before the firmware: the board starts at its lowest address. */
  readonly bootloader?: HexImage;
  /** Fuse bytes; default: a stock Uno (low 0xFF, high 0xDE behind a bootloader else 0xDF, extended 0xFD: 2.7 V). */
  readonly fuses?: Partial<Fuses>;
  /** First content of the EEPROM, at most 1024 bytes; default erased. */
  readonly eeprom?: Uint8Array;
  /** Seed of all chance (bounce, memory after power-up, torn bytes); default 1. */
  readonly seed?: number;
  /** The supply is up from the beginning; default true. */
  readonly powered?: boolean;
  /** From the end of a reset to the first instruction, ms; default 65 as the fuses of an Uno say. */
  readonly startupMs?: number;
  /** Trace entries kept in `trace`; default 100000; 0: none. */
  readonly traceLimit?: number;
}

const STOCK_FUSES = { low: 0xff, high: 0xdf, extended: 0xfd };
/** BOOTRST programmed. */
const BOOTLOADER_HIGH_FUSE = 0xde;
const CYCLES_PER_MS = CHIP_HZ / 1000;
const CYCLES_PER_US = CHIP_HZ / 1_000_000;
const DEFAULT_STARTUP_MS = 65;
const WATCHDOG_HZ = 128_000;
const DEFAULT_TRACE = 100_000;
const DEFAULT_STEP_MS = 0.1;
const RESET_PULSE_MS = 1;

/** Time passes only in `runFor`, `runCycles` and `runUntil`; everything else acts at the present instant of the board. */
export class Board {
  readonly product: Product;
  /** Program memory in words; a test may patch it at any time. */
  readonly flash: Uint16Array;
  readonly eeprom: Eeprom;
  readonly wire: Wire;
  /** Called before anything outside of the board is changed: a pacer brings its time up to the present. */
  beforeTouch: () => void = () => {};
  readonly #timeline = new Timeline();
  readonly #chip: BoardChip;
  readonly #supply: Supply;
  readonly #wiring: Wiring;
  readonly #trace: Trace;
  #cyclesPerUs = CYCLES_PER_US;
  #anchorCycle = 0;
  #anchorUs = 0;

  /** Throws `Error` when the image is missing. */
  constructor(options: BoardOptions) {
    const { product, bootloader } = options;
    const random = seededRandom(options.seed ?? 1);
    const image = options.image ?? readImage(imagePath(product));
    const bytes = new Uint8Array(bootloader && bootloader.end > FLASH_BYTES ? 2 * FLASH_BYTES : FLASH_BYTES);
    bytes.fill(0xff).set(image.bytes);
    if (bootloader) bytes.set(bootloader.bytes.subarray(bootloader.start, bootloader.end), bootloader.start);
    this.product = product;
    this.flash = new Uint16Array(bytes.buffer);
    this.#trace = new Trace(options.traceLimit ?? DEFAULT_TRACE);
    const fuses: Fuses = {
      ...STOCK_FUSES,
      ...(bootloader ? { high: BOOTLOADER_HIGH_FUSE } : {}),
      ...options.fuses,
    };
    this.eeprom = new Eeprom(this.#timeline, random, CYCLES_PER_MS);
    if (options.eeprom) this.eeprom.bytes.set(options.eeprom.subarray(0, EEPROM_BYTES));
    const time = {
      timeline: this.#timeline,
      cycles: () => this.#chip.cycles,
      cyclesPerMs: CYCLES_PER_MS,
      us: () => this.timeUs,
    };
    this.#wiring = new Wiring(options, time, this.#trace, random);
    const makeChip = options.chip ?? ((parts: ChipOptions) => new Chip(parts));
    this.#chip = makeChip({
      flash: this.flash,
      resetVector: bootloader ? bootloader.start / 2 : 0,
      fuses,
      startupCycles: (options.startupMs ?? DEFAULT_STARTUP_MS) * CYCLES_PER_MS,
      cyclesPerWatchdogTick: CHIP_HZ / WATCHDOG_HZ,
      eeprom: this.eeprom,
      timeline: this.#timeline,
      random,
      onOutput: () => this.#wiring.outputsChanged(),
      onTransmit: (byte, baud) => this.wire.transmitted(byte, baud),
    });
    this.wire = new Wire(this.#chip, this.#timeline, random, () => this.#cyclesPerUs);
    this.#supply = new Supply(
      this.#chip,
      this.eeprom,
      this.#timeline,
      CYCLES_PER_MS,
      brownOutVolts(fuses.extended),
      (volts) => this.#wiring.supply(volts),
    );
    this.#wiring.connect(this.#chip);
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
    return this.#wiring.brightness(led);
  }

  /** Where the servo's arm is, in µs of pulse; null on a relay board. */
  get servoPositionUs(): number | null {
    return this.#wiring.servoPositionUs;
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
      // Less than a cycle would never pass.
      if (left * 1000 * this.#cyclesPerUs < 1) return false;
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

  /** The finger goes down, with its bounce. */
  buttonDown(): void {
    this.beforeTouch();
    this.#wiring.button.set(true);
  }

  /** The finger goes up, with its bounce. */
  buttonUp(): void {
    this.beforeTouch();
    this.#wiring.button.set(false);
  }

  /** Cuts or restores the supply at once. */
  power(on: boolean): void {
    this.beforeTouch();
    this.#supply.set(on ? SUPPLY_VOLTS : 0);
  }

  /** Moves the supply evenly to a voltage over a time. */
  ramp(volts: number, overMs: number): void {
    this.beforeTouch();
    this.#supply.ramp(volts, overMs);
  }

  /** Pulls the reset pin for 1 ms, as opening the port of most boards does. */
  reset(): void {
    this.beforeTouch();
    this.#supply.resetPin(true);
    this.after(RESET_PULSE_MS, () => this.#supply.resetPin(false));
  }

  /** Breaks the actuator; `none` repairs it. Throws `RangeError` when the product cannot have this fault. */
  fault(fault: Fault): void {
    this.beforeTouch();
    this.#wiring.fault(fault);
  }

  /** Drives a named input. Throws `RangeError` when there is none of that name. */
  input(name: string, level: 0 | 1): void {
    this.beforeTouch();
    this.#wiring.input(name, level);
  }

  /** Sets the voltage that the ADC reads on an analog pin (1 is A1). */
  analog(channel: number, volts: number): void {
    this.#chip.analog(channel, volts);
  }

  /** Puts bytes on the wire to the chip, 86.8 µs each; they are lost while it is not running. */
  send(bytes: Uint8Array): void {
    this.beforeTouch();
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
}
