/**
 * A Firmata board as one client sees it: some free pins of a gate and nothing else. It answers by itself what it is, so that
 * a client never notices when the gate is out of reach, reset or unplugged: what it wanted of its pins is kept and sent again.
 */
import { SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { ANALOG_FIRST, freePinsOf, hasPwm } from '../../schemas/pins.ts';
import type { Product } from '../../schemas/protocol.ts';
import { FIRMATA, PIN_MODES, type PinMessage, type PinMode, PORT_COUNT } from '../link/pin-message.ts';
import { FirmataReader } from './firmata-reader.ts';
import { type FreePins, type PinClient, portLevels } from './free-pins.ts';

/** Commands within a sysex. */
const SYSEX = {
  analogMappingQuery: 0x69,
  analogMapping: 0x6a,
  capabilityQuery: 0x6b,
  capabilities: 0x6c,
  pinStateQuery: 0x6d,
  pinState: 0x6e,
  extendedAnalog: 0x6f,
  string: 0x71,
  firmware: 0x79,
  samplingInterval: 0x7a,
} as const;
const VERSION = [2, 6];
const PIN_COUNT = 20;
const NOT_ANALOG = 0x7f;
const RESOLUTION = { digital: 1, analog: 10, pwm: 8 } as const;
const MODE_NAMES: ReadonlyMap<number, PinMode> = new Map(
  Object.entries(PIN_MODES).map(([name, number]) => [number, name as PinMode]),
);

interface PinState {
  mode: PinMode;
  /** Level of an output, duty of a PWM pin. */
  value: number;
  /** An input whose level the client has not been told yet. */
  fresh: boolean;
}

export interface FirmataDeviceOptions {
  readonly name: string;
  /** The pins it has, as far as they are free on the product. */
  readonly pins: readonly number[];
  readonly gate: FreePins;
  /** Bytes for the client. */
  readonly reply: (bytes: Uint8Array) => void;
  /** The client may go on after `FreePins.isBusy`. */
  readonly drained?: () => void;
}

export class FirmataDevice implements PinClient {
  readonly #options: FirmataDeviceOptions;
  readonly #pins = new Map<number, PinState>();
  readonly #analog = new Set<number>();
  readonly #ports = new Set<number>();
  readonly #reader = new FirmataReader();

  constructor(options: FirmataDeviceOptions) {
    this.#options = options;
  }

  /** Says version and name unasked, as a board does after its reset. */
  announce(): void {
    this.#reply(FIRMATA.version, ...VERSION);
    this.#answer(SYSEX.firmware);
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    for (const message of this.#reader.push(bytes)) this.#take(message);
  }

  /** Every pin becomes an input again, and nothing more is reported. */
  release(): void {
    const undo: PinMessage[] = [
      ...[...this.#pins.keys()].map((pin): PinMessage => ({ type: 'mode', pin, mode: 'input' })),
      ...[...this.#analog].map((pin): PinMessage => ({ type: 'report-analog', pin, on: false })),
      ...[...this.#ports].map((port): PinMessage => ({ type: 'report-digital', port, on: false })),
    ];
    this.#pins.clear();
    this.#analog.clear();
    this.#ports.clear();
    this.#options.gate.submit(undo);
  }

  wanted(): readonly PinMessage[] {
    const messages: PinMessage[] = [];
    for (const [pin, { mode, value }] of this.#pins) {
      messages.push({ type: 'mode', pin, mode });
      if (mode === 'output' && value > 0) messages.push({ type: 'level', pin, high: true });
      if (mode === 'pwm') messages.push({ type: 'pwm', pin, duty: value });
    }
    for (const pin of this.#analog) messages.push({ type: 'report-analog', pin, on: true });
    // Last, so that the first levels are those of the modes.
    for (const port of this.#ports) messages.push({ type: 'report-digital', port, on: true });
    return messages;
  }

  wantsPort(port: number): boolean {
    return this.#ports.has(port);
  }

  digital(port: number, levels: number): void {
    if (!this.#ports.has(port)) return;
    let own = 0;
    for (const [pin, state] of this.#pins) {
      if (pin >> 3 !== port || (state.mode !== 'input' && state.mode !== 'pullup')) continue;
      state.fresh = false;
      own |= levels & (1 << (pin & 7));
    }
    this.#options.reply(portLevels(port, own));
  }

  analog(pin: number, value: number): void {
    if (this.#analog.has(pin))
      this.#reply(FIRMATA.analog | (pin - ANALOG_FIRST), value & 0x7f, (value >> 7) & 0x7f);
  }

  drained(): void {
    this.#options.drained?.();
  }

  #take([command = 0, first = 0, second = 0, ...rest]: readonly number[]): void {
    const index = command & 0x0f;
    const value = first | (second << 7);
    const kind = command & 0xf0;
    if (kind === FIRMATA.digital) this.#writePort(index, value);
    else if (kind === FIRMATA.analog) this.#writeAnalog(index, value);
    else if (kind === FIRMATA.reportAnalog) this.#reportAnalog(ANALOG_FIRST + index, first !== 0);
    else if (kind === FIRMATA.reportDigital) this.#reportDigital(index, first !== 0);
    else if (command === SYSEX_START) this.#sysex(first, second, rest);
    else if (command === FIRMATA.pinMode) this.#setMode(first, MODE_NAMES.get(second));
    else if (command === FIRMATA.pinValue) this.#writeLevel(first, second !== 0);
    else if (command === FIRMATA.version) this.#reply(FIRMATA.version, ...VERSION);
    else if (command === FIRMATA.reset) this.release();
    else this.#ignore();
  }

  #sysex(command: number, pin: number, [low = 0, high = 0]: readonly number[]): void {
    switch (command) {
      case SYSEX.firmware:
      case SYSEX.capabilityQuery:
      case SYSEX.analogMappingQuery:
        this.#answer(command);
        break;
      case SYSEX.pinStateQuery:
        this.#answerPinState(pin);
        break;
      case SYSEX.extendedAnalog:
        this.#writeAnalog(pin, low | (high << 7));
        break;
      case SYSEX.samplingInterval:
      case SYSEX.string:
        break;
      default:
        this.#ignore();
    }
  }

  get #product(): Product | null {
    return this.#options.gate.product;
  }

  #has(pin: number): boolean {
    // Before the gate has said what it is, only what every product has.
    return this.#options.pins.includes(pin) && freePinsOf(this.#product ?? 'uno-servo').includes(pin);
  }

  #modesOf(pin: number): readonly PinMode[] {
    if (!this.#has(pin)) return [];
    const modes: PinMode[] = ['input', 'pullup', 'output'];
    if (pin >= ANALOG_FIRST) modes.push('analog');
    if (this.#product && hasPwm(this.#product, pin)) modes.push('pwm');
    return modes;
  }

  #setMode(pin: number, mode: PinMode | undefined): void {
    if (!mode || !this.#modesOf(pin).includes(mode)) {
      this.#ignore();
      return;
    }
    this.#pins.set(pin, { mode, value: 0, fresh: true });
    this.#options.gate.submit([{ type: 'mode', pin, mode }]);
  }

  #writePort(port: number, levels: number): void {
    for (const pin of this.#pins.keys())
      if (pin >> 3 === port) this.#writeLevel(pin, (levels & (1 << (pin & 7))) !== 0);
  }

  #writeLevel(pin: number, high: boolean): void {
    const state = this.#pins.get(pin);
    if (state?.mode === 'output' && state.value !== Number(high)) {
      state.value = Number(high);
      this.#options.gate.submit([{ type: 'level', pin, high }]);
    } else if (state?.mode === 'input' && state.fresh && high) {
      // The old way to ask for a pull-up, still that of johnny-five. An input that was read before only gets its level back.
      this.#setMode(pin, 'pullup');
    }
  }

  #writeAnalog(pin: number, value: number): void {
    const state = this.#pins.get(pin);
    if (state?.mode !== 'pwm') {
      this.#ignore();
      return;
    }
    state.value = Math.min(value, 255);
    this.#options.gate.submit([{ type: 'pwm', pin, duty: state.value }]);
  }

  #reportAnalog(pin: number, on: boolean): void {
    if (!this.#has(pin)) return;
    if (on) this.#analog.add(pin);
    else this.#analog.delete(pin);
    this.#options.gate.submit([{ type: 'report-analog', pin, on }]);
  }

  #reportDigital(port: number, on: boolean): void {
    if (port >= PORT_COUNT) return;
    if (on) this.#ports.add(port);
    else this.#ports.delete(port);
    this.#options.gate.submit([{ type: 'report-digital', port, on }]);
  }

  #answer(query: number): void {
    const pins = Array.from({ length: PIN_COUNT }, (_, pin) => pin);
    if (query === SYSEX.capabilityQuery)
      this.#reply(
        SYSEX_START,
        SYSEX.capabilities,
        ...pins.flatMap((pin) => [...this.#modesOf(pin).flatMap(capability), 0x7f]),
        SYSEX_END,
      );
    else if (query === SYSEX.analogMappingQuery) {
      // firmata-io takes the place in this list for the number of the channel: none may be left out.
      const channels = pins.map((pin) => (pin < ANALOG_FIRST ? NOT_ANALOG : pin - ANALOG_FIRST));
      this.#reply(SYSEX_START, SYSEX.analogMapping, ...channels, SYSEX_END);
    } else this.#reply(SYSEX_START, query, ...VERSION, ...text(this.#options.name), SYSEX_END);
  }

  #answerPinState(pin: number): void {
    if (pin >= PIN_COUNT) {
      this.#ignore();
      return;
    }
    const { mode, value } = this.#pins.get(pin) ?? { mode: 'input', value: 0 };
    const state = this.#has(pin) ? [PIN_MODES[mode], value & 0x7f, value >> 7] : [];
    this.#reply(SYSEX_START, SYSEX.pinState, pin, ...state, SYSEX_END);
  }

  #ignore(): void {
    this.#reply(SYSEX_START, SYSEX.string, ...text('Earlid: ignored'), SYSEX_END);
  }

  #reply(...bytes: number[]): void {
    this.#options.reply(Uint8Array.from(bytes));
  }
}

function capability(mode: PinMode): number[] {
  const resolution = mode === 'analog' || mode === 'pwm' ? RESOLUTION[mode] : RESOLUTION.digital;
  return [PIN_MODES[mode], resolution];
}

/** Firmata sends every character as two 7-bit bytes. */
function text(words: string): number[] {
  return [...Buffer.from(words, 'latin1')].flatMap((code) => [code & 0x7f, code >> 7]);
}
