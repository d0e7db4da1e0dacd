/**
 * The guard protocol, defined once. The controller reads this definition directly; `npm run generate` makes the C header
 * (`firmware/generated/protocol.h`) and the tables of `docs/protocol.md` from it.
 *
 * A guard message is a Firmata sysex frame: `F0, message id, 7-bit packed content, F7`. Content is
 * `head, count, body, [authenticator], CRC-16`; `head` carries the protocol version (high nibble) and flags (low nibble).
 * What the authenticator covers, and with which key, is in `authenticator.ts`.
 */

import type { EnumName, EnumValue, FLAGS, FlagsName } from './codes.ts';

export * from './codes.ts';

/** Version of the guard protocol that this definition describes. */
export const PROTOCOL_VERSION = 2;

/** The controller speaks the current and the previous version; anything older is muted and never given a lease. */
export const OLDEST_SPOKEN_VERSION = Math.max(1, PROTOCOL_VERSION - 1);

/** The firmware version built from this tree, `[major, minor, patch]`. */
export const FIRMWARE_VERSION = [0, 1, 0] as const;

/** Every figure both sides must agree on; units are in the names (`Ms`, `Bytes`) or in the text. */
export const LIMITS = {
  baud: { value: 115200, meaning: 'speed of the serial wire, bits per second' },
  frameBytes: { value: 64, meaning: 'longest whole frame, F0 to F7' },
  contentBytes: { value: 53, meaning: 'longest content of a frame before 7-bit packing' },
  macBytes: { value: 16, meaning: 'authenticator between body and CRC, where there is one' },
  keyBytes: { value: 32, meaning: 'key of a gate; all zero is no key' },
  challengeBytes: { value: 8, meaning: 'challenge of the controller, which the gate echoes' },
  gateIdBytes: { value: 8, meaning: 'longest gate id (printable ASCII, padded with 0)' },
  eventRing: { value: 32, meaning: 'events the gate keeps until they are stored' },
  leaseMs: { value: 9_000, meaning: 'lease the controller gives' },
  renewMs: { value: 3_000, meaning: 'period at which the controller renews it' },
  hostCeilingMs: { value: 30_000, meaning: 'longest lease the gate accepts from the controller' },
  buttonCeilingMs: { value: 900_000, meaning: 'longest grant by the button' },
  silentMs: { value: 3_000, meaning: 'a link without valid frames for this long is silent' },
  statePeriodMs: { value: 1_000, meaning: 'period of `state` when nothing changes' },
  muteResendMs: { value: 100, meaning: 'period at which an unproven mute is sent again' },
  helloMs: { value: 10_000, meaning: 'period at which the controller says hello again' },
  contestedMs: {
    value: 30_000,
    meaning:
      'how long a controller counts as present, and how long `contested` lasts after the last rival hello',
  },
  aloneAfterMs: {
    value: 10_000,
    meaning: 'after this long without a valid allow (and after a reset) only `button_alone` permits a press',
  },
  debounceMs: { value: 20, meaning: 'an input or the released button must be still for this long' },
  pressMinMs: { value: 50, meaning: 'shortest press that can grant' },
  holdMs: { value: 3_000, meaning: 'a press of this length locks, or (while locked) unlocks on release' },
  stuckMs: { value: 10_000, meaning: 'a press longer than this is the fault `button-stuck`' },
  senseAgreeMs: {
    value: 1_000,
    meaning: 'the sense must have agreed with muted for this long before a fault can be cleared',
  },
  pairHoldMs: {
    value: 100,
    meaning: 'a button that is down at power-up, and still so after this long, begins pairing',
  },
  pairingMs: { value: 60_000, meaning: 'how long a gate takes a key' },
  confirmMs: { value: 30_000, meaning: 'a setting that needs a press waits this long for it' },
  leaseEndingMs: { value: 3_000, meaning: 'a lease with less than this left is shown as about to end' },
  servoAttempts: { value: 3, meaning: 'closing moves a faulty servo is given before its power is cut' },
} as const;

