/**
 * What a gate stores in its EEPROM: the settings (ids, layout, ranges, defaults) and where everything lies.
 * The C header and the tables of `docs/protocol.md` are generated from here.
 */
import { SENSE_KINDS } from './protocol.ts';

export interface SettingDefinition {
  readonly id: number;
  readonly type: 'u8' | 'u16' | 'bytes8';
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly default: { readonly 'uno-relay': number; readonly 'uno-servo': number };
  /** Needs a muted, unlocked gate and a press at it within 30 s (design section 6). */
  readonly confirm: boolean;
  readonly meaning: string;
}

const both = (value: number) => ({ 'uno-relay': value, 'uno-servo': value });

/** In storage order; a slot holds them one after another. */
export const SETTINGS = {
  sense: {
    id: 1,
    type: 'u8',
    unit: `0 none, 1 high-hears, 2 low-hears`,
    min: 0,
    max: SENSE_KINDS['low-hears'][0],
    default: both(0),
    confirm: true,
    meaning: 'what the sense pin means',
  },
  travel: {
    id: 2,
    type: 'u16',
    unit: 'ms',
    min: 5,
    max: 5000,
    default: { 'uno-relay': 50, 'uno-servo': 800 },
    confirm: true,
    meaning: 'longest time the actuator takes from one end to the other',
  },
  button_alone: {
    id: 3,
    type: 'u16',
    unit: 's',
    min: 0,
    max: 900,
    default: both(0),
    confirm: true,
    meaning: 'grant by a press while no controller answers; 0 is off',
  },
  servo_closed: {
    id: 4,
    type: 'u16',
    unit: 'µs',
    min: 500,
    max: 2500,
    default: both(1000),
    confirm: true,
    meaning: 'pulse at which the servo has taken the hearing away',
  },
  servo_open: {
    id: 5,
    type: 'u16',
    unit: 'µs',
    min: 500,
    max: 2500,
    default: both(2000),
    confirm: true,
    meaning: 'pulse at which the speaker hears',
  },
  led_day: {
    id: 6,
    type: 'u8',
    unit: '1/255',
    min: 1,
    max: 255,
    default: both(255),
    confirm: false,
    meaning: 'level of the LEDs',
  },
  led_night: {
    id: 7,
    type: 'u8',
    unit: '1/255',
    min: 1,
    max: 255,
    default: both(16),
    confirm: false,
    meaning: 'level of the LEDs at night',
  },
  input0: {
    id: 8,
    type: 'u8',
    unit: 'pin',
    min: 0,
    max: 255,
    default: both(255),
    confirm: false,
    meaning: 'first declared input: pin in bits 0–5, bit 6 pull-up, bit 7 inverted; 255 none',
  },
  input1: {
    id: 9,
    type: 'u8',
    unit: 'pin',
    min: 0,
    max: 255,
    default: both(255),
    confirm: false,
    meaning: 'second declared input, likewise',
  },
  input2: {
    id: 10,
    type: 'u8',
    unit: 'pin',
    min: 0,
    max: 255,
    default: both(255),
    confirm: false,
    meaning: 'third declared input, likewise',
  },
  input3: {
    id: 11,
    type: 'u8',
    unit: 'pin',
    min: 0,
    max: 255,
    default: both(255),
    confirm: false,
    meaning: 'fourth declared input, likewise',
  },
  gate_id: {
    id: 12,
    type: 'bytes8',
    unit: 'ASCII',
    min: 0,
    max: 0,
    default: both(0),
    confirm: false,
    meaning: 'gate id, padded with 0',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;
export type SettingName = keyof typeof SETTINGS;

/** Layout version of a settings slot. */
export const SETTINGS_VERSION = 1;

/**
 * Where things lie in the EEPROM. The lock cell is two single bytes far apart: unlocked only while both hold the magic
 * value. A settings slot is `version, generation, settings…, CRC-16`; the valid slot with the newer generation counts.
 * A key record is `u24 boot, u8 pairing, key[32], CRC-16`: bit 0 of `pairing` says whether there is a key (without one FFH
 * stands in its place), the others count the pairings. The largest valid boot counts, among equal ones the newest pairing;
 * the next boot goes to the record after it.
 */
export const EEPROM = {
  sizeBytes: { value: 1024, meaning: 'EEPROM of the ATmega328P' },
  lockA: { value: 0x008, meaning: 'first copy of the lock cell' },
  lockB: { value: 0x208, meaning: 'second copy of the lock cell' },
  unlockedMagic: { value: 0x5a, meaning: 'the one value that means unlocked' },
  lockedValue: { value: 0xa5, meaning: 'what is written to lock; anything but the magic means locked' },
  oldBootRecords: {
    value: 0x020,
    meaning:
      'first boot record of protocol version 1 (`u24 boot, CRC-16`), read while no key record was ever written',
  },
  oldBootRecordCount: { value: 16, meaning: 'boot records of protocol version 1' },
  slot0: { value: 0x080, meaning: 'first settings slot' },
  slot1: { value: 0x0c0, meaning: 'second settings slot' },
  keyRecords: { value: 0x240, meaning: 'first key record' },
  keyRecordCount: { value: 8, meaning: 'key records, used in turn to spread the wear' },
} as const;
