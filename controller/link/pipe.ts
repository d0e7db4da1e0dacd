/** A connection whose bytes are pushed in by whoever has them: an emulated board, the reader of a serial port. */
import { type Connection, LinkError } from './link.ts';

/** Bytes that wait for a reader that does not read; beyond it the connection breaks, as a real device would lose them. */
const MAX_WAITING_BYTES = 1 << 20;

/** One connection. `write` gets what the controller sends; `onEnd` is called once, when the connection ends. */
export class Pipe implements Connection {
  readonly source: AsyncIterable<Uint8Array>;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #onEnd: () => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #error: LinkError | null = null;
  #wake: (() => void) | null = null;

  constructor(write: (bytes: Uint8Array) => void, onEnd: () => void) {
    this.#write = write;
    this.#onEnd = onEnd;
    this.source = this.#read();
  }

  get ended(): boolean {
    return this.#ended;
  }

  readonly sink = (bytes: Uint8Array): void => {
    if (!this.#ended) this.#write(bytes);
  };

  /** Bytes for the reader; dropped after the end. */
  deliver(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      this.end(new LinkError('link-failed', 'nobody reads the bytes'));
    this.#wake?.();
  }

  /** Ends the connection, with the error that broke it; what has not been read is dropped. */
  end(error: LinkError | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#waiting.length = 0;
    this.#onEnd();
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.end();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    while (true) {
      const bytes = this.#waiting.shift();
      if (bytes) {
        this.#waitingBytes -= bytes.length;
        yield bytes;
      } else if (this.#ended) {
        if (this.#error) throw this.#error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }
}
