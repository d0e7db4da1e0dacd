/** EEPROM images as a gate that has been set up holds them, for boards that shall start so. Pure. */
import { crc16 } from '../../schemas/packing.ts';
import { LIMITS } from '../../schemas/protocol.ts';
import {
  EEPROM,
  SETTINGS,
  SETTINGS_VERSION,
  type SettingDefinition,
  type SettingName,
} from '../../schemas/settings.ts';
import type { Product } from './images.ts';

export interface EepromImageOptions {
  readonly product: Product;
  /** Settings that differ from the defaults: numbers, and for `gate_id` up to 8 ASCII characters. */
  readonly settings?: Readonly<Partial<Record<SettingName, number | string>>>;
  /** Default false. */
  readonly locked?: boolean;
  /** Number of the last boot; the next one is one more. Default 0. */
  readonly boot?: number;
  /** Its key of 32 bytes; default none. */
  readonly key?: Uint8Array | null;
}

const GENERATION = 1;
const TEXT_BYTES = 8;

/** The whole EEPROM: lock cells, one key record, one settings slot. Throws `RangeError` when a value does not fit. */
export function eepromImage({
  product,
  settings = {},
  locked = false,
  boot = 0,
  key = null,
}: EepromImageOptions): Uint8Array {
  const image = new Uint8Array(EEPROM.sizeBytes.value).fill(0xff);
  image[EEPROM.lockA.value] = image[EEPROM.lockB.value] = locked
    ? EEPROM.lockedValue.value
    : EEPROM.unlockedMagic.value;
  const pairing = key ? 1 : 0;
  const record = [boot & 0xff, (boot >> 8) & 0xff, (boot >> 16) & 0xff, pairing];
  const { value: keyBytes } = LIMITS.keyBytes;
  if (key && key.length !== keyBytes) throw new RangeError(`a key of ${key.length} bytes`);
  image.set(withCrc([...record, ...(key ?? new Uint8Array(keyBytes).fill(0xff))]), EEPROM.keyRecords.value);
  const slot = [SETTINGS_VERSION, GENERATION];
  for (const [name, definition] of Object.entries(SETTINGS) as [SettingName, SettingDefinition][]) {
    slot.push(...settingBytes(name, definition, settings[name] ?? definition.default[product]));
  }
  image.set(withCrc(slot), EEPROM.slot0.value);
  return image;
}

function withCrc(bytes: readonly number[]): number[] {
  const crc = crc16(bytes);
  return [...bytes, crc & 0xff, crc >> 8];
}

function settingBytes(name: string, definition: SettingDefinition, value: number | string): number[] {
  if (definition.type === 'bytes8') {
    const text = [...Buffer.from(typeof value === 'string' ? value : '', 'ascii')];
    if (text.length > TEXT_BYTES) throw new RangeError(`${name}: longer than ${TEXT_BYTES} characters`);
    return [...text, ...new Array<number>(TEXT_BYTES - text.length).fill(0)];
  }
  if (typeof value !== 'number' || value < definition.min || value > definition.max) {
    throw new RangeError(`${name}: ${value} is not within ${definition.min} to ${definition.max}`);
  }
  return definition.type === 'u16' ? [value & 0xff, value >> 8] : [value];
}
