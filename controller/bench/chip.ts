/** One ATmega328P: what survives which reset, when it runs, and how it meets the world outside of its pins. */
import { AVRADC, AVRTimer, adcConfig, CPU, timer0Config, timer1Config, timer2Config } from 'avr8js';
import type { Eeprom } from './eeprom.ts';
import {
  answerFuseReads,
  type Drive,
  type Fuses,
  InputPins,
  lazyTimer,
  protectFlags,
} from './emulator-faults.ts';
import { type Execution, execute } from './instructions.ts';
import { LED_PIN, type Led, ledBrightness } from './leds.ts';
import { type Random, randomByte } from './random.ts';
import type { Timeline } from './timeline.ts';
import { Usart } from './usart.ts';
import { attachWatchdog } from './watchdog.ts';

// Globals are slow to look up where modules run in a context of their own, as in tests.
const { max, min } = Math;
const NEVER = Number.POSITIVE_INFINITY;

/** Crystal of an Uno or Nano. */
export const CHIP_HZ = 16_000_000;
/** Bytes of SRAM; in `Chip.data` they lie from 0x100 on. */
const SRAM_BYTES = 2048;
const SRAM_START = 0x100;
const GENERAL_REGISTERS = 32;
const PIN_COUNT = 20;

/** Flags of MCUSR, by what caused a reset. */
export const RESET_FLAG = { powerOn: 0x01, external: 0x02, brownOut: 0x04, watchdog: 0x08 } as const;
const MCUSR = 0x54;
/** TCCR2A, OCR2A, OCR2B. */
const LED_DIMMING = [0xb0, 0xb3, 0xb4];

/** What a board needs of its chip: another program than an image can stand in for it. */
export type BoardChip = Pick<
  Chip,
  | 'cycles'
  | 'sleptCycles'
  | 'running'
  | 'starts'
  | 'data'
  | 'pc'
  | 'baud'
  | 'receive'
  | 'output'
  | 'brightness'
  | 'drive'
  | 'analog'
  | 'hold'
  | 'release'
  | 'loseMemory'
  | 'runTo'
>;

export interface ChipOptions {
  readonly flash: Uint16Array;
  /** Word address at which it starts: 0, or that of a bootloader. */
  readonly resetVector: number;
  readonly fuses: Fuses;
  /** Time from the end of a reset to the first instruction, in cycles. */
  readonly startupCycles: number;
  /** CPU cycles per tick of the watchdog's oscillator. */
  readonly cyclesPerWatchdogTick: number;
  readonly eeprom: Eeprom;
  readonly timeline: Timeline;
  readonly random: Random;
  /** A pin, a pull-up or the dimming of an LED may have changed. */
  readonly onOutput: () => void;
  /** A byte has left the transmit pin, at this many bits per second. */
  readonly onTransmit: (byte: number, baud: number) => void;
}

/** Starts held, with chance in its memory. */
export class Chip {
  readonly #options: ChipOptions;
  readonly #drives: Drive[] = new Array<Drive>(PIN_COUNT).fill('float');
  readonly #volts = new Float64Array(8);
  readonly #execution: Execution = { limit: 0, asleep: false, slept: 0 };
  #cpu: CPU;
  #usart!: Usart;
  #pins!: InputPins;
  #adc!: AVRADC;
  #held = true;
  /** Cycle at which the start-up delay ends. */
  #starts = NEVER;
  #resetFlags = 0;
  #watchdogBit = false;
  #started = 0;

