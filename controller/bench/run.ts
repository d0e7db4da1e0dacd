/** `earlid bench run`: one emulated board behind a device path, at the speed of the wall clock. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type BenchPath, runBenchLine } from './bench-commands.ts';
import { BENCH_EXIT, BenchError } from './bench-error.ts';
import { Board } from './board.ts';
import { inBatches } from './board-link.ts';
import { type BrownOut, EXTENDED_FUSES } from './brown-out.ts';
import { keepEepromFile, readEepromFile } from './eeprom-file.ts';
import { type Product, readBootloader, readImage } from './images.ts';
import { Pacer } from './pacer.ts';
import { DevicePath } from './pty.ts';

export interface BenchOptions {
  readonly product: Product;
  /** Where the device path is made. */
  readonly pty: string;
  /** Kept there over runs; erased when the file is missing. */
  readonly eeprom?: string;
  /** Where every edge is written as one line of JSON. */
  readonly trace?: string;
  /** How fast the board's crystal is against the wall clock; default 0. */
  readonly clockPpm?: number;
  /** Arduino pins of named inputs. */
  readonly inputs?: Readonly<Record<string, number>>;
  /** Arduino pins of named lamps. */
  readonly lamps?: Readonly<Record<string, number>>;
  /** Another image than the checked-in one, and one of a bootloader: Intel-hex files. */
  readonly image?: string;
  readonly bootloader?: string;
  readonly seed?: number;
  /** Level that the fuses of the board set; default 2.7 V, as on a stock Uno. */
  readonly brownOut?: BrownOut;
  /** Opening the path resets the board. */
  readonly resetOnOpen?: boolean;
}

/** The process around it; tests pass their own. */
export interface BenchIo {
  readonly stdin: NodeJS.ReadableStream;
  out(text: string): void;
  err(text: string): void;
  /** Calls `run` when the process is asked to end. Returns how to stop listening. */
  onEnd(run: () => void): () => void;
}

/** Runs until the process is asked to end; resolves with its exit code. Rejects with `BenchError` before it is ready. */
export async function runBench(options: BenchOptions, io: BenchIo = processIo): Promise<number> {
  const board = makeBoard(options);
  const complain = (text: string) => io.err(`earlid bench: ${text}\n`);
  const stopTrace = options.trace === undefined ? () => {} : writeTrace(options.trace, board, complain);
  const stopEeprom =
    options.eeprom === undefined ? () => {} : keepEepromFile(options.eeprom, board, complain);
  const pacer = new Pacer(board);
  const path = new SwitchedPath(options, board, io);
  board.onBytes(inBatches((bytes) => path.write(bytes)));
  pacer.onWake = () => path.poll();
  try {
    path.open();
    const lines = createInterface({ input: io.stdin, terminal: false });
    lines.on('line', (line) => {
      try {
        const problem = runBenchLine(line, board, path);
        if (problem) complain(problem);
      } catch (error) {
        complain((error as Error).message);
      }
    });
    pacer.start();
    await new Promise<void>((resolve) => {
      const stop = io.onEnd(() => {
        stop();
        resolve();
      });
    });
    lines.close();
  } finally {
    pacer.stop();
    path.close();
    stopEeprom();
    stopTrace();
  }
  return BENCH_EXIT.done;
}

function makeBoard(options: BenchOptions): Board {
  const { product, eeprom, clockPpm, inputs, lamps, image, bootloader, seed, brownOut } = options;
  const stored = eeprom === undefined ? null : readEepromFile(eeprom);
  let board: Board;
  try {
    board = new Board({
      product,
      traceLimit: 0,
      ...(stored && { eeprom: stored }),
      ...(inputs && { inputs }),
      ...(lamps && { lamps }),
      ...(image !== undefined && { image: readImage(image) }),
      ...(bootloader !== undefined && { bootloader: readBootloader(bootloader) }),
      ...(seed !== undefined && { seed }),
      ...(brownOut !== undefined && { fuses: { extended: EXTENDED_FUSES[brownOut] } }),
    });
  } catch (error) {
    throw new BenchError('bench-data', (error as Error).message, 'An Intel-hex file is expected.');
  }
  if (clockPpm) board.setClockError(clockPpm);
  return board;
}

function writeTrace(path: string, board: Board, complain: (text: string) => void): () => void {
  let file: number;
  try {
    file = openSync(path, 'w');
  } catch (error) {
    throw new BenchError(
      'bench-data',
      `${path}: ${(error as Error).message}`,
      'Choose another --trace FILE.',
    );
  }
  const stop = board.onTrace((entry) => {
    try {
      writeSync(file, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      complain(`cannot write ${path}: ${(error as Error).message}`);
      stop();
    }
  });
  return () => {
    stop();
    closeSync(file);
  };
}

/** The device path, which lines on the standard input can take away and bring back while the board goes on. */
class SwitchedPath implements BenchPath {
  readonly #options: BenchOptions;
  readonly #board: Board;
  readonly #io: BenchIo;
  #device: DevicePath | null = null;

  constructor(options: BenchOptions, board: Board, io: BenchIo) {
    this.#options = options;
    this.#board = board;
    this.#io = io;
  }

  open(): void {
    if (this.#device) return;
    this.#device = new DevicePath(this.#options.pty);
    if (this.#options.resetOnOpen) this.#device.onOpened = () => this.#board.reset();
    this.#io.out(`ready ${this.#options.pty}\n`);
  }

  close(): void {
    this.#device?.close();
    this.#device = null;
  }

  poll(): void {
    const bytes = this.#device?.poll();
    if (bytes) this.#board.send(bytes);
  }

  write(bytes: Uint8Array): void {
    this.#device?.write(bytes);
  }
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const processIo: BenchIo = {
  get stdin() {
    return process.stdin;
  },
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onEnd(run) {
    for (const signal of END_SIGNALS) process.on(signal, run);
    return () => {
      for (const signal of END_SIGNALS) process.off(signal, run);
    };
  },
};
