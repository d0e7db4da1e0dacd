/** Conformance vectors of the guard protocol: frames that the C code and the TypeScript code must both read and write. */
import type { GateKey } from './authenticator.ts';
import { encodeFrame } from './codec.ts';
import type { Message } from './protocol.ts';

export interface Vector {
  readonly name: string;
  /** The whole frame, F0 to F7, in hexadecimal. */
  readonly frame: string;
  readonly count: number;
  /** The message; byte strings as hexadecimal. */
  readonly message: Readonly<Record<string, unknown>>;
  /** Key and gate id of its authenticator, in hexadecimal; null where it has none. */
  readonly by: { readonly key: string; readonly gateId: string } | null;
}

const text8 = (text: string): Uint8Array => Uint8Array.from({ length: 8 }, (_, i) => text.charCodeAt(i) || 0);
const noFlags = {
  locked: false,
  contested: false,
  sensePresent: false,
  senseHears: false,
  buttonDown: false,
  confirming: false,
  attemptsSpent: false,
  verifying: false,
};

const none = new Uint8Array(8);
const challenge = Uint8Array.of(0xc0, 0xff, 0xee, 0x00, 0x80, 0x7f, 0x01, 0xfe);
const key = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) & 0xff);
const kitchen: GateKey = { key, gateId: text8('kitchen') };
const nameless: GateKey = { key: key.toReversed(), gateId: none };

type Row = readonly [name: string, count: number, message: Message, by?: GateKey];

const messages: readonly Row[] = [
  ['hello', 0, { type: 'hello', controller: 0x12345678, challenge }],
  ['hello, largest id', 255, { type: 'hello', controller: 0xffffffff, challenge: none }],
  ['hello, authenticated', 1, { type: 'hello', controller: 7, challenge }, nameless],
  [
    'allow, a lease and a button permission',
    7,
    {
      type: 'allow',
      boot: 258,
      seq: 66051,
      seen: 12,
      liveUntil: 1_009_000,
      buttonUntil: 1_900_000,
      buttonMs: 90_000,
      flags: { night: false, starting: false },
      challenge,
    },
  ],
  [
    'allow, keep-alive only, at night',
    8,
    {
      type: 'allow',
      boot: 1,
      seq: 1,
      seen: 0,
      liveUntil: 0,
      buttonUntil: 0,
      buttonMs: 0,
      flags: { night: true, starting: true },
      challenge,
    },
  ],
  [
    'allow, uptime beyond 32 bits',
    9,
    {
      type: 'allow',
      boot: 0xffffff,
      seq: 0xffffffff,
      seen: 0xffffff,
      liveUntil: 2 ** 32 + 9000,
      buttonUntil: 2 ** 40 - 1,
      buttonMs: 900_000,
      flags: { night: false, starting: false },
      challenge,
    },
  ],
  ['mute by the command line', 10, { type: 'mute', seq: 5, reason: 'cli' }],
  ['mute as the controller stops', 11, { type: 'mute', seq: 0xffffffff, reason: 'stop' }],
  ['lock', 12, { type: 'lock', boot: 3, seq: 9 }],
  ['lock, authenticated', 12, { type: 'lock', boot: 3, seq: 9 }, kitchen],
  [
    'setting, write',
    13,
    {
      type: 'setting',
      boot: 3,
      seq: 10,
      op: 'write',
      setting: 2,
      value: Uint8Array.of(0x20, 0x03, 0, 0, 0, 0, 0, 0),
    },
  ],
  [
    'setting, read',
    14,
    { type: 'setting', boot: 3, seq: 11, op: 'read', setting: 12, value: new Uint8Array(8) },
  ],
  ['stored', 15, { type: 'stored', boot: 3, event: 70_000 }],
  ['stored, authenticated', 15, { type: 'stored', boot: 3, event: 70_000 }, nameless],
  ['pair', 16, { type: 'pair', key }],
  ['pair, forget', 17, { type: 'pair', key: new Uint8Array(32) }],
  [
    'identity',
    0,
    {
      type: 'identity',
      boot: 3,
      schema: 0xdeadbeef,
      firmware: 0x000100,
      product: 'uno-relay',
      gate: text8('kitchen'),
      reset: 'external-reset',
      brownOut: '2.7V',
      flags: { bootloader: true, keyed: false, historyLost: false, pairing: true },
      challenge,
    },
  ],
  [
    'state, muted',
    1,
    {
      type: 'state',
      boot: 3,
      uptime: 123_456,
      phase: 'muted',
      reason: 'power-on',
      leaseLeftMs: 0,
      flags: { ...noFlags, sensePresent: true },
      fault: 'none',
      inputs: 0x10,
      newest: 1,
      liveMs: 0,
      lost: 0,
      challenge,
    },
  ],
  [
    'state, live',
    2,
    {
      type: 'state',
      boot: 3,
      uptime: 2 ** 33,
      phase: 'live',
      reason: 'allow',
      leaseLeftMs: 8_999,
      flags: { ...noFlags, sensePresent: true, senseHears: true },
      fault: 'none',
      inputs: 0x31,
      newest: 0xffffff,
      liveMs: 2 ** 40 - 1,
      lost: 255,
      challenge,
    },
  ],
  [
    'state, fault',
    3,
    {
      type: 'state',
      boot: 3,
      uptime: 5,
      phase: 'muted',
      reason: 'fault',
      leaseLeftMs: 0,
      flags: { ...noFlags, locked: true, sensePresent: true, senseHears: true, buttonDown: true },
      fault: 'sense-live',
      inputs: 0,
      newest: 2,
      liveMs: 70,
      lost: 0,
      challenge,
    },
  ],
  [
    'event',
    4,
    {
      type: 'event',
      seq: 17,
      boot: 3,
      uptime: 99_000,
      kind: 'live',
      reason: 'button',
      detail: 90_000,
    },
  ],
  ['nak', 5, { type: 'nak', message: 2, seq: 66_051, reason: 'unseen' }],
  [
    'value',
    6,
    {
      type: 'value',
      setting: 3,
      status: 'pending',
      value: Uint8Array.of(60, 0, 0, 0, 0, 0, 0, 0),
      challenge,
    },
  ],
];

/** The longest messages of both sides again, with an authenticator. */
const SEALED: ReadonlySet<string> = new Set([
  'allow, uptime beyond 32 bits',
  'setting, write',
  'identity',
  'state, live',
  'event',
  'value',
]);
const rows: readonly Row[] = [
  ...messages,
  ...messages
    .filter(([name]) => SEALED.has(name))
    .map(([name, count, message]): Row => [`${name}, authenticated`, count, message, kitchen]),
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function vectors(): Vector[] {
  return rows.map(([name, count, message, by = null]) => ({
    name,
    frame: hex(encodeFrame(message, count, { by })),
    count,
    by: by && { key: hex(by.key), gateId: hex(by.gateId) },
    message: Object.fromEntries(
      Object.entries(message).map(([key, value]) => [key, value instanceof Uint8Array ? hex(value) : value]),
    ),
  }));
}
