/** An emulated board as the hardware of a gate. Its EEPROM is kept, so that a lock and the boot number survive. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Board } from '../bench/board.ts';
import { boardLink } from '../bench/board-link.ts';
import { eepromImage } from '../bench/eeprom-image.ts';
import type { Product } from '../bench/images.ts';
import { Pacer } from '../bench/pacer.ts';
import { writeDurably } from './durable-file.ts';
import type { Hardware } from './hardware.ts';

const SENSE_HIGH_HEARS = 1;
/** An EEPROM byte takes 3.4 ms: what belongs together is written together. */
const SETTLE_MS = 50;

export interface EmulatedOptions {
  readonly product: Product;
  readonly name: string;
  readonly folder: string;
  /** Declared inputs, name to pin. */
  readonly inputs: Readonly<Record<string, number>>;
}

export function emulatedHardware({ product, name, folder, inputs }: EmulatedOptions): Hardware {
  const file = join(folder, `bench-${name}.${product}.eeprom`);
  const eeprom = kept(file) ?? eepromImage({ product, settings: { sense: SENSE_HIGH_HEARS } });
  const board = new Board({ product, eeprom, inputs, traceLimit: 0 });
  const pacer = new Pacer(board);
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  const save = () => {
    timer = null;
    const bytes = board.eeprom.bytes.slice();
    // Without room on the disk the emulated board starts like an older self; nothing else depends on it.
    writing = writing.then(() => writeDurably(file, bytes)).catch(() => {});
  };
  board.eeprom.onChange = () => {
    timer ??= setTimeout(save, SETTLE_MS).unref();
  };
  return {
    link: boardLink(board).open,
    place: `an emulated ${product}`,
    port: null,
    via: 'bench',
    press: (ms) => board.press(ms),
    start: () => pacer.start(),
    async stop() {
      pacer.stop();
      if (timer) {
        clearTimeout(timer);
        save();
      }
      await writing;
    },
  };
}

function kept(file: string): Uint8Array | null {
  try {
    const bytes = readFileSync(file);
    return bytes.length === 1024 ? bytes : null;
  } catch {
    return null;
  }
}
