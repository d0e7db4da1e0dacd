/** Where the firmware images lie: found from the package root, so from the sources and from `dist/` alike. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FLASH_BYTES, type HexImage, parseIntelHex } from './intel-hex.ts';

/** The products that exist as prebuilt images. */
export const PRODUCTS = ['uno-relay', 'uno-servo'] as const;
export type Product = (typeof PRODUCTS)[number];

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('no package.json above the bench');
    folder = above;
  }
  return folder;
}

/** Path of the checked-in image of a product. */
export function imagePath(product: Product): string {
  return join(packageRoot(), 'firmware', 'prebuilt', `${product}.hex`);
}

/** A line per product: name, bytes of flash, bytes of static RAM; written by `make -C firmware install`. */
export function sizesPath(): string {
  return join(packageRoot(), 'firmware', 'prebuilt', 'sizes.txt');
}

const cache = new Map<string, HexImage>();

/** Reads and parses an image file once. Throws `Error` with the path when it is missing or damaged. */
export function readImage(path: string): HexImage {
  return read(path, FLASH_BYTES);
}

/**
 * Reads the image of a bootloader. Debian's build of Optiboot is 20 bytes too long for its section: its end lies beyond
 * the flash and its version stamp over its code. It gets the room that it needs, and the stamp is left out.
 */
export function readBootloader(path: string): HexImage {
  return read(path, 2 * FLASH_BYTES);
}

function read(path: string, size: number): HexImage {
  const key = `${size} ${path}`;
  const known = cache.get(key);
  if (known) return known;
  let image: HexImage;
  try {
    image = parseIntelHex(readFileSync(path, 'latin1'), size);
  } catch (error) {
    throw new Error(`firmware image ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  cache.set(key, image);
  return image;
}
