/** Bytes as they travel in a Firmata sysex, seven bits each, and the CRC over them. Pure. */

const POLYNOMIAL = 0x1021;
const START = 0xffff;

/** What a byte at the top of the register comes to. */
const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/** CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, not reflected). */
export function crc16(bytes: Iterable<number>): number {
  return crcAfter(START, bytes);
}

/** The same over an id and what comes with it. */
export const crc16Of = (id: number, bytes: Uint8Array): number => crcAfter(crcAfter(START, [id]), bytes);

function crcAfter(start: number, bytes: Iterable<number>): number {
  let crc = start;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ CRC_OF_BYTE[(crc >> 8) ^ byte]!;
  return crc;
}

/** Packs bytes into 7-bit bytes, least significant bit first; the last one is padded with 0. */
export function pack7(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil((bytes.length * 8) / 7));
  let [held, bits, at] = [0, 0, 0];
  for (const byte of bytes) {
    held |= byte << bits;
    for (bits += 8; bits >= 7; bits -= 7, held >>= 7) packed[at++] = held & 0x7f;
  }
  if (bits > 0) packed[at] = held;
  return packed;
}

/** The reverse of `pack7`; null when a byte has its high bit set, a length no packing gives, or padding that is not 0. */
export function unpack7(packed: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((packed.length * 7) / 8));
  if (Math.ceil((bytes.length * 8) / 7) !== packed.length) return null;
  let [held, bits, at] = [0, 0, 0];
  for (const part of packed) {
    if (part > 0x7f) return null;
    held |= part << bits;
    bits += 7;
    if (bits < 8) continue;
    bytes[at++] = held & 0xff;
    held >>= 8;
    bits -= 8;
  }
  return held === 0 ? bytes : null;
}
