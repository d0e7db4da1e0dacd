/** Guard messages to Firmata sysex frames and back, driven by the definition in `protocol.ts`. Pure. */
import { authenticatorOf, type GateKey, isAuthenticator } from './authenticator.ts';
import {
  ENUMS,
  type EnumName,
  FLAGS,
  type FlagsName,
  isBytes,
  LIMITS,
  MESSAGES,
  type Message,
  type MessageDefinition,
  type MessageName,
  OLDEST_SPOKEN_VERSION,
  PROTOCOL_VERSION,
  type Unsent,
  type WireType,
  widthOf,
} from './protocol.ts';

export const SYSEX_START = 0xf0;
export const SYSEX_END = 0xf7;
const HEAD_BYTES = 2;
const CRC_BYTES = 2;
const AUTHENTICATED = 0x01;
const HEAD_FLAGS = 0x0f;
/** The first version whose frames may carry an authenticator. */
const AUTHENTICATED_SINCE = 2;

/** Why bytes are not a message; `version` carries the version found so that an older gate can be named. */
export type DecodeFailure =
  | { readonly error: 'length' | 'packing' | 'crc' | 'id' | 'value' }
  | { readonly error: 'version'; readonly version: number };
export type DecodeResult =
  | {
      readonly message: Message;
      readonly count: number;
      readonly version: number;
      /** It carries an authenticator; whether that is the right one is for `isAuthentic` to say. */
      readonly hasAuthenticator: boolean;
    }
  | DecodeFailure;

const nameById = new Map<number, MessageName>(
  Object.entries(MESSAGES).map(([name, definition]) => [definition.id, name as MessageName]),
);

/** CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, not reflected). */
export function crc16(bytes: Iterable<number>): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** Packs bytes into 7-bit bytes, least significant bit first; the last one is padded with 0. */
export function pack7(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil((bytes.length * 8) / 7));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const value = (bytes[bit >> 3]! >> (bit & 7)) & 1;
    packed[Math.floor(bit / 7)]! |= value << (bit % 7);
  }
  return packed;
}

/** The reverse of `pack7`; null when a byte has its high bit set, a length no packing gives, or padding that is not 0. */
export function unpack7(packed: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((packed.length * 7) / 8));
  if (Math.ceil((bytes.length * 8) / 7) !== packed.length) return null;
  for (let bit = 0; bit < packed.length * 7; bit++) {
    if (packed[Math.floor(bit / 7)]! > 0x7f) return null;
    const value = (packed[Math.floor(bit / 7)]! >> (bit % 7)) & 1;
    if (bit < bytes.length * 8) bytes[bit >> 3]! |= value << (bit & 7);
    else if (value) return null;
  }
  return bytes;
}

function fieldsOf(definition: MessageDefinition, version: number): [name: string, type: WireType][] {
  return Object.entries(definition.fields)
    .filter(([, [, , since = 1]]) => since <= version)
    .map(([name, [type]]) => [name, type]);
}

function bodyBytes(definition: MessageDefinition, version: number): number {
  return fieldsOf(definition, version).reduce((sum, [, type]) => sum + widthOf(type), 0);
}

function fieldToNumber(type: WireType, value: unknown, name: string): number {
  if (type.startsWith('enum:')) {
    const entry = (ENUMS[type.slice(5) as EnumName] as Record<string, readonly [number, string]>)[
      value as string
    ];
    if (!entry) throw new RangeError(`${name}: no code for ${String(value)}`);
    return entry[0];
  }
  if (type.startsWith('flags:')) {
    const names = Object.keys(FLAGS[type.slice(6) as FlagsName]);
    return names.reduce((bits, flag, i) => bits | ((value as Record<string, boolean>)[flag] ? 1 << i : 0), 0);
  }
  const number = value as number;
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (8 * widthOf(type))) {
    throw new RangeError(`${name}: ${number} does not fit ${type}`);
  }
  return number;
}

function fieldFromNumber(type: WireType, number: number): unknown {
  if (type.startsWith('enum:')) {
    const codes = Object.entries(ENUMS[type.slice(5) as EnumName]) as [string, readonly [number, string]][];
    return codes.find(([, [code]]) => code === number)?.[0];
  }
  if (type.startsWith('flags:')) {
    return Object.fromEntries(
      Object.keys(FLAGS[type.slice(6) as FlagsName]).map((flag, i) => [flag, (number & (1 << i)) !== 0]),
    );
  }
  return number;
}

export interface FrameOptions {
  /** Default: the version of this definition. */
  readonly version?: number;
  /** With it the frame carries its authenticator. */
  readonly by?: GateKey | null;
}

