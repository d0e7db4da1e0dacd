/** A serial port, or anything that behaves like one (a pseudo-terminal), as a link. */
import { readSync, writeSync } from 'node:fs';
import { LIMITS } from '../../schemas/protocol.ts';
import { type Connection, LinkError, type LinkFactory } from './link.ts';
import { Pipe } from './pipe.ts';
import { openError } from './serial-errors.ts';

/** What is used of an open port of serialport's binding: its file descriptor and the waiting for it. */
export interface Port {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable' | 'writable', run: (error: Error | null) => void): unknown };
  close(): Promise<void>;
}
/** Opens the device at `path`; rejects with what the operating system says. */
export type PortOpener = (path: string, baud: number) => Promise<Port>;

/** Loaded at the first opening only: commands that talk to no port start without it. */
const openPort: PortOpener = async (path, baudRate) => {
  const { SerialPort } = await import('serialport');
  // hupcl off: closing must not drop DTR, which resets most boards. The lock keeps other programs out.
  const port = await SerialPort.binding.open({ path, baudRate, hupcl: false, lock: true });
  return port as unknown as Port;
};

/** A gate that takes no bytes for this long a queue (about 0.4 s) is gone. */
const MAX_QUEUED_BYTES = 4096;
const READ_BYTES = 4096;

/**
 * The link to the serial device at `path`. Opening rejects with `port-missing`, `port-forbidden` (its detail names the
 * group of the device), `port-busy` (its detail names the holder where it can be found) or `link-failed`.
 */
export function serialLink(path: string, open: PortOpener = openPort): LinkFactory {
  return async ({ baud = LIMITS.baud.value } = {}) => {
    let port: Port;
    try {
      port = await open(path, baud);
    } catch (error) {
      throw await openError(path, error);
    }
    return new SerialConnection(path, port);
  };
}

/**
 * Reads and writes the descriptor itself, which never blocks (O_NONBLOCK): a mute is with the operating system when
 * `sink` returns. serialport's own reader cannot be used: it reads on without end when a terminal was hung up.
 */
class SerialConnection implements Connection {
  readonly #path: string;
  readonly #port: Port;
  readonly #pipe: Pipe;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  #queue: Buffer = Buffer.alloc(0);
  #closing: Promise<void> | null = null;

  constructor(path: string, port: Port) {
    this.#path = path;
    this.#port = port;
    this.#pipe = new Pipe(
      (bytes) => this.#write(bytes),
      () => void this.#release(),
    );
    this.#read();
  }

  get source(): AsyncIterable<Uint8Array> {
    return this.#pipe.source;
  }

  get sink(): (bytes: Uint8Array) => void {
    return this.#pipe.sink;
  }

  async close(): Promise<void> {
    this.#pipe.end();
    await this.#release();
  }

  #release(): Promise<void> {
    this.#closing ??= this.#port.close().catch(() => {
      // A device that is gone cannot be closed properly; its descriptor is released all the same.
    });
    return this.#closing;
  }

  #read(): void {
    if (this.#pipe.ended) return;
    const got = this.#attempt((fd) => readSync(fd, this.#buffer, 0, READ_BYTES, null));
    if (got === 0) this.#break('the port was hung up');
    else if (got !== null && got !== 'later')
      this.#pipe.deliver(Uint8Array.from(this.#buffer.subarray(0, got)));
    // Waiting also after bytes came lets other connections have their turn under a flood.
    if (!this.#pipe.ended)
      this.#port.poller.once('readable', (error) => this.#ready(error, () => this.#read()));
  }

  #write(bytes: Uint8Array): void {
    const idle = this.#queue.length === 0;
    this.#queue = Buffer.concat([this.#queue, bytes]);
    if (this.#queue.length > MAX_QUEUED_BYTES) this.#break('the device takes no bytes');
    else if (idle) this.#flush();
  }

  #flush(): void {
    if (this.#pipe.ended) return;
    const written = this.#attempt((fd) => writeSync(fd, this.#queue));
    if (written === null) return;
    if (written !== 'later') this.#queue = this.#queue.subarray(written);
    if (this.#queue.length > 0)
      this.#port.poller.once('writable', (error) => this.#ready(error, () => this.#flush()));
  }

  #ready(error: Error | null, next: () => void): void {
    if (this.#pipe.ended) return;
    if (error) this.#break(`the port was hung up (${error.message})`);
    else next();
  }

  /** The result of a system call; `later` when it would have to wait, null when it broke the connection. */
  #attempt(call: (fd: number) => number): number | 'later' | null {
    try {
      if (this.#port.fd !== null) return call(this.#port.fd);
      this.#break('the port was closed');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR') return 'later';
      this.#break(message);
    }
    return null;
  }

  #break(detail: string): void {
    this.#pipe.end(new LinkError('link-failed', `${this.#path}: ${detail}`));
  }
}