  constructor(options: ChipOptions) {
    this.#options = options;
    this.#cpu = new CPU(options.flash, SRAM_BYTES);
    this.#rebuild(0);
    this.loseMemory();
    options.timeline.onEarlier = (cycle) => {
      if (cycle < this.#execution.limit) this.#execution.limit = cycle;
    };
  }

  /** Cycles since the chip object was made; they go on while it is held or unpowered. */
  get cycles(): number {
    return this.#cpu.cycles;
  }

  /** Cycles of these that the running chip spent asleep. */
  get sleptCycles(): number {
    return this.#execution.slept;
  }

  /** Instructions are being executed: not held, not in the start-up delay. */
  get running(): boolean {
    return !this.#held && this.#cpu.cycles >= this.#starts;
  }

  /** How often the chip has begun to execute from its reset vector. */
  get starts(): number {
    return this.#started;
  }

  /** Registers and SRAM, as the data space of the chip addresses them. Another array after each reset. */
  get data(): Uint8Array {
    return this.#cpu.data;
  }

  get pc(): number {
    return this.#cpu.pc;
  }

  /** Speed at which its receiver listens, bits per second. */
  get baud(): number {
    return this.#usart.baud;
  }

  /** A byte reaches the receiver, well or badly framed. */
  receive(byte: number, framingError: boolean): void {
    this.#usart.receive(byte, framingError);
  }

  /** What the chip drives on an Arduino pin: 0, 1, or null while it floats. */
  output(pin: number): 0 | 1 | null {
    return this.#pins.output(pin);
  }

  /** Brightness of an LED from 0 to 1. */
  brightness(led: Led): number {
    return ledBrightness(led, this.#cpu.data, this.output(LED_PIN[led]));
  }

  /** Drives a pin from outside. */
  drive(pin: number, drive: Drive): void {
    if (this.#drives[pin] === drive) return;
    this.#drives[pin] = drive;
    this.#pins.refresh(pin);
  }

  /** Voltage on an analog channel (0 is A0); a pin driven with `drive` needs it too if it is read as analog. */
  analog(channel: number, volts: number): void {
    this.#volts[channel] = volts;
    this.#adc.channelValues[channel] = volts;
  }

  /** Stops the chip in reset; pins float until `release` and the start-up delay. */
  hold(): void {
    // What the program has not cleared of MCUSR is still there after the reset.
    if (this.running) this.#resetFlags = this.#cpu.data[MCUSR]!;
    this.#held = true;
    this.#starts = NEVER;
    this.#execution.limit = 0;
    this.#rebuild(0);
  }

  /** Ends the reset; `flags` are those of MCUSR it sets (a power-on clears the others). */
  release(flags: number): void {
    this.#held = false;
    this.#execution.limit = 0;
    if (flags & RESET_FLAG.powerOn) this.#resetFlags = 0;
    this.#resetFlags |= flags;
    this.#starts = this.#cpu.cycles + this.#options.startupCycles;
    this.#options.timeline.at(this.#starts, () => {
      if (this.#held || this.#cpu.cycles < this.#starts) return;
      this.#rebuild(this.#resetFlags);
      this.#started++;
    });
  }

  /** What a supply that is gone for good leaves: chance in registers and SRAM. */
  loseMemory(): void {
    const { data } = this.#cpu;
    const { random } = this.#options;
    for (let i = 0; i < GENERAL_REGISTERS; i++) data[i] = randomByte(random);
    for (let i = SRAM_START; i < data.length; i++) data[i] = randomByte(random);
    this.#resetFlags = 0;
  }

  /** Lets chip and world go on up to `target` cycles (the chip may end its last instruction after it). */
  runTo(target: number): void {
    const { timeline } = this.#options;
    timeline.run(this.#cpu.cycles);
    while (this.#cpu.cycles < target) {
      const limit = min(target, timeline.next);
      if (this.running) {
        this.#execution.limit = limit;
        execute(this.#cpu, this.#execution);
        if (this.#watchdogBit) this.#resetByWatchdog();
      } else {
        this.#cpu.cycles = max(limit, this.#cpu.cycles);
      }
      timeline.run(this.#cpu.cycles);
    }
  }

  #resetByWatchdog(): void {
    this.#watchdogBit = false;
    if (this.#held) return;
    this.hold();
    this.release(RESET_FLAG.watchdog);
  }

  /** A fresh CPU with fresh peripherals: all that a reset resets. Time, SRAM and general registers stay. */
  #rebuild(flags: number): void {
    const { flash, resetVector, eeprom, fuses, onOutput, onTransmit, cyclesPerWatchdogTick } = this.#options;
    const old = this.#cpu;
    const cpu = new CPU(flash, SRAM_BYTES);
    cpu.cycles = old.cycles;
    cpu.pc = resetVector;
    cpu.data.set(old.data.subarray(0, GENERAL_REGISTERS));
    cpu.data.set(old.data.subarray(SRAM_START), SRAM_START);
    cpu.data[MCUSR] = flags;
    this.#cpu = cpu;
    this.#execution.asleep = false;
    this.#pins = new InputPins(cpu, this.#drives, onOutput);
    for (const [config, drivesPins] of [
      [timer0Config, true],
      [timer1Config, true],
      // Timer 2 only dims LEDs; their level is read from its registers.
      [timer2Config, false],
    ] as const) {
      lazyTimer(cpu, new AVRTimer(cpu, config), config, drivesPins);
    }
    for (const address of LED_DIMMING) {
      const hook = cpu.writeHooks[address]!;
      cpu.writeHooks[address] = (value, before, at, mask) => {
        hook(value, before, at, mask);
        onOutput();
        return true;
      };
    }
    const adc = new AVRADC(cpu, adcConfig);
    this.#adc = adc;
    for (const [channel, volts] of this.#volts.entries()) adc.channelValues[channel] = volts;
    protectFlags(cpu);
    answerFuseReads(cpu, fuses);
    eeprom.attach(cpu);
    this.#usart = new Usart(cpu, CHIP_HZ);
    this.#usart.onTransmit = onTransmit;
    attachWatchdog(cpu, cyclesPerWatchdogTick, () => {
      this.#watchdogBit = true;
      this.#execution.limit = 0;
    });
    onOutput();
  }
}
