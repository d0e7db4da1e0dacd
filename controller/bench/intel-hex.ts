/** Reads Intel-hex images as avr-objcopy and avr-libc write them. Pure. */

/** Bytes of flash in an ATmega328P. */
export const FLASH_BYTES = 0x8000;

/** What an image holds; `bytes` is the whole memory, erased (0xFF) where the image says nothing. */
export interface HexImage {
  readonly bytes: Uint8Array;
  /** Lowest and one past the highest byte address the image sets. */
  readonly start: number;
  readonly end: number;
}

/**
 * Parses one image for a memory of `size` bytes. Where records overlap the first counts. Throws `Error` naming the line
 * when a record is damaged or lies beyond the memory.
 */
export function parseIntelHex(text: string, size = FLASH_BYTES): HexImage {
  const bytes = new Uint8Array(size).fill(0xff);
  const written = new Uint8Array(size);
  let base = 0;
  let start = size;
  let end = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const record = readRecord(line, index + 1);
    if (record.type === 1) break;
    if (record.type === 2) base = ((record.data[0]! << 8) | record.data[1]!) * 16;
    else if (record.type === 4) base = ((record.data[0]! << 8) | record.data[1]!) * 0x10000;
    else if (record.type === 0) {
      const at = base + record.address;
      if (at + record.data.length > size) {
        throw new Error(`Intel hex, line ${index + 1}: address beyond ${size} bytes of flash`);
      }
      for (const [offset, byte] of record.data.entries()) {
        if (!written[at + offset]) bytes[at + offset] = byte;
        written[at + offset] = 1;
      }
      start = Math.min(start, at);
      end = Math.max(end, at + record.data.length);
    }
  }
  if (end === 0) throw new Error('Intel hex: no data');
  return { bytes, start, end };
}

function readRecord(line: string, lineNumber: number): { type: number; address: number; data: Uint8Array } {
  if (!/^:([0-9a-f]{2}){5,}$/i.test(line)) throw new Error(`Intel hex, line ${lineNumber}: not a record`);
  const bytes = Uint8Array.from(Buffer.from(line.slice(1), 'hex'));
  const sum = bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
  if (sum !== 0) throw new Error(`Intel hex, line ${lineNumber}: wrong checksum`);
  if (bytes.length !== bytes[0]! + 5) throw new Error(`Intel hex, line ${lineNumber}: wrong length`);
  return { type: bytes[3]!, address: (bytes[1]! << 8) | bytes[2]!, data: bytes.subarray(4, -1) };
}
