/** Every message type of the Firmata protocol a host can send, aimed at a pin. Numbers are those of the Firmata protocol 2.x. */

const START = 0xf0;
const END = 0xf7;
const low = (value: number): number => value & 0x7f;
const high = (value: number): number => (value >> 7) & 0x7f;
const sysex = (...inner: number[]): number[] => [START, ...inner, END];

type Build = (pin: number, value: number) => number[];

/** In all of them a pin stands where the type has one, a port or an analog channel where it has that. */
const MESSAGES = {
  'digital port': (pin, value) => [0x90 | (pin >> 3), low(value), high(value)],
  'digital port, all ones': (pin) => [0x90 | (pin >> 3), 0x7f, 0x01],
  'digital port, all zeros': (pin) => [0x90 | (pin >> 3), 0, 0],
  'report analog': (pin, value) => [0xc0 | (pin & 15), value & 1],
  'report digital port': (pin, value) => [0xd0 | (pin >> 3), value & 1],
  analog: (pin, value) => [0xe0 | (pin & 15), low(value), high(value)],
  'pin mode': (pin, value) => [0xf4, pin, value % 13],
  'pin mode, output': (pin) => [0xf4, pin, 1],
  'pin mode, PWM': (pin) => [0xf4, pin, 3],
  'pin mode, servo': (pin) => [0xf4, pin, 4],
  'pin mode, pull-up': (pin) => [0xf4, pin, 11],
  'pin value, high': (pin) => [0xf5, pin, 1],
  'pin value, low': (pin) => [0xf5, pin, 0],
  'report version': () => [0xf9],
  'system reset': () => [0xff],
  serial: (pin, value) => sysex(0x60, 0x10 | (pin & 7), low(value), high(value), pin, pin),
  encoder: (pin, value) => sysex(0x61, 0, value & 3, pin, pin + 1),
  accelerometer: (pin, value) => sysex(0x62, 0x10, pin, low(value)),
  'analog mapping query': () => sysex(0x69),
  'capability query': () => sysex(0x6b),
  'pin state query': (pin) => sysex(0x6d, pin),
  'extended analog': (pin, value) => sysex(0x6f, pin, low(value), high(value), low(value >> 3)),
  'servo configuration': (pin, value) => sysex(0x70, pin, low(544), high(544), low(value), high(value)),
  string: (pin, value) => sysex(0x71, low(value), 0, pin, 0),
  stepper: (pin, value) => sysex(0x72, 0, 0, 1, low(value), high(value), pin, pin + 1),
  'one-wire': (pin, value) => sysex(0x73, 0x41, pin, value & 1),
  'dht sensor': (pin) => sysex(0x74, 0, pin),
  shift: (pin, value) => sysex(0x75, pin, pin + 1, low(value), high(value)),
  'i2c request': (pin, value) => sysex(0x76, pin, (value & 3) << 3, low(value), high(value)),
  'i2c reply': (pin, value) => sysex(0x77, pin, 0, low(value), high(value)),
  'i2c configuration': (_, value) => sysex(0x78, low(value), high(value)),
  'firmware query': () => sysex(0x79),
  'sampling interval': (_, value) => sysex(0x7a, low(value), high(value)),
  scheduler: (pin, value) => sysex(0x7b, value % 7, pin, low(value), high(value)),
  spi: (pin, value) => sysex(0x68, value % 7, pin, low(value)),
  'non-realtime': (pin) => sysex(0x7e, pin),
  realtime: (pin) => sysex(0x7f, pin),
  'extended command': (pin, value) => sysex(0x00, low(value), high(value), pin),
  'empty sysex': () => sysex(),
} as const satisfies Record<string, Build>;

export type FirmataType = keyof typeof MESSAGES;
export const FIRMATA_TYPES = Object.keys(MESSAGES) as readonly FirmataType[];

/** The bytes of one message; `value` (14 bits) fills the rest of it. */
export function firmataMessage(type: FirmataType, pin: number, value: number): Uint8Array {
  return Uint8Array.from(MESSAGES[type](pin, value));
}
