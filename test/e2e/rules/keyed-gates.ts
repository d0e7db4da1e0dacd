/** Keys and what goes wrong with them, for the tests of keyed gates. */
import type { Rig } from '../../../controller/bench/rig.ts';
import type { GateKey } from '../../../schemas/authenticator.ts';
import { crc16, pack7, unpack7 } from '../../../schemas/packing.ts';
import { LIMITS } from '../../../schemas/protocol.ts';

const bytes = (start: number, step: number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => (start + i * step) & 0xff);
const id = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'ascii'));

export const KITCHEN: GateKey = { key: bytes(11, 37), gateId: id('kitchen') };
/** A key that no gate has. */
export const NO_KEY: GateKey = { ...KITCHEN, key: bytes(7, 53) };
/** The same gate with another key, and another gate with the same key. */
export const OTHER_KEY: GateKey = { ...KITCHEN, key: bytes(5, 91) };
export const OTHER_GATE: GateKey = { ...KITCHEN, gateId: id('study') };

/** A frame with one bit of its content (from 0) flipped and its CRC made right again. */
export function tampered(frame: Uint8Array, bit: number): Uint8Array {
  const content = unpack7(frame.subarray(2, -1))!;
  const covered = content.length - 2;
  content[(bit >> 3) % covered]! ^= 1 << (bit & 7);
  return withCrc(frame[1]!, content.subarray(0, covered));
}

/** Bits of content of a frame that an authenticator covers or makes up. */
export const contentBits = (frame: Uint8Array): number => (unpack7(frame.subarray(2, -1))!.length - 2) * 8;

/** A frame without its last so many bytes of content, its CRC right. */
export function shortened(frame: Uint8Array, by: number): Uint8Array {
  const content = unpack7(frame.subarray(2, -1))!;
  return withCrc(frame[1]!, content.subarray(0, content.length - 2 - by));
}

/** A frame with the authenticator of another one, its CRC right. */
export function borrowed(frame: Uint8Array, from: Uint8Array): Uint8Array {
  const end = -2 - LIMITS.macBytes.value;
  const content = unpack7(frame.subarray(2, -1))!;
  const other = unpack7(from.subarray(2, -1))!;
  return withCrc(frame[1]!, Uint8Array.from([...content.subarray(0, end), ...other.subarray(end, -2)]));
}

/** The content of a frame under the name of another message, its CRC right. */
export const renamed = (frame: Uint8Array, message: number): Uint8Array =>
  withCrc(message, unpack7(frame.subarray(2, -1))!.subarray(0, -2));

function withCrc(message: number, content: Uint8Array): Uint8Array {
  const crc = crc16([message, ...content]);
  const packed = pack7(Uint8Array.from([...content, crc & 0xff, crc >> 8]));
  return Uint8Array.from([0xf0, message, ...packed, 0xf7]);
}

/** Lets the gate take a frame, verify it and answer. */
export function put(rig: Rig, frame: Uint8Array): void {
  rig.board.send(frame);
  rig.board.runFor(70);
}

/** Reasons of the refusals since the last call. */
export function refusals(rig: Rig): string[] {
  const found = rig.received.flatMap(({ message }) => (message.type === 'nak' ? [message.reason] : []));
  const rest = rig.received.filter(({ message }) => message.type !== 'nak');
  rig.received.splice(0, rig.received.length, ...rest);
  return found;
}

/** Without supply, then with it and the button held; still down when this returns. */
export function powerUpHolding(rig: Rig, ms = 400): void {
  rig.board.power(false);
  rig.board.runFor(50);
  rig.board.buttonDown();
  rig.board.runFor(10);
  rig.board.power(true);
  rig.board.runFor(ms);
}

/** Holds the button at power-up, lets it go, and greets. */
export function beginPairing(rig: Rig): void {
  powerUpHolding(rig);
  rig.board.buttonUp();
  rig.board.runFor(50);
  rig.hello();
}

/** Gives a key (zeros: none) to a gate that is pairing; returns when it has told so. `by` is whom it is from then on. */
export function pair(rig: Rig, key: Uint8Array, by: GateKey | null): void {
  rig.send({ type: 'pair', key });
  rig.by = by;
  const isTold = (): boolean =>
    rig.last('event')?.kind === 'paired' && rig.last('identity')?.flags.pairing === false;
  if (!rig.board.runUntil(isTold, 4000, 1)) throw new Error('not paired');
}
