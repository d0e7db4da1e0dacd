/** How people write what a gate stores: `80ms`, `high-hears`, `A1,pullup`. Text to the eight bytes of the wire and back. */
import { formatDuration, parseDuration } from './duration.ts';
import { type Product, SENSE_KINDS } from './protocol.ts';
import { SETTINGS, type SettingName } from './settings.ts';

const VALUE_BYTES = 8;
const NO_INPUT = 255;
const PULLUP = 0x40;
const INVERTED = 0x80;
const PIN_BITS = 0x3f;
const FIRST_ANALOG = 14;
const MOST_ANALOG = 5;
const LAST_DIGITAL = 13;

/** What the value of a setting looks like, for help texts. */
export function formOf(name: SettingName): string {
  const { unit, min, max } = SETTINGS[name];
  if (name === 'sense') return Object.keys(SENSE_KINDS).join(', ');
  if (name === 'button_alone') return `off, or 1s to ${formatDuration(max * 1_000)}`;
  if (name === 'gate_id') return 'up to 8 letters, digits, - and _';
  if (unit === 'pin') return 'none, or a free pin such as 4 or A1; then `,pullup` and `,inverted`';
  return `${min} to ${max} ${unit}`.replace(' 1/255', ' (255 is full)');
}

/** The value as people write it. `bytes` are the eight of the wire. */
export function formatSetting(name: SettingName, bytes: Uint8Array): string {
  const { type, unit } = SETTINGS[name];
  if (type === 'bytes8') return text(bytes) || 'none';
  const number = bytes[0]! + (type === 'u16' ? bytes[1]! * 0x100 : 0);
  if (name === 'sense') return kindOf(number) ?? String(number);
  if (name === 'button_alone') return buttonAloneText(number * 1_000);
  if (unit === 'pin') return formatInput(number);
  return unit === '1/255' ? String(number) : `${number} ${unit}`;
}

/** `button_alone` as the configuration has it, in ms. */
export const buttonAloneText = (ms: number): string => (ms === 0 ? 'off' : formatDuration(ms));

/** What a new board of this product stores, as people write it. */
export function defaultSetting(name: SettingName, product: Product): string {
  const number = SETTINGS[name].default[product];
  return formatSetting(name, Uint8Array.of(number & 0xff, number >> 8, 0, 0, 0, 0, 0, 0));
}

/** The eight bytes of the wire, or null when `value` is no such value or outside its range. */
export function parseSetting(name: SettingName, value: string): Uint8Array | null {
  const { type, unit, min, max } = SETTINGS[name];
  if (type === 'bytes8') return parseText(value);
  const number =
    name === 'sense'
      ? kindCode(value)
      : name === 'button_alone'
        ? parseSeconds(value)
        : unit === 'pin'
          ? parseInput(value)
          : parseNumber(value, unit);
  if (number === null || number < min || number > max) return null;
  const bytes = new Uint8Array(VALUE_BYTES);
  bytes[0] = number & 0xff;
  bytes[1] = number >> 8;
  return bytes;
}

const kindOf = (code: number): string | null =>
  Object.entries(SENSE_KINDS).find(([, [known]]) => known === code)?.[0] ?? null;

const kindCode = (value: string): number | null =>
  Object.hasOwn(SENSE_KINDS, value) ? SENSE_KINDS[value as keyof typeof SENSE_KINDS][0] : null;

function parseSeconds(value: string): number | null {
  if (value === 'off') return 0;
  const ms = parseDuration(value);
  return ms === null ? null : ms / 1_000;
}

function parseNumber(value: string, unit: string): number | null {
  const [, digits, written] = /^(\d{1,5}) ?([a-zµ]*)$/.exec(value.replace('us', 'µs')) ?? [];
  const isPlain = digits !== undefined && (written === '' || written === unit);
  if (!isPlain) return unit === 'ms' ? parseDuration(value) : null;
  return Number(digits);
}

function parseInput(value: string): number | null {
  if (value === 'none') return NO_INPUT;
  const [pin = '', ...options] = value.split(',').map((part) => part.trim());
  const [, analog, digits] = /^(A?)(\d{1,2})$/.exec(pin) ?? [];
  if (digits === undefined || Number(digits) > (analog ? MOST_ANALOG : LAST_DIGITAL)) return null;
  let number = Number(digits) + (analog ? FIRST_ANALOG : 0);
  for (const option of options) {
    const bit = option === 'pullup' ? PULLUP : option === 'inverted' ? INVERTED : 0;
    if (bit === 0 || number & bit) return null;
    number |= bit;
  }
  return number;
}

function formatInput(number: number): string {
  if (number === NO_INPUT) return 'none';
  const pin = number & PIN_BITS;
  const name = pin >= FIRST_ANALOG ? `A${pin - FIRST_ANALOG}` : String(pin);
  return [name, ...(number & PULLUP ? ['pullup'] : []), ...(number & INVERTED ? ['inverted'] : [])].join(',');
}

function parseText(value: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]{1,8}$/.test(value)) return null;
  const bytes = new Uint8Array(VALUE_BYTES);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
}

const text = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '')).join('');
