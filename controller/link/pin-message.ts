/**
 * What may be sent to the free pins of a gate. Whoever drives them says so in these words, never in bytes of its own:
 * this is why nothing but the twin can write a guard message on the wire.
 */
import { ANALOG_FIRST, FREE_PINS, pinNumber } from '../../schemas/pins.ts';

/** Pin modes by their Firmata numbers; the firmware knows no others. */
export const PIN_MODES = { input: 0, output: 1, analog: 2, pwm: 3, pullup: 11 } as const;
export type PinMode = keyof typeof PIN_MODES;

export type PinMessage =
  | { readonly type: 'mode'; readonly pin: number; readonly mode: PinMode }
  | { readonly type: 'level'; readonly pin: number; readonly high: boolean }
  /** `duty` from 0 to 255. */
  | { readonly type: 'pwm'; readonly pin: number; readonly duty: number }
  | { readonly type: 'report-analog'; readonly pin: number; readonly on: boolean }
  /** Port 0 has the pins 0 to 7, and so on. */
  | { readonly type: 'report-digital'; readonly port: number; readonly on: boolean }
  /** Every free pin becomes an input, nothing is reported. */
  | { readonly type: 'reset' };

/** Command bytes of the Firmata protocol. */
export const FIRMATA = {
  digital: 0x90,
  reportAnalog: 0xc0,
  reportDigital: 0xd0,
  analog: 0xe0,
  pinMode: 0xf4,
  pinValue: 0xf5,
  version: 0xf9,
  reset: 0xff,
} as const;

/** Pins 0 to 19 in ports of eight. */
export const PORT_COUNT = 3;
const MAX_DUTY = 255;
const FREE: ReadonlySet<number> = new Set(FREE_PINS.map(pinNumber));
const NIBBLE_PINS = 16;

/** The bytes of a message: one to three, the first none of a sysex, the others below 80H. Throws `RangeError`. */
export function encodePinMessage(message: PinMessage): Uint8Array {
  switch (message.type) {
    case 'mode':
      return Uint8Array.of(FIRMATA.pinMode, free(message.pin), modeNumber(message.mode));
    case 'level':
      return Uint8Array.of(FIRMATA.pinValue, free(message.pin), message.high ? 1 : 0);
    case 'pwm': {
      const duty = within(message.duty, MAX_DUTY + 1);
      const pin = within(free(message.pin), NIBBLE_PINS);
      return Uint8Array.of(FIRMATA.analog | pin, duty & 0x7f, duty >> 7);
    }
    case 'report-analog': {
      const channel = within(free(message.pin) - ANALOG_FIRST, NIBBLE_PINS);
      return Uint8Array.of(FIRMATA.reportAnalog | channel, message.on ? 1 : 0);
    }
    case 'report-digital':
      return Uint8Array.of(FIRMATA.reportDigital | within(message.port, PORT_COUNT), message.on ? 1 : 0);
    case 'reset':
      return Uint8Array.of(FIRMATA.reset);
    default:
      message satisfies never;
      throw new RangeError('no such message');
  }
}

function within(value: number, count: number): number {
  if (Number.isInteger(value) && value >= 0 && value < count) return value;
  throw new RangeError(`${value} is not from 0 to ${count - 1}`);
}

function free(pin: number): number {
  if (FREE.has(pin)) return pin;
  throw new RangeError(`${pin} is not a free pin`);
}

function modeNumber(mode: PinMode): number {
  if (Object.hasOwn(PIN_MODES, mode)) return PIN_MODES[mode];
  throw new RangeError(`${mode} is not a pin mode`);
}