/** Wire types: little-endian unsigned integers, one-byte enums and bit sets, and fixed byte strings. */
export type WireType =
  | 'u8'
  | 'u16'
  | 'u24'
  | 'u32'
  | 'u40'
  | 'bytes8'
  | 'bytes32'
  | `enum:${EnumName}`
  | `flags:${FlagsName}`;

/** `since` is the protocol version that appended the field; older frames lack it and it reads as 0. */
type Field = readonly [type: WireType, meaning: string, since?: number];
export interface MessageDefinition {
  readonly id: number;
  readonly from: 'host' | 'gate';
  readonly meaning: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export const MESSAGES = {
  hello: {
    id: 0x01,
    from: 'host',
    meaning: 'who speaks; answered with `identity`, `state` and every event not yet stored',
    fields: {
      controller: ['u32', 'random id of the controller, the same for its whole life'],
      challenge: ['bytes8', 'fresh random number; the gate echoes the newest one it has taken', 2],
    },
  },
  allow: {
    id: 0x02,
    from: 'host',
    meaning: 'the only message that can open anything; also the keep-alive',
    fields: {
      boot: ['u24', 'boot number it is meant for'],
      seq: ['u32', 'above the last accepted one of this boot'],
      seen: ['u24', 'newest event the sender has seen'],
      liveUntil: ['u40', 'uptime of the gate in ms at which the lease ends; 0: no lease'],
      buttonUntil: ['u40', 'uptime in ms beyond which nothing granted by the button may last'],
      buttonMs: ['u24', 'length of a grant by the button in ms; 0: the button may not grant'],
      flags: ['flags:allowFlags', 'how to show the state'],
      challenge: ['bytes8', 'fresh random number; the gate echoes the newest one it has taken', 2],
    },
  },
  mute: {
    id: 0x03,
    from: 'host',
    meaning: 'mute at once; acts from any sender, for any boot, and even when its content is damaged',
    fields: {
      seq: ['u32', 'the same number in every resend of one mute'],
      reason: ['enum:reason', 'who muted (codes 20 to 29)'],
    },
  },
  lock: {
    id: 0x04,
    from: 'host',
    meaning: 'mute and lock',
    fields: {
      boot: ['u24', 'boot number it is meant for'],
      seq: ['u32', 'above the last accepted one of this boot'],
    },
  },
  setting: {
    id: 0x05,
    from: 'host',
    meaning: 'read or write one setting; answered with `value` or `nak`',
    fields: {
      boot: ['u24', 'boot number it is meant for'],
      seq: ['u32', 'above the last accepted one of this boot'],
      op: ['enum:settingOp', 'read or write'],
      setting: ['u8', 'setting id'],
      value: ['bytes8', 'value to write, little-endian, padded with 0'],
    },
  },
  stored: {
    id: 0x06,
    from: 'host',
    meaning: 'events up to this one are on the controller’s disk and may be forgotten',
    fields: {
      boot: ['u24', 'boot number it is meant for'],
      event: ['u24', 'sequence of the newest stored event'],
    },
  },
  pair: {
    id: 0x07,
    from: 'host',
    meaning: 'gives the gate its key; taken only while the gate is pairing',
    fields: { key: ['bytes32', 'the key; all zero: the gate forgets its key'] },
  },
  identity: {
    id: 0x08,
    from: 'gate',
    meaning: 'what answers; sent only after the boot number is committed',
    fields: {
      boot: ['u24', 'number of this boot; never used before'],
      schema: ['u32', 'hash of this protocol definition'],
      firmware: ['u24', 'major, minor and patch version, one byte each from the low end'],
      product: ['enum:product', 'which image runs'],
      gate: ['bytes8', 'gate id'],
      reset: ['enum:reason', 'why the gate was reset (codes 1 to 5)'],
      brownOut: ['enum:brownOut', 'brown-out level set by the fuses'],
      flags: ['flags:identityFlags', 'facts about this board'],
      challenge: ['bytes8', 'newest challenge taken in this boot; 0 before the first', 2],
    },
  },
  state: {
    id: 0x09,
    from: 'gate',
    meaning: 'what the gate knows of itself; sent on change, every second, and as the answer to a message',
    fields: {
      boot: ['u24', 'number of this boot'],
      uptime: ['u40', 'ms since the supply came up (continues over other resets, less the time they took)'],
      phase: ['enum:phase', 'where the actuator is'],
      reason: ['enum:reason', 'why it is there'],
      leaseLeftMs: ['u24', 'ms left of the running lease'],
      flags: ['flags:stateFlags', 'conditions'],
      fault: ['enum:reason', 'latched fault (codes 60 to 79) or none'],
      inputs: ['u8', 'declared inputs: bit 0 to 3 the values, bit 4 to 7 which are declared'],
      newest: ['u24', 'sequence of the newest event'],
      liveMs: ['u40', 'ms in which the speaker may have heard since this boot'],
      lost: ['u8', 'events overwritten before they were stored (stays at 255)'],
      challenge: ['bytes8', 'newest challenge taken in this boot; 0 before the first', 2],
    },
  },
  event: {
    id: 0x0a,
    from: 'gate',
    meaning: 'something that happened; repeated every second until stored',
    fields: {
      seq: ['u24', 'consecutive since the supply came up, from 1'],
      boot: ['u24', 'boot in which it happened'],
      uptime: ['u40', 'uptime in ms at which it happened'],
      kind: ['enum:eventKind', 'what happened'],
      reason: ['enum:reason', 'because of what'],
      detail: ['u24', 'see the kind'],
    },
  },
  nak: {
    id: 0x0b,
    from: 'gate',
    meaning: 'a message was refused and changed nothing',
    fields: {
      message: ['u8', 'id of the refused message'],
      seq: ['u32', 'its sequence, 0 where it has none'],
      reason: ['enum:reason', 'why (codes 40 to 59)'],
    },
  },
  value: {
    id: 0x0c,
    from: 'gate',
    meaning: 'answer to `setting`',
    fields: {
      setting: ['u8', 'setting id'],
      status: ['enum:valueStatus', 'whether it is stored, pending or being written'],
      value: ['bytes8', 'the value, little-endian, padded with 0'],
      challenge: ['bytes8', 'newest challenge taken in this boot; 0 before the first', 2],
    },
  },
} as const satisfies Readonly<Record<string, MessageDefinition>>;

export type MessageName = keyof typeof MESSAGES;
export type HostMessageName = {
  [K in MessageName]: (typeof MESSAGES)[K]['from'] extends 'host' ? K : never;
}[MessageName];
export type GateMessageName = Exclude<MessageName, HostMessageName>;

type FieldValue<T> = T extends `enum:${infer E extends EnumName}`
  ? EnumValue<E>
  : T extends `flags:${infer F extends FlagsName}`
    ? { readonly [K in keyof (typeof FLAGS)[F]]: boolean }
    : T extends 'bytes8' | 'bytes32'
      ? Uint8Array
      : number;

/** A decoded message: its `type` and its fields; enums as their names, flags as booleans, integers as numbers. */
export type MessageOf<K extends MessageName> = { readonly type: K } & {
  readonly [F in keyof (typeof MESSAGES)[K]['fields']]: (typeof MESSAGES)[K]['fields'][F] extends readonly [
    infer T,
    string,
    number?,
  ]
    ? FieldValue<T>
    : never;
};
export type HostMessage = { [K in HostMessageName]: MessageOf<K> }[HostMessageName];
export type GateMessage = { [K in GateMessageName]: MessageOf<K> }[GateMessageName];
export type Message = HostMessage | GateMessage;
/** A message to be encoded: without a challenge it carries zeros. */
export type Unsent<M extends Message> = M extends { readonly challenge: Uint8Array }
  ? Omit<M, 'challenge'> & { readonly challenge?: Uint8Array }
  : M;

/** A byte string of fixed length, which is not a number on either side. */
export function isBytes(type: WireType): type is 'bytes8' | 'bytes32' {
  return type.startsWith('bytes');
}

/** Bytes of one wire type. */
export function widthOf(type: WireType): number {
  if (isBytes(type)) return Number(type.slice(5));
  if (type.startsWith('u')) return Number(type.slice(1)) / 8;
  return 1;
}
