/** The host build in place of the chip of an emulated board: what is wired to it, the supply and the EEPROM stay as they are. */
import { type BoardChip, CHIP_HZ, type ChipOptions, RESET_FLAG } from '../../controller/bench/chip.ts';
import type { EepromUser } from '../../controller/bench/eeprom.ts';
import type { Drive } from '../../controller/bench/emulator-faults.ts';
import { LED_PIN, type Led } from '../../controller/bench/leds.ts';
import { randomByte } from '../../controller/bench/random.ts';
import { WIRE_BAUD } from '../../controller/bench/wire.ts';
import { PRODUCTS, type Product } from '../../schemas/codes.ts';
import type { HostProcess } from './host-process.ts';

const NEVER = Number.POSITIVE_INFINITY;
const CYCLES_PER_US = CHIP_HZ / 1_000_000;
const BYTE_CYCLES = (10 * CHIP_HZ) / WIRE_BAUD;
const SERVO_PERIOD_CYCLES = CHIP_HZ / 50;
const WATCHDOG_CYCLES = CHIP_HZ / 4;
const PIN = { actuator: 7, servoSignal: 9 } as const;
const DRIVES: readonly Drive[] = ['low', 'high', 'float'];

const time = (cycles: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(cycles));
  return bytes;
};

export class HostChip implements BoardChip, EepromUser {
  readonly sleptCycles = 0;
  readonly data = new Uint8Array(0);
  readonly pc = 0;
  readonly baud = WIRE_BAUD;
  readonly #process: HostProcess;
  readonly #gate: number;
  readonly #product: Product;
  readonly #options: ChipOptions;
  #cycles = 0;
  #held = true;
  #hung = false;
  #startsAt = NEVER;
  #started = 0;
  #resetFlags = 0;
  /** What is queued may have an effect, so it must be asked for before time goes on. */
  #asking = false;
  /** Time that the process has been told last, and that of its next tick. */
  #told = 0;
  #nextTick = NEVER;
  #actuator = false;
  #signal = false;
  #pulseCycles = 0;
  #pulseGeneration = 0;
  #leds: Readonly<Record<Led, number>> = { red: 0, green: 0 };

  constructor(process: HostProcess, product: Product, options: ChipOptions) {
    this.#process = process;
    this.#gate = process.make();
    this.#product = product;
    this.#options = options;
    options.eeprom.serve(this);
  }

  get cycles(): number {
    return this.#cycles;
  }

  get running(): boolean {
    return this.#begun && !this.#hung;
  }

