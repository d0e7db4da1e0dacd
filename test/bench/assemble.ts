/** Tiny programs for the emulated chip, written as assembler in the tests. */
import { createRequire } from 'node:module';
import type { HexImage } from '../../controller/bench/intel-hex.ts';
import { FLASH_BYTES } from '../../controller/bench/intel-hex.ts';

interface Assembled {
  readonly errors: readonly string[];
  readonly bytes: Uint8Array;
}
const { assemble } = createRequire(import.meta.url)('avr8js/dist/cjs/utils/assembler.js') as {
  assemble(source: string): Assembled;
};

/** An image that holds the program from address 0 on. Throws when it cannot be assembled. */
export function program(source: string): HexImage {
  const { errors, bytes: code } = assemble(source);
  if (errors.length > 0) throw new Error(errors.join('; '));
  const bytes = new Uint8Array(FLASH_BYTES).fill(0xff);
  bytes.set(code);
  return { bytes, start: 0, end: code.length };
}
