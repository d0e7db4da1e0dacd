/**
 * Everything avr8js 0.21.1 does differently from an ATmega328P and the bench needs right, and where it is put right.
 *
 * Here:
 * - Timers wake at every tick; `lazyTimer` wakes them at their next match only, and keeps the flags a write must not clear.
 * - Pull-ups do not read high; `InputPins` resolves what each pin reads.
 * - Fuses cannot be read: `answerFuseReads`. Flags of MCUSR and ADIF can be set by a write: `protectFlags`.
 *
 * In `instructions.ts`, which runs the program:
 * - SLEEP is a no-op; it sleeps to the next clock event and looks at pending interrupts first.
 * - An interrupt may come between SEI and SLEEP and its wake-up be lost; the instruction after SEI and RETI runs before any.
 * - An interrupt takes 2 cycles of 4, the half carry comes from bit 0, and CPC forgets Z after 0 - 255 - 1.
 *
 * Replaced as a whole:
 * - `usart.ts`: it has one byte each way, loses received ones and deadlocks an empty transmitter.
 * - `watchdog.ts`: it resets nothing but the program counter, and is off afterwards; `chip.ts` rebuilds what a reset resets.
 * - `eeprom.ts`: a byte changes when its write begins.
 */
import {
  AVRIOPort,
  type AVRTimer,
  type CPU,
  portBConfig,
  portCConfig,
  portDConfig,
  type timer0Config,
} from 'avr8js';

// Globals are slow to look up where modules run in a context of their own, as in tests.
const { floor, max, min } = Math;

type WriteHook = (value: number, old: number, address: number, mask: number) => boolean | undefined;
type TimerConfig = typeof timer0Config;
interface TimerInternals {
  count: (reschedule?: boolean, external?: boolean) => void;
  divider: number;
  lastCycle: number;
  tcnt: number;
  ocrA: number;
  ocrB: number;
  nextOcrA: number;
  nextOcrB: number;
  compA: number;
  compB: number;
  countingUp: boolean;
  tcntUpdated: boolean;
  updateDivider: boolean;
  timerMode: number;
  readonly tovUpdateMode: number;
  readonly MAX: number;
  readonly TOP: number;
}
const PHASE_CORRECT_MODES = [1, 4];
const TOV_AT_MAX = 0;
const ALL_FLAGS = 0x07;

/**
 * Makes a timer wake only at its next match or overflow that somebody looks at: one with its interrupt on, or one that
 * moves a pin when `drivesPins`. Registers are exact whenever the program reads or writes them.
 */
export function lazyTimer(cpu: CPU, avrTimer: AVRTimer, config: TimerConfig, drivesPins: boolean): void {
  const timer = avrTimer as unknown as TimerInternals;
  const countTicks = timer.count;
  const phaseCorrect = () => PHASE_CORRECT_MODES.includes(timer.timerMode);

  const sync = (): void => {
    const { divider } = timer;
    const now = cpu.cycles;
    if (divider && now - timer.lastCycle >= divider) {
      skipWholePeriods(now);
      // Steps end at TOP and at 0, so that no match is stepped over, and happen at their own cycle.
      while (now - timer.lastCycle >= divider) {
        const ticks = floor((now - timer.lastCycle) / divider);
        const step = phaseCorrect() ? ticks : min(ticks, max(timer.TOP - timer.tcnt, 1));
        cpu.cycles = timer.lastCycle + step * divider;
        countTicks(false);
      }
      cpu.cycles = now;
    }
    if (timer.tcntUpdated || timer.updateDivider) countTicks(false);
  };
  const skipWholePeriods = (now: number): void => {
    const period = timer.divider * (phaseCorrect() ? 2 * timer.TOP || 1 : timer.TOP + 1);
    const missed = floor((now - timer.lastCycle) / period);
    if (missed < 2) return;
    timer.lastCycle += (missed - 1) * period;
    cpu.data[config.TIFR]! |=
      (timer.tovUpdateMode !== TOV_AT_MAX || timer.TOP === timer.MAX ? config.TOV : 0) |
      (timer.ocrA <= timer.TOP ? config.OCFA : 0) |
      (timer.ocrB <= timer.TOP ? config.OCFB : 0);
  };
  const ticksToNext = (): number => {
    const { tcnt, TOP } = timer;
    const enabled = cpu.data[config.TIMSK]!;
    const compareA = enabled & config.OCIEA || (drivesPins && timer.compA);
    const compareB = enabled & config.OCIEB || (drivesPins && timer.compB);
    const overflow = enabled & config.TOIE || (drivesPins && (timer.compA || timer.compB));
    if (phaseCorrect()) {
      if (!compareA && !compareB && !overflow) return 0;
      const points = [0, TOP, timer.ocrA, timer.ocrB];
      const ahead = points.map((point) => (timer.countingUp ? point - tcnt : tcnt - point));
      return min(...ahead.filter((distance) => distance > 0), TOP || 1);
    }
    const period = TOP + 1;
    let ticks = 0;
    const consider = (point: number): void => {
      const distance = (((point - tcnt) % period) + period) % period || period;
      if (ticks === 0 || distance < ticks) ticks = distance;
    };
    if (compareA && timer.ocrA <= TOP) consider(timer.ocrA);
    if (compareB && timer.ocrB <= TOP) consider(timer.ocrB);
    if (
      overflow ||
      ((compareA || compareB) && (timer.nextOcrA !== timer.ocrA || timer.nextOcrB !== timer.ocrB))
    ) {
      consider(0);
    }
    return ticks;
  };
  const settle = (): void => {
    sync();
    cpu.clearClockEvent(timer.count);
    const ticks = timer.divider ? ticksToNext() : 0;
    if (ticks) cpu.addClockEvent(timer.count, timer.lastCycle + ticks * timer.divider - cpu.cycles);
  };
  // The timer's own hooks call `count(false)` to look, and schedule `count` when the clock is switched on.
  timer.count = (reschedule = true) => (reschedule ? settle() : sync());

  const { TCNT, OCRA, OCRB, ICR, TCCRA, TCCRB, TIMSK, TIFR } = config;
  for (const address of [TCNT, OCRA, OCRB, ICR, TCCRA, TCCRB, TIMSK]) {
    if (!address) continue;
    const hook = cpu.writeHooks[address] as WriteHook | undefined;
    cpu.writeHooks[address] = (value, old, at, mask) => {
      sync();
      if (!hook?.(value, old, at, mask)) cpu.data[address] = value;
      settle();
      return true;
    };
  }
  const clearFlags = cpu.writeHooks[TIFR] as WriteHook;
  cpu.writeHooks[TIFR] = (value, _old, at, mask) => {
    sync();
    const kept = cpu.data[TIFR]! & ~value & ALL_FLAGS;
    clearFlags(value, kept, at, mask);
    cpu.data[TIFR] = kept;
    return true;
  };
  cpu.readHooks[TIFR] = () => {
    sync();
    return cpu.data[TIFR]!;
  };
}

