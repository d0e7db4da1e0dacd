/** The 5 V supply of a board: what the chip makes of its voltage. */
import { type BoardChip, RESET_FLAG } from './chip.ts';
import type { Eeprom } from './eeprom.ts';
import type { Timeline } from './timeline.ts';

/** What a powered board has. */
export const SUPPLY_VOLTS = 5;
/** Below this a chip without brown-out detection stops all the same. */
const WORKING_VOLTS = 1.8;
/** An EEPROM write under way below this voltage fails. */
const WRITING_VOLTS = 1.8;
/** Below this SRAM is lost, and the next start is a power-on. */
const RETENTION_VOLTS = 1;
const HYSTERESIS_VOLTS = 0.05;
const STEP_MS = 0.1;

/** Brown-out level in volts by the low three bits of the extended fuse; 0: none. */
export function brownOutVolts(extendedFuse: number): number {
  return { 6: 1.8, 5: 2.7, 4: 4.3 }[extendedFuse & 7] ?? 0;
}

export class Supply {
  readonly #chip: BoardChip;
  readonly #eeprom: Eeprom;
  readonly #timeline: Timeline;
  readonly #cyclesPerMs: number;
  readonly #brownOut: number;
  readonly #onChange: (volts: number) => void;
  #volts = 0;
  #held = true;
  #lost = true;
  #resetPin = false;
  #generation = 0;

  constructor(
    chip: BoardChip,
    eeprom: Eeprom,
    timeline: Timeline,
    cyclesPerMs: number,
    brownOut: number,
    onChange: (volts: number) => void,
  ) {
    this.#chip = chip;
    this.#eeprom = eeprom;
    this.#timeline = timeline;
    this.#cyclesPerMs = cyclesPerMs;
    this.#brownOut = brownOut;
    this.#onChange = onChange;
  }

  get volts(): number {
    return this.#volts;
  }

  /** Sets the voltage at once; ends a ramp. */
  set(volts: number): void {
    this.#generation++;
    this.#apply(volts);
  }

  /** Moves the voltage evenly over a time, in steps of 0.1 ms. */
  ramp(toVolts: number, overMs: number): void {
    const generation = ++this.#generation;
    const from = this.#volts;
    const steps = Math.max(1, Math.round(overMs / STEP_MS));
    const start = this.#chip.cycles;
    const step = (index: number): void => {
      this.#timeline.at(start + (index * overMs * this.#cyclesPerMs) / steps, () => {
        if (generation !== this.#generation) return;
        this.#apply(from + ((toVolts - from) * index) / steps);
        if (index < steps) step(index + 1);
      });
    };
    step(1);
  }

  /** Pulls or lets go of the reset pin. */
  resetPin(pulled: boolean): void {
    if (pulled === this.#resetPin) return;
    this.#resetPin = pulled;
    if (this.#held) return;
    if (pulled) this.#chip.hold();
    else this.#chip.release(RESET_FLAG.external);
  }

  #apply(volts: number): void {
    this.#volts = volts;
    if (volts < WRITING_VOLTS) this.#eeprom.cutPower();
    const least = Math.max(this.#brownOut, WORKING_VOLTS);
    if (volts < least && !this.#held) {
      this.#held = true;
      this.#chip.hold();
    }
    if (volts < RETENTION_VOLTS && !this.#lost) {
      this.#lost = true;
      this.#chip.loseMemory();
    }
    if (volts >= least + HYSTERESIS_VOLTS && this.#held) {
      this.#held = false;
      const cause = this.#lost ? RESET_FLAG.powerOn : this.#brownOut > 0 ? RESET_FLAG.brownOut : 0;
      this.#lost = false;
      if (this.#resetPin) this.#pendingCause(cause);
      else this.#chip.release(cause);
    }
    this.#onChange(volts);
  }

  #pendingCause(cause: number): void {
    this.#chip.release(cause);
    this.#chip.hold();
  }
}