  get #begun(): boolean {
    return !this.#held && this.#cycles >= this.#startsAt;
  }

  get starts(): number {
    return this.#started;
  }

  output(pin: number): 0 | 1 | null {
    if (!this.#begun) return null;
    if (pin === PIN.actuator) return this.#actuator ? 1 : 0;
    if (pin === PIN.servoSignal && this.#product === 'uno-servo') return this.#signal ? 1 : 0;
    for (const led of ['red', 'green'] as const) {
      if (pin === LED_PIN[led]) return this.#leds[led] > 0 ? 1 : 0;
    }
    return null;
  }

  brightness(led: Led): number {
    return this.#leds[led] / 255;
  }

  drive(pin: number, drive: Drive): void {
    this.#order('P', Uint8Array.of(pin, DRIVES.indexOf(drive)));
    if (this.running) this.#asking = true;
  }

  analog(): void {}

  receive(byte: number): void {
    if (!this.running) return;
    this.#order('B', Uint8Array.of(byte));
    // No other byte ends anything.
    if (byte >= 0x80) this.#asking = true;
  }

  written(value: number): void {
    this.#order('W', Uint8Array.of(value));
  }

  hold(): void {
    if (this.#begun) this.#resetFlags = 0;
    this.#held = true;
    this.#hung = false;
    this.#startsAt = NEVER;
    this.#nextTick = NEVER;
    this.#order('H');
    this.#setPulse(0);
    this.#actuator = false;
    this.#leds = { red: 0, green: 0 };
    this.#options.onOutput();
  }

  release(flags: number): void {
    const { startupCycles, timeline } = this.#options;
    this.#held = false;
    if (flags & RESET_FLAG.powerOn) this.#resetFlags = 0;
    this.#resetFlags |= flags;
    this.#startsAt = this.#cycles + startupCycles;
    timeline.at(this.#startsAt, () => {
      if (!this.#held && this.#cycles >= this.#startsAt) this.#start();
    });
  }

  loseMemory(): void {
    const { random } = this.#options;
    this.#order(
      'L',
      Uint8Array.from({ length: 4 }, () => randomByte(random)),
    );
    this.#resetFlags = 0;
  }

  runTo(target: number): void {
    const { timeline } = this.#options;
    timeline.run(this.#cycles);
    while (this.#cycles < target || this.#asking) {
      const limit = Math.max(this.#cycles, Math.min(target, timeline.next));
      if (this.#asking || (this.running && limit >= this.#nextTick)) this.#ask(limit);
      else this.#cycles = limit;
      timeline.run(this.#cycles);
    }
  }

  /** The program stops where it is and its outputs stay, until the watchdog resets it. */
  hang(): void {
    if (!this.running) return;
    this.#order('H');
    this.#hung = true;
    this.#nextTick = NEVER;
    this.#options.timeline.at(this.#cycles + WATCHDOG_CYCLES, () => {
      if (!this.#hung) return;
      this.hold();
      this.release(RESET_FLAG.watchdog);
    });
  }

  #start(): void {
    const { fuses, eeprom } = this.#options;
    const brownOut = { 6: 1, 5: 2, 4: 3 }[fuses.extended & 7] ?? 0;
    const facts = [PRODUCTS[this.#product][0], brownOut, 0, eeprom.writing ? 1 : 0];
    this.#order('S', Uint8Array.of(this.#resetFlags, ...facts), eeprom.bytes);
    this.#asking = true;
    this.#started++;
  }

  #order(letter: string, ...parts: readonly Uint8Array[]): void {
    if (this.#told !== this.#cycles) this.#process.order('T', this.#gate, time(this.#cycles));
    this.#told = this.#cycles;
    this.#process.order(letter, this.#gate, ...parts);
  }

  /** Lets the gate go on up to a time or to its first effect, and carries that out. */
  #ask(limit: number): void {
    this.#asking = false;
    this.#process.order('R', this.#gate, time(this.running ? limit : this.#cycles));
    const answer = this.#process.ask();
    let at = 0;
    const number = (bytes: number): number => {
      const value = answer.readUIntLE(at, Math.min(bytes, 6));
      at += bytes;
      return value;
    };
    this.#cycles = Math.max(this.#cycles, number(8));
    this.#told = this.#cycles;
    const nextTick = number(8);
    this.#nextTick = this.running ? nextTick : NEVER;
    const [writing, address, value, actuator, pulse, red, green, sentAt] = [
      number(1),
      number(2),
      number(1),
      number(1),
      number(2),
      number(1),
      number(1),
      number(8),
    ];
    const sent = Uint8Array.from(answer.subarray(at));
    if (!this.running) return;
    if (writing && !this.#options.eeprom.writing) this.#options.eeprom.start(address!, value!);
    this.#transmit(sent, sentAt!);
    this.#setPulse((pulse! * CYCLES_PER_US) / 2);
    this.#actuator = actuator === 1;
    this.#leds = { red: red!, green: green! };
    this.#options.onOutput();
  }

  #transmit(bytes: Uint8Array, from: number): void {
    const { timeline, onTransmit } = this.#options;
    const boot = this.#started;
    for (const [i, byte] of bytes.entries()) {
      timeline.at(from + (i + 1) * BYTE_CYCLES, () => {
        if (this.running && this.#started === boot) onTransmit(byte, WIRE_BAUD);
      });
    }
  }

  /** Pulses of this length at 50 Hz from now on; none for 0. */
  #setPulse(cycles: number): void {
    if (cycles === this.#pulseCycles) return;
    const begins = this.#pulseCycles === 0;
    this.#pulseCycles = cycles;
    if (begins) this.#pulse(++this.#pulseGeneration);
    else if (cycles === 0) {
      this.#pulseGeneration++;
      this.#signal = false;
    }
  }

  #pulse(generation: number): void {
    if (generation !== this.#pulseGeneration) return;
    const { timeline, onOutput } = this.#options;
    this.#signal = true;
    timeline.at(this.#cycles + this.#pulseCycles, () => {
      if (generation !== this.#pulseGeneration) return;
      this.#signal = false;
      onOutput();
    });
    timeline.at(this.#cycles + SERVO_PERIOD_CYCLES, () => {
      this.#pulse(generation);
      onOutput();
    });
  }
}
