/**
 * Watchdog of the ATmega328P on its own 128 kHz clock. In place of the emulator's, which neither resets the chip nor stays
 * on after a watchdog reset until WDRF has been cleared.
 */
import type { AVRInterruptConfig, CPU } from './avr-types.ts';

const WDTCSR = 0x60;
const MCUSR = 0x54;
const WDRF = 0x08;
const WDIF = 0x80;
const WDIE = 0x40;
const WDP3 = 0x20;
const WDCE = 0x10;
const WDE = 0x08;
const PRESCALE = WDP3 | 0x07;
const SHORTEST_TICKS = 2048;
const LONGEST_PRESCALE = 9;
const CHANGE_CYCLES = 4;

const timeout: AVRInterruptConfig = {
  address: 0x0c,
  flagRegister: WDTCSR,
  flagMask: WDIF,
  enableRegister: WDTCSR,
  enableMask: WDIE,
};

/** Wires a watchdog to a new CPU; `onReset` is called when it bites. `cyclesPerTick` is CPU cycles per watchdog tick. */
export function attachWatchdog(cpu: CPU, cyclesPerTick: number, onReset: () => void): void {
  let bites = 0;
  let scheduled = false;
  let changeUntil = -1;
  const running = () => (cpu.data[WDTCSR]! & (WDE | WDIE)) !== 0;
  let cyclesToBite = 0;
  const restart = (): void => {
    bites = cpu.cycles + cyclesToBite;
  };
  const configure = (): void => {
    const bits = cpu.data[WDTCSR]!;
    const prescale = ((bits & WDP3) >> 2) | (bits & 0x07);
    cyclesToBite = Math.round((SHORTEST_TICKS << Math.min(prescale, LONGEST_PRESCALE)) * cyclesPerTick);
    restart();
  };
  const schedule = (): void => {
    if (scheduled || !running()) return;
    scheduled = true;
    cpu.addClockEvent(check, bites - cpu.cycles);
  };
  const check = (): void => {
    scheduled = false;
    if (running() && cpu.cycles >= bites) {
      const bits = cpu.data[WDTCSR]!;
      if (!(bits & WDIE)) {
        onReset();
        return;
      }
      cpu.setInterruptFlag(timeout);
      if (bits & WDE) cpu.data[WDTCSR]! &= ~WDIE;
      restart();
    }
    schedule();
  };
  cpu.onWatchdogReset = restart;
  cpu.writeHooks[WDTCSR] = (value, old) => {
    const forced = cpu.data[MCUSR]! & WDRF ? WDE : 0;
    if (value & WDCE && value & WDE) {
      changeUntil = cpu.cycles + CHANGE_CYCLES;
      cpu.data[WDTCSR] = (old & (PRESCALE | WDE | WDIF)) | WDE | (value & WDIE);
    } else if (cpu.cycles <= changeUntil) {
      changeUntil = -1;
      cpu.data[WDTCSR] = (value & (PRESCALE | WDE | WDIE)) | forced | (old & WDIF);
    } else {
      // Without the timed sequence WDE can be set but not cleared, and the prescaler stays.
      cpu.data[WDTCSR] = (value & (WDE | WDIE)) | (old & (PRESCALE | WDE | WDIF)) | forced;
    }
    cpu.clearInterruptByFlag(timeout, value);
    const before = bites;
    configure();
    if (scheduled && bites < before) {
      cpu.clearClockEvent(check);
      scheduled = false;
    }
    schedule();
    return true;
  };
  if (cpu.data[MCUSR]! & WDRF) {
    cpu.data[WDTCSR] = WDE;
    configure();
    schedule();
  }
}
