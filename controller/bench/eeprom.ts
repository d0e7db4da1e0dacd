/**
 * EEPROM of the ATmega328P. A byte changes when its write has finished, goes on through a reset, and is torn when the
 * supply fails meanwhile. In place of the emulator's, which changes it at once.
 */
import type { AVRInterruptConfig, CPU } from './avr-types.ts';
import { type Random, randomByte } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Bytes of EEPROM in an ATmega328P. */
export const EEPROM_BYTES = 1024;

/** What a byte holds when the supply fails during its write. */
export type TornByte = 'old' | 'erased' | 'random';

const EECR = 0x3f;
const EEDR = 0x40;
const EEARL = 0x41;
const EEARH = 0x42;
const EERE = 0x01;
const EEPE = 0x02;
const EEMPE = 0x04;
const EERIE = 0x08;
const MODE = 0x30;
const MODES = { both: 0x00, eraseOnly: 0x10 } as const;
const MASTER_CYCLES = 4;
const READ_CYCLES = 4;
const WRITE_MS = 3.4;
const HALF_WRITE_MS = 1.8;

const ready: AVRInterruptConfig = {
  address: 0x2c,
  flagRegister: EECR,
  flagMask: EEPE,
  enableRegister: EECR,
  enableMask: EERIE,
  constant: true,
  inverseFlag: true,
};

/** Who writes: its clock, and whom to tell that the write under way has ended and what the cell holds now. */
export interface EepromUser {
  readonly cycles: number;
  written(value: number): void;
}

interface Write {
  readonly address: number;
  readonly value: number;
  readonly finish: () => void;
  done: boolean;
}

export class Eeprom {
  /** The cells as they would be found after a power cut now, but for the byte being written. */
  readonly bytes = new Uint8Array(EEPROM_BYTES).fill(0xff);
  /** What a power cut leaves of the byte being written. */
  torn: TornByte = 'random';
  /** Told after each change of a cell by the program or a power cut. */
  onChange: (address: number, value: number, old: number) => void = () => {};
  /** Told when the program starts to write a cell. */
  onWriteStart: (address: number, value: number) => void = () => {};
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #cyclesPerMs: number;
  #user: EepromUser | null = null;
  #write: Write | null = null;

  constructor(timeline: Timeline, random: Random, cyclesPerMs: number) {
    this.#timeline = timeline;
    this.#random = random;
    this.#cyclesPerMs = cyclesPerMs;
  }

  /** Address and value being written, null when idle. */
  get writing(): { readonly address: number; readonly value: number } | null {
    return this.#write && { address: this.#write.address, value: this.#write.value };
  }

  /** Gives a new CPU its EEPROM registers; a write that a reset interrupted stays under way. */
  attach(cpu: CPU): void {
    this.serve({
      get cycles() {
        return cpu.cycles;
      },
      // `inverseFlag`: raising it clears EEPE and asks for the interrupt.
      written: () => cpu.setInterruptFlag(ready),
    });
    if (this.#write) cpu.data[EECR] = EEPE;
    let masterUntil = -1;
    cpu.writeHooks[EECR] = (value) => {
      const busy = this.#write !== null;
      const master = cpu.cycles < masterUntil;
      const kept = busy ? cpu.data[EECR]! & MODE : value & MODE;
      cpu.data[EECR] = kept | (value & EERIE) | (busy ? EEPE : 0);
      if (value & EEMPE && !(value & EEPE)) {
        masterUntil = cpu.cycles + MASTER_CYCLES + 1;
        cpu.data[EECR]! |= EEMPE;
        cpu.addClockEvent(() => {
          cpu.data[EECR]! &= ~EEMPE;
        }, MASTER_CYCLES + 1);
      }
      const address = ((cpu.data[EEARH]! << 8) | cpu.data[EEARL]!) & (EEPROM_BYTES - 1);
      if (value & EEPE && master && !busy) {
        masterUntil = -1;
        this.start(address, cpu.data[EEDR]!, value & MODE);
        cpu.data[EECR]! |= EEPE;
        cpu.clearInterrupt(ready, false);
        cpu.cycles += 2;
      } else if (value & EERE && !busy) {
        cpu.data[EEDR] = this.bytes[address]!;
        cpu.cycles += READ_CYCLES;
      }
      cpu.updateInterruptEnable(ready, cpu.data[EECR]!);
      return true;
    };
  }

  /** The supply has failed: tears the byte being written. */
  cutPower(): void {
    const write = this.#write;
    if (!write) return;
    write.done = true;
    this.#write = null;
    if (this.torn === 'erased') this.#set(write.address, 0xff);
    else if (this.torn === 'random') this.#set(write.address, randomByte(this.#random));
  }

  /** From now on this one writes, and is told of a write that a reset interrupted as well. */
  serve(user: EepromUser): void {
    this.#user = user;
  }

  /** Begins to write a cell; none must be under way. `mode` as in EECR. */
  start(address: number, value: number, mode: number = MODES.both): void {
    const old = this.bytes[address]!;
    const result = mode === MODES.both ? value : mode === MODES.eraseOnly ? 0xff : old & value;
    const finish = (): void => {
      if (write.done) return;
      this.#write = null;
      this.#set(address, result);
      this.#user?.written(this.bytes[address]!);
    };
    const write: Write = { address, value: result, finish, done: false };
    this.#write = write;
    const ms = mode === MODES.both ? WRITE_MS : HALF_WRITE_MS;
    this.#timeline.at(this.#user!.cycles + ms * this.#cyclesPerMs, finish);
    this.onWriteStart(address, result);
  }

  #set(address: number, value: number): void {
    const old = this.bytes[address]!;
    this.bytes[address] = value;
    this.onChange(address, value, old);
  }
}
