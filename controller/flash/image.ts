/**
 * Cuts a firmware image into what is written one after the other, so that a board which is reset or unplugged in the middle
 * never runs half of two programs: as long as not everything else is there, its first page only holds the actuator off. Pure.
 */
import type { HexImage } from '../bench/intel-hex.ts';

/** Bytes that an ATmega328P erases and writes at once. */
const PAGE = 128;
const RECORD = 16;

/** Drives D7 low and stays there: `cbi PORTD,7; sbi DDRD,7; rjmp` to the start. Interrupts are off after a reset. */
const STOP = Uint8Array.of(0x5f, 0x98, 0x57, 0x9a, 0xfd, 0xcf);

/** Intel-hex texts in the order of writing. */
export interface FlashParts {
  /** The first page, replaced by a program that does nothing but hold the actuator off. */
  readonly stop: string;
  /** Everything but the first page. */
  readonly rest: string;
  /** The first page: with it the firmware begins to run. */
  readonly first: string;
}

export function partsOf({ bytes, end }: HexImage): FlashParts {
  const stop = new Uint8Array(PAGE).fill(0xff);
  stop.set(STOP);
  return {
    stop: intelHex(stop, 0),
    rest: intelHex(bytes.subarray(PAGE, end), PAGE),
    first: intelHex(bytes.subarray(0, PAGE), 0),
  };
}

/** `bytes` at `address` as Intel hex. */
function intelHex(bytes: Uint8Array, address: number): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += RECORD) {
    const data = bytes.subarray(at, at + RECORD);
    const record = [data.length, (address + at) >> 8, (address + at) & 0xff, 0, ...data];
    const sum = record.reduce((total, byte) => total + byte, 0);
    lines.push(
      `:${[...record, -sum & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase(),
    );
  }
  return `${[...lines, ':00000001FF'].join('\n')}\n`;
}