/**
 * One whole frame. `count` is the sender's frame counter (modulo 256), by which a receiver counts lost frames.
 * Throws RangeError when a value does not fit its field, or the version knows no authenticator.
 */
export function encodeFrame(
  message: Unsent<Message>,
  count: number,
  { version = PROTOCOL_VERSION, by = null }: FrameOptions = {},
): Uint8Array {
  if (by && version < AUTHENTICATED_SINCE) throw new RangeError(`version ${version} has no authenticator`);
  const definition: MessageDefinition = MESSAGES[message.type];
  const content = [((version << 4) & 0xf0) | (by ? AUTHENTICATED : 0), count & 0xff];
  for (const [name, type] of fieldsOf(definition, version)) {
    const value = (message as unknown as Record<string, unknown>)[name];
    if (isBytes(type)) {
      const bytes = (value as Uint8Array | undefined) ?? [];
      const width = widthOf(type);
      if (bytes.length > width) throw new RangeError(`${name}: longer than ${width} bytes`);
      for (let i = 0; i < width; i++) content.push(bytes[i] ?? 0);
      continue;
    }
    let number = fieldToNumber(type, value, `${message.type}.${name}`);
    for (let i = 0; i < widthOf(type); i++, number = Math.floor(number / 256)) content.push(number & 0xff);
  }
  if (by) content.push(...authenticatorOf(by, definition.id, Uint8Array.from(content)));
  const crc = crc16([definition.id, ...content]);
  const packed = pack7(Uint8Array.from([...content, crc & 0xff, crc >> 8]));
  return Uint8Array.from([SYSEX_START, definition.id, ...packed, SYSEX_END]);
}

/** Decodes what stands between F0 and F7: the message id and the packed content. Never throws. */
export function decodeFrame(inner: Uint8Array): DecodeResult {
  const name = nameById.get(inner[0] ?? -1);
  if (!name) return { error: 'id' };
  if (inner.length + 2 > LIMITS.frameBytes.value) return { error: 'length' };
  const content = unpack7(inner.subarray(1));
  if (!content) return { error: 'packing' };
  if (content.length < HEAD_BYTES + CRC_BYTES) return { error: 'length' };
  const body = content.subarray(HEAD_BYTES, content.length - CRC_BYTES);
  const crc = crc16([inner[0]!, ...content.subarray(0, content.length - CRC_BYTES)]);
  if (content.at(-2) !== (crc & 0xff) || content.at(-1) !== crc >> 8) return { error: 'crc' };
  const version = content[0]! >> 4;
  if (version > PROTOCOL_VERSION || version < OLDEST_SPOKEN_VERSION) return { error: 'version', version };
  const flags = content[0]! & HEAD_FLAGS;
  if (flags > (version < AUTHENTICATED_SINCE ? 0 : AUTHENTICATED)) return { error: 'value' };
  const hasAuthenticator = flags === AUTHENTICATED;
  const definition: MessageDefinition = MESSAGES[name];
  const mac = hasAuthenticator ? LIMITS.macBytes.value : 0;
  if (body.length !== bodyBytes(definition, version) + mac) return { error: 'length' };
  const fields = readFields(definition, body, version);
  if (!fields) return { error: 'value' };
  const message = { type: name, ...fields } as unknown as Message;
  return { message, count: content[1]!, version, hasAuthenticator };
}

/**
 * Whether what stands between F0 and F7 carries the right authenticator of this gate. False for anything that
 * `decodeFrame` refuses. Throws RangeError when key or gate id are no such thing.
 */
export function isAuthentic(inner: Uint8Array, by: GateKey): boolean {
  const decoded = decodeFrame(inner);
  if ('error' in decoded || !decoded.hasAuthenticator) return false;
  const content = unpack7(inner.subarray(1))!;
  const end = content.length - CRC_BYTES;
  const start = end - LIMITS.macBytes.value;
  return isAuthenticator(content.subarray(start, end), by, inner[0]!, content.subarray(0, start));
}

function readFields(
  definition: MessageDefinition,
  body: Uint8Array,
  version: number,
): Record<string, unknown> | null {
  const fields: Record<string, unknown> = {};
  let at = 0;
  for (const [name, [type, , since = 1]] of Object.entries(definition.fields)) {
    if (since > version) {
      fields[name] = isBytes(type) ? new Uint8Array(widthOf(type)) : fieldFromNumber(type, 0);
      continue;
    }
    const width = widthOf(type);
    if (isBytes(type)) {
      fields[name] = body.slice(at, at + width);
    } else {
      let number = 0;
      for (let i = width - 1; i >= 0; i--) number = number * 256 + body[at + i]!;
      const value = fieldFromNumber(type, number);
      if (value === undefined) return null;
      fields[name] = value;
    }
    at += width;
  }
  return fields;
}
