/** A device path of our own: a symbolic link to a pseudo-terminal in raw mode, as any program can open and close it. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { BenchError } from './bench-error.ts';

/** The native part of node-pty; its own reader of both ends would eat what the program on the path writes. */
interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}
const BUFFER_BYTES = 4096;

/** An open device path. It knows whether a program has it open, as a USB device does not but its driver does. */
export class DevicePath {
  /** A program has opened the path. */
  onOpened: () => void = () => {};
  readonly #path: string;
  readonly #master: number;
  readonly #device: string;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #inUse = false;

  /** Makes the path. Throws `BenchError` when it is something else already, or there are no pseudo-terminals. */
  constructor(path: string) {
    refuseForeign(path);
    const { master, slave, pty } = nativePty().open(80, 24);
    this.#path = path;
    this.#master = master;
    this.#device = pty;
    const raw = spawnSync('stty', ['raw', '-echo'], { stdio: [slave, 'ignore', 'ignore'] });
    closeSync(slave);
    if (raw.status !== 0) {
      closeSync(master);
      throw new BenchError('bench-pty', 'stty cannot make the pseudo-terminal raw', 'Install coreutils.');
    }
    try {
      const next = `${path}.${process.pid}`;
      symlinkSync(pty, next);
      renameSync(next, path);
    } catch (error) {
      closeSync(master);
      throw new BenchError('bench-data', `${path}: ${message(error)}`, 'Choose another --pty PATH.');
    }
  }

  /** A program had the path open at the last `poll`. */
  get inUse(): boolean {
    return this.#inUse;
  }

  /** What programs have written since the last poll; null: nothing. */
  poll(): Uint8Array | null {
    const got = this.#read(this.#master);
    const inUse = got !== 'closed';
    if (inUse && !this.#inUse) {
      this.#inUse = true;
      this.onOpened();
    } else if (!inUse && this.#inUse) {
      this.#inUse = false;
      this.#forgetUnread();
    }
    return typeof got === 'string' ? null : got;
  }

  /** Bytes for the program that has the path open; dropped without one, and when it does not read. */
  write(bytes: Uint8Array): void {
    if (!this.#inUse) return;
    try {
      writeSync(this.#master, bytes);
    } catch (error) {
      if (!['EAGAIN', 'EIO'].includes(code(error))) throw error;
    }
  }

  /** Takes the path away; programs that have it open see a hang-up. */
  close(): void {
    closeSync(this.#master);
    try {
      if (readlinkSync(this.#path) === this.#device) unlinkSync(this.#path);
    } catch {
      // Somebody else has removed or replaced it.
    }
  }

  #read(descriptor: number): Uint8Array | 'closed' | 'empty' {
    try {
      const length = readSync(descriptor, this.#buffer);
      return length === 0 ? 'closed' : Uint8Array.from(this.#buffer.subarray(0, length));
    } catch (error) {
      if (code(error) === 'EAGAIN') return 'empty';
      if (code(error) === 'EIO') return 'closed';
      throw error;
    }
  }

  /** The next program shall not find what the last one left unread. */
  #forgetUnread(): void {
    try {
      const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
      const slave = openSync(this.#device, flags);
      while (typeof this.#read(slave) !== 'string');
      closeSync(slave);
    } catch {
      // Another program was faster and took it exclusively; it reads what is there.
    }
  }
}

function nativePty(): NativePty {
  try {
    const require = createRequire(import.meta.url);
    return require('@lydell/node-pty/requireBinary.js').requireBinary('pty.node') as NativePty;
  } catch (error) {
    throw new BenchError(
      'bench-pty',
      `no pseudo-terminals on ${process.platform} ${process.arch}: ${message(error).split('\n')[0]}`,
      'Linux and macOS have them on x64 and arm64. Without: `link: { bench: uno-relay }` in the configuration.',
    );
  }
}

function refuseForeign(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isSymbolicLink()) {
    throw new BenchError('bench-data', `${path} exists and is not a link`, 'Choose another --pty PATH.');
  }
}

const code = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
