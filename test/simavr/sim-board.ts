/** Boards of `board.c` for tests, which need $EARLID_SIMAVR: the path of the built program. Absent in `npm test`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { eepromImage } from '../../controller/bench/eeprom-image.ts';
import { imagePath, type Product } from '../../controller/bench/images.ts';
import { SENSE_KINDS } from '../../schemas/protocol.ts';
import { Household, until } from '../e2e/system/household.ts';

const BOOTLOADERS = '/usr/share/arduino/hardware/arduino/avr/bootloaders';
const HEX = {
  optiboot: `${BOOTLOADERS}/optiboot/optiboot_atmega328.hex`,
  otherChip: `${BOOTLOADERS}/optiboot/optiboot_atmega168.hex`,
  old: `${BOOTLOADERS}/atmega/ATmegaBOOT_168_atmega328.hex`,
} as const;

/** `describe` where the emulator was built, else skipped. */
export const describeEmulated = process.env.EARLID_SIMAVR ? describe : describe.skip;

export interface SimBoardOptions {
  readonly bootloader?: keyof typeof HEX;
  /** What it runs at first; default: nothing. With a product it also has a sense. */
  readonly runs?: Product;
  /** A0 is wired to the contact, whether or not the board knows it. */
  readonly sense?: boolean;
}

/** A household whose boards can be flashed; they are found under $EARLID_DEV. */
export class Workshop extends Household {
  readonly #boards: ChildProcess[] = [];

  constructor() {
    super();
    mkdirSync(join(this.folder, 'dev/serial/by-id'), { recursive: true });
    process.env.EARLID_DEV = join(this.folder, 'dev');
  }

  async board(
    name: string,
    { bootloader = 'optiboot', runs, sense: wired = runs !== undefined }: SimBoardOptions = {},
  ): Promise<SimBoard> {
    const [tty, eeprom] = [join(this.folder, `${name}.tty`), join(this.folder, `${name}.eeprom`)];
    const path = join(this.folder, 'dev/serial/by-id', `usb-${name}`);
    const args = ['--bootloader', HEX[bootloader], '--pty', tty, '--eeprom', eeprom];
    if (runs) {
      const sense = SENSE_KINDS['high-hears'][0];
      writeFileSync(eeprom, eepromImage({ product: runs, settings: { sense } }));
      args.push('--application', imagePath(runs));
    }
    if (wired) args.push('--sense');
    const child = spawn(process.env.EARLID_SIMAVR!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#boards.push(child);
    const board = new SimBoard(path, child);
    await board.printed(`ready ${tty}`);
    symlinkSync(tty, path);
    return board;
  }

  override async end(): Promise<void> {
    for (const child of this.#boards) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdin!.end();
      await gone;
    }
    delete process.env.EARLID_DEV;
    await super.end();
  }
}

export class SimBoard {
  readonly path: string;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #rest = '';

  constructor(path: string, child: ChildProcess) {
    this.path = path;
    this.#child = child;
    child.stdout!.on('data', (chunk: Buffer) => {
      const parts = (this.#rest + chunk.toString('latin1')).split('\n');
      this.#rest = parts.pop()!;
      this.lines.push(...parts);
    });
  }

  line(text: string): void {
    this.#child.stdin!.write(`${text}\n`);
  }

  /** Every change of the contact so far: 1, 0, 1 … */
  get contact(): number[] {
    return this.lines.filter((line) => line.startsWith('contact ')).map((line) => Number(line.slice(8)));
  }

  /** Every change so far, as soon as it was told. */
  async contactIs(changes: readonly number[]): Promise<void> {
    await until(
      () => this.contact.join() === changes.join(),
      3_000,
      () => `contact: ${this.contact.join()}`,
    );
  }

  async printed(line: string): Promise<void> {
    await until(
      () => this.lines.includes(line),
      5_000,
      () => this.lines.join('\n'),
    );
  }
}
