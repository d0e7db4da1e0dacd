/**
 * What the shared suites are run on: the checked-in image on an emulated chip, and the host build in place of both where
 * `EARLID_HOST` names it (`make -C firmware host`).
 */
import { describe } from '@jest/globals';
import type { Board, BoardOptions } from '../../controller/bench/board.ts';
import { Rig } from '../../controller/bench/rig.ts';
import { HostChip } from './host-chip.ts';
import { HostProcess } from './host-process.ts';

export interface Build {
  readonly name: string;
  /** What a board of this build is made with. */
  options(options?: Partial<BoardOptions>): Partial<BoardOptions>;
  rig(options?: Partial<BoardOptions>): Rig;
  /** A rig whose sense reads back the contact. */
  rigWithSense(options?: Partial<BoardOptions>): Rig;
  /** The program runs into an endless loop with interrupts off. Returns how to mend it once the watchdog has bitten. */
  hang(board: Board): () => void;
}

/** Ms that an authenticator takes. */
export const SIGNING_MS = 11.3;
/** Ms until a frame that has to be verified is acted on: its own authenticator, up to one that is being made, and the EEPROM that may be busy. */
export const VERIFIED_AFTER_MS: readonly number[] = Array.from({ length: 15 }, (_, i) => SIGNING_MS + 2 * i);

const SLEEP = 0x9588;
/** `cli`, then a jump to itself. */
const LOOP = [0x94f8, 0xcfff];
/** How soon an idle chip sleeps. */
const ASLEEP_WITHIN_MS = 80;

function makeBuild(name: string, options: Build['options'], hang: Build['hang']): Build {
  return {
    name,
    options,
    rig: (wanted) => new Rig(options(wanted)),
    rigWithSense: (wanted) => Rig.withSense(options(wanted)),
    hang,
  };
}

/** The image runs on the emulated chip; the loop is put where it would go on after its sleep. */
export const IMAGE = makeBuild(
  'the image',
  (options = {}) => options,
  (board) => {
    const { flash } = board;
    board.runUntil(() => flash[board.pc - 1] === SLEEP, ASLEEP_WITHIN_MS, 0.001);
    const { pc } = board;
    const sound = flash.slice(pc, pc + LOOP.length);
    flash.set(LOOP, pc);
    return () => flash.set(sound, pc);
  },
);

function hostBuild(path: string): Build {
  let running: HostProcess | null = null;
  const chips = new WeakMap<Board['eeprom'], HostChip>();
  return makeBuild(
    'the host build',
    (options = {}) => ({
      ...options,
      chip(parts) {
        running ??= new HostProcess(path);
        const chip = new HostChip(running, options.product ?? 'uno-relay', parts);
        chips.set(parts.eeprom, chip);
        return chip;
      },
    }),
    (board) => {
      chips.get(board.eeprom)?.hang();
      return () => {};
    },
  );
}

const path = process.env.EARLID_HOST;

/** Every build there is here. */
export const BUILDS: readonly Build[] = path ? [IMAGE, hostBuild(path)] : [IMAGE];

/** A suite that every build must pass. */
export function onEachBuild(title: string, suite: (build: Build) => void): void {
  describe.each(BUILDS)(`${title} ($name)`, suite);
}
