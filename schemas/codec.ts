/** Guard messages to Firmata sysex frames and back, driven by the definition in `protocol.ts`. Pure. */
import { authenticatorOf, type GateKey, isAuthenticator } from './authenticator.ts';
import { crc16Of, pack7, unpack7 } from './packing.ts';
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
const NOTHING = new Uint8Array();
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

/** A field as it stands in a body. */
interface Part {
  readonly name: string;
  readonly width: number;
  /** Null: the value is a string of bytes. */
  readonly words: Words | null;
}

/** What a number on the wire means. */
interface Words {
  /** Undefined: it means nothing. */
  readonly read: (number: number) => unknown;
  /** Throws RangeError when no number means this. */
  readonly write: (value: unknown, name: string) => number;
}

function wordsOf(type: WireType): Words | null {
  if (isBytes(type)) return null;
  if (type.startsWith('enum:')) return enumWords(ENUMS[type.slice(5) as EnumName]);
  if (type.startsWith('flags:')) return flagWords(Object.keys(FLAGS[type.slice(6) as FlagsName]));
  const end = 2 ** (8 * widthOf(type));
  return {
    read: (number) => number,
    write(value, name) {
      const number = value as number;
      if (!Number.isInteger(number) || number < 0 || number >= end)
        throw new RangeError(`${name}: ${number} does not fit ${type}`);
      return number;
    },
  };
}

function enumWords(codes: Readonly<Record<string, readonly [number, string]>>): Words {
  const codeOf = new Map(Object.entries(codes).map(([word, [code]]) => [word, code]));
  const wordOf = new Map([...codeOf].map(([word, code]) => [code, word]));
  return {
    read: (number) => wordOf.get(number),
    write(value, name) {
      const code = codeOf.get(value as string);
      if (code === undefined) throw new RangeError(`${name}: no code for ${String(value)}`);
      return code;
    },
  };
}

function flagWords(names: readonly string[]): Words {
  return {
    read(number) {
      const flags: Record<string, boolean> = {};
      for (const [i, flag] of names.entries()) flags[flag] = (number & (1 << i)) !== 0;
      return flags;
    },
    write: (value) =>
      names.reduce((bits, flag, i) => bits | ((value as Record<string, boolean>)[flag] ? 1 << i : 0), 0),
  };
}

/** The fields of a message in one version, what it lacks of the newest, and how many bytes its body has. */
interface Layout {
  readonly parts: readonly Part[];
  readonly lacking: readonly Part[];
  readonly bytes: number;
}

const layouts = new Map<string, Layout>();

function layoutOf(name: MessageName, version: number): Layout {
  const key = `${name} ${version}`;
  const known = layouts.get(key);
  if (known) return known;
  const { fields }: MessageDefinition = MESSAGES[name];
  const parts: Part[] = [];
  const lacking: Part[] = [];
  for (const [field, [type, , since = 1]] of Object.entries(fields))
    (since <= version ? parts : lacking).push({ name: field, width: widthOf(type), words: wordsOf(type) });
  const layout = { parts, lacking, bytes: parts.reduce((sum, { width }) => sum + width, 0) };
  layouts.set(key, layout);
  return layout;
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
  const { id } = MESSAGES[message.type];
  const { parts, bytes } = layoutOf(message.type, version);
  const content = new Uint8Array(HEAD_BYTES + bytes + (by ? LIMITS.macBytes.value : 0) + CRC_BYTES);
  content[0] = ((version << 4) & 0xf0) | (by ? AUTHENTICATED : 0);
  content[1] = count;
  let at = HEAD_BYTES;
  for (const { name, width, words } of parts) {
    const value = (message as unknown as Record<string, unknown>)[name];
    if (words) {
      let number = words.write(value, `${message.type}.${name}`);
      for (let i = 0; i < width; i++, number = Math.floor(number / 256)) content[at + i] = number & 0xff;
    } else {
      const string = (value as Uint8Array | undefined) ?? NOTHING;
      if (string.length > width) throw new RangeError(`${name}: longer than ${width} bytes`);
      content.set(string, at);
    }
    at += width;
  }
  if (by) content.set(authenticatorOf(by, id, content.subarray(0, at)), at);
  const end = content.length - CRC_BYTES;
  const crc = crc16Of(id, content.subarray(0, end));
  content[end] = crc & 0xff;
  content[end + 1] = crc >> 8;
  const packed = pack7(content);
  const frame = new Uint8Array(packed.length + 3);
  frame[0] = SYSEX_START;
  frame[1] = id;
  frame.set(packed, 2);
  frame[frame.length - 1] = SYSEX_END;
  return frame;
}

