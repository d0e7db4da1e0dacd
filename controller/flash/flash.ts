/** Flashes one board: mutes it, writes and verifies the image, and shakes hands with what it has written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EarlidError, type ErrorCode } from '../../schemas/errors.ts';
import { FIRMWARE_VERSION, type Product } from '../../schemas/protocol.ts';
import { schemaHash } from '../../schemas/schema-hash.ts';
import { imagePath, readImage } from '../bench/images.ts';
import type { Board } from '../link/board.ts';
import type { Clock } from '../link/clock.ts';
import { holdersOf } from '../link/holders.ts';
import type { LinkFactory } from '../link/link.ts';
import { type ProbeResult, probe } from '../link/probe.ts';
import { runAvrdude } from './avrdude.ts';
import { partsOf } from './image.ts';
import { diagnose, type Progress } from './output.ts';
import {
  askOldBootloader,
  byProgrammer,
  fusesByProgrammer,
  type Programmer,
  throughBootloader,
} from './programmers.ts';

export interface FlashTarget {
  /** Serial port of the board; null: only a programmer reaches it, and nobody shakes hands with it. */
  readonly path: string | null;
  /** What the owner says it is; else what it says of itself. */
  readonly product: Product | null;
  readonly programmer: Programmer | null;
  /** Leave a board alone that runs this version already. */
  readonly skipCurrent: boolean;
  /** Also where the board says that it is another product. */
  readonly force: boolean;
}

export interface FlashSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly controllerId: number;
  readonly linkTo: (path: string) => LinkFactory;
  readonly signal: AbortSignal;
  /** What is being done, for people. */
  readonly onStep: (step: Step) => void;
}

export type Step = { readonly doing: 'asking' | 'starting-again' } | Progress;

export interface Flashed {
  readonly product: Product;
  /** What was there; null without a serial port. */
  readonly before: ProbeResult | null;
  /** What is there now; null without a serial port. */
  readonly after: Board | null;
  /** It was current already and was left alone. */
  readonly skipped: boolean;
}

/**
 * Opening the port resets most boards. The first start on an erased EEPROM takes 0.2 s to write lock and settings, and what
 * is cut short then counts as locked (S5).
 */
const FIRST_START_MS = 600;

/** The version of the images that come with this controller. */
const IMAGE_VERSION = FIRMWARE_VERSION.join('.');

/** True when a board runs exactly what would be flashed. */
export function isCurrent(board: Pick<Board, 'firmware' | 'schema'>): boolean {
  return board.firmware === IMAGE_VERSION && board.schema === schemaHash();
}

/** Rejects with an `EarlidError`. Whatever fails, the board is left muted: neither bootloader nor half an image drives D7. */
export async function flashBoard(target: FlashTarget, around: FlashSurroundings): Promise<Flashed> {
  const before = target.path === null ? null : await ask(target.path, around);
  const product = productOf(target, before);
  if (target.skipCurrent && before?.kind === 'earlid' && isCurrent(before.board))
    return { product, before, after: before.board, skipped: true };
  if (target.programmer) await writeByProgrammer(target, target.programmer, product, around);
  else await writeThroughBootloader(target.path!, product, around);
  if (target.path === null) return { product, before, after: null, skipped: false };
  around.onStep({ doing: 'starting-again' });
  await new Promise<void>((resolve) => void around.clock.after(FIRST_START_MS, resolve));
  return { product, before, after: await shakeHands(target.path, product, around), skipped: false };
}

const UNREACHABLE = {
  missing: 'port-missing',
  busy: 'port-busy',
  forbidden: 'port-forbidden',
  failed: 'link-failed',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** What is at the port, muted if it is a gate. */
async function ask(path: string, around: FlashSurroundings): Promise<ProbeResult> {
  await refuseHeld(path);
  around.onStep({ doing: 'asking' });
  const found = await probe(around.linkTo(path), { ...around, mute: true });
  if (!('detail' in found)) return found;
  throw new EarlidError(UNREACHABLE[found.kind], { path, detail: found.detail }, { path });
}

/** Two programs at one port would garble what is written. */
async function refuseHeld(path: string): Promise<void> {
  const others = (await holdersOf(path)).filter(({ pid }) => pid !== process.pid);
  if (others.length === 0) return;
  const detail = others.map(({ pid, program }) => `process ${pid} (${program})`).join(' and ');
  throw new EarlidError('port-busy', { path, detail }, { path, holders: others });
}

function productOf({ product, path, force }: FlashTarget, before: ProbeResult | null): Product {
  const told = before?.kind === 'earlid' ? before.board.product : null;
  if (product && told && product !== told && !force)
    throw new EarlidError('product-differs', { path: path ?? '', told, asked: product }, { told });
  const chosen = product ?? told;
  if (chosen) return chosen;
  throw new EarlidError('product-unknown', { path: path ?? 'the programmer' }, { path });
}

async function writeThroughBootloader(
  path: string,
  product: Product,
  around: FlashSurroundings,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'earlid-flash-'));
  try {
    const { stop, rest, first } = partsOf(readImage(imagePath(product)));
    const files: string[] = [];
    for (const [name, text] of Object.entries({ stop, rest, first })) {
      const file = join(folder, `${name}.hex`);
      await writeFile(file, text);
      files.push(file);
    }
    const failure = diagnose(await avrdude(throughBootloader(path, files), around), 'bootloader');
    if (!failure) return;
    if (failure.code === 'flash-no-answer' && (await hasOldBootloader(path, around)))
      throw new EarlidError('flash-old-bootloader', { path }, { path });
    throw new EarlidError(failure.code, { path, product, detail: failure.detail }, { path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asked more than once: whether it listens just then depends on what it was told before, at another speed. */
const OLD_BOOTLOADER_ATTEMPTS = 3;

async function hasOldBootloader(path: string, around: FlashSurroundings): Promise<boolean> {
  for (let attempt = 0; attempt < OLD_BOOTLOADER_ATTEMPTS; attempt++) {
    const run = await avrdude(askOldBootloader(path), around);
    if (run.ending === 'exited') return run.exit === 0;
    if (run.ending !== 'hopeless') return false;
  }
  return false;
}

async function writeByProgrammer(
  { path }: FlashTarget,
  programmer: Programmer,
  product: Product,
  around: FlashSurroundings,
): Promise<void> {
  if (programmer.port !== null) await refuseHeld(programmer.port);
  for (const args of [fusesByProgrammer(programmer), byProgrammer(programmer, imagePath(product))]) {
    const failure = diagnose(await avrdude(args, around), 'programmer');
    const details = { path: programmer.port ?? path ?? 'usb', programmer: programmer.name };
    if (failure)
      throw new EarlidError(failure.code, { ...details, product, detail: failure.detail }, details);
  }
}

const avrdude = (args: readonly string[], { env, signal, onStep }: FlashSurroundings) =>
  runAvrdude(args, { env, signal, onProgress: onStep });

async function shakeHands(path: string, product: Product, around: FlashSurroundings): Promise<Board> {
  const found = await probe(around.linkTo(path), around);
  if (found.kind === 'earlid' && found.board.product === product && isCurrent(found.board))
    return found.board;
  const told =
    found.kind === 'earlid'
      ? `it says it is ${found.board.product} ${found.board.firmware}`
      : 'detail' in found
        ? found.detail
        : `${found.kind} instead`;
  const details = { path, product, version: IMAGE_VERSION, detail: told };
  throw new EarlidError('flash-not-shown', details, { path, found });
}