/** What drives a pin from outside; `float` reads as the pull-up says. */
export type Drive = 'low' | 'high' | 'float';

/** The three ports of one powered chip with what is wired to their pins (0–7 PORTD, 8–13 PORTB, 14–19 PORTC). */
export class InputPins {
  readonly #ports: readonly AVRIOPort[];
  readonly #drives: readonly Drive[];

  /** `drives` is shared with the owner, survives this object, and is indexed by Arduino pin number. */
  constructor(cpu: CPU, drives: readonly Drive[], onOutput: () => void) {
    this.#drives = drives;
    this.#ports = [portDConfig, portBConfig, portCConfig].map((config) => new AVRIOPort(cpu, config));
    for (const [index, port] of this.#ports.entries()) {
      port.addListener(() => {
        for (let bit = 0; bit < 8; bit++) this.#resolve(index, bit);
        onOutput();
      });
    }
    for (let pin = 0; pin < drives.length; pin++) this.refresh(pin);
  }

  /** Reads the drive of a pin again. */
  refresh(pin: number): void {
    const port = pin < 8 ? 0 : pin < 14 ? 1 : 2;
    this.#resolve(port, pin - [0, 8, 14][port]!);
  }

  /** What the chip drives on a pin: 0, 1, or null while it is an input. */
  output(pin: number): 0 | 1 | null {
    const port = pin < 8 ? 0 : pin < 14 ? 1 : 2;
    const state = this.#ports[port]!.pinState(pin - [0, 8, 14][port]!);
    return state === 0 || state === 1 ? state : null;
  }

  #resolve(index: number, bit: number): void {
    const port = this.#ports[index]!;
    const drive = this.#drives[[0, 8, 14][index]! + bit];
    const pullUp = port.pinState(bit) === 3;
    port.setPin(bit, drive === 'high' || (drive !== 'low' && pullUp));
  }
}

/** Fuse bytes of an ATmega328P. */
export interface Fuses {
  readonly low: number;
  readonly high: number;
  readonly extended: number;
}

const SPMCSR = 0x57;
const FUSE_READ = 0x09;
const SPM_ENABLED = 0x01;
const FUSE_WINDOW_CYCLES = 3;
const LOCK_BITS = 0xff;

/**
 * Answers LPM within three cycles of BLBSET in SPMCSR with the fuses. They lie over the reset vector for that long: the
 * vector is only fetched by a reset, so nothing else can see them.
 */
export function answerFuseReads(cpu: CPU, fuses: Fuses): void {
  cpu.writeHooks[SPMCSR] = (value) => {
    cpu.data[SPMCSR] = value;
    if (!(value & SPM_ENABLED)) return true;
    const covered = cpu.progBytes.slice(0, 4);
    const reading = (value & 0x3f) === FUSE_READ;
    if (reading) cpu.progBytes.set([fuses.low, LOCK_BITS, fuses.extended, fuses.high]);
    cpu.addClockEvent(() => {
      cpu.data[SPMCSR] = 0;
      if (reading) cpu.progBytes.set(covered);
    }, FUSE_WINDOW_CYCLES);
    return true;
  };
}

const MCUSR = 0x54;
const ADCSRA = 0x7a;
const ADIF = 0x10;

/** Registers whose flags a program can only clear: MCUSR by writing 0, ADIF by writing 1. */
export function protectFlags(cpu: CPU): void {
  cpu.writeHooks[MCUSR] = (value, old) => {
    cpu.data[MCUSR] = value & old;
    return true;
  };
  const convert = cpu.writeHooks[ADCSRA] as WriteHook | undefined;
  cpu.writeHooks[ADCSRA] = (value, old, at, mask) => {
    const flags = (value & ~ADIF) | (old & ~value & ADIF);
    if (!convert?.(flags, old, at, mask)) cpu.data[ADCSRA] = flags;
    return true;
  };
}