/** A frame that came whole, of a version that is spoken. */
interface Opened {
  readonly name: MessageName;
  readonly version: number;
  readonly count: number;
  readonly hasAuthenticator: boolean;
  /** Head, count and body, and what follows them up to the CRC. */
  readonly content: Uint8Array;
  readonly authenticator: Uint8Array;
}

function open(inner: Uint8Array): Opened | DecodeFailure {
  const name = nameById.get(inner[0] ?? -1);
  if (!name) return { error: 'id' };
  if (inner.length + 2 > LIMITS.frameBytes.value) return { error: 'length' };
  const whole = unpack7(inner.subarray(1));
  if (!whole) return { error: 'packing' };
  const end = whole.length - CRC_BYTES;
  if (end < HEAD_BYTES) return { error: 'length' };
  const crc = crc16Of(inner[0]!, whole.subarray(0, end));
  if (whole[end] !== (crc & 0xff) || whole[end + 1] !== crc >> 8) return { error: 'crc' };
  const version = whole[0]! >> 4;
  if (version > PROTOCOL_VERSION || version < OLDEST_SPOKEN_VERSION) return { error: 'version', version };
  const flags = whole[0]! & HEAD_FLAGS;
  if (flags > (version < AUTHENTICATED_SINCE ? 0 : AUTHENTICATED)) return { error: 'value' };
  const hasAuthenticator = flags === AUTHENTICATED;
  const start = end - (hasAuthenticator ? LIMITS.macBytes.value : 0);
  if (start !== HEAD_BYTES + layoutOf(name, version).bytes) return { error: 'length' };
  const [content, authenticator] = [whole.subarray(0, start), whole.subarray(start, end)];
  return { name, version, count: whole[1]!, hasAuthenticator, content, authenticator };
}

/** Decodes what stands between F0 and F7: the message id and the packed content. Never throws. */
export function decodeFrame(inner: Uint8Array): DecodeResult {
  const opened = open(inner);
  if ('error' in opened) return opened;
  const { version, count, hasAuthenticator } = opened;
  const message = messageOf(opened);
  return message ? { message, count, version, hasAuthenticator } : { error: 'value' };
}

/**
 * Whether what stands between F0 and F7 is whole and carries the right authenticator of this gate. What it says is for
 * `decodeFrame`. Throws RangeError when key or gate id are no such thing.
 */
export function isAuthentic(inner: Uint8Array, by: GateKey): boolean {
  const opened = open(inner);
  if ('error' in opened || !opened.hasAuthenticator) return false;
  return isAuthenticator(opened.authenticator, by, inner[0]!, opened.content);
}

/** Null when a field has no meaning. */
function messageOf({ name, version, content }: Opened): Message | null {
  const { parts, lacking } = layoutOf(name, version);
  const message: Record<string, unknown> = { type: name };
  let at = HEAD_BYTES;
  for (const { name: field, width, words } of parts) {
    const value = words ? words.read(numberAt(content, at, width)) : content.slice(at, at + width);
    if (value === undefined) return null;
    message[field] = value;
    at += width;
  }
  for (const { name: field, width, words } of lacking)
    message[field] = words ? words.read(0) : new Uint8Array(width);
  return message as unknown as Message;
}

function numberAt(bytes: Uint8Array, at: number, width: number): number {
  let number = 0;
  for (let i = width - 1; i >= 0; i--) number = number * 256 + bytes[at + i]!;
  return number;
}
