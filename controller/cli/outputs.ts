/**
 * The outputs of the process. A command whose reader has gone ends with it (`| head`); a daemon outlives them: a log
 * that cannot be written, or that nobody reads, must keep no gate from being muted (S3, S10).
 */

export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Calls `run` whenever it cannot be written and the process has outlived it. */
  onLost(run: () => void): void;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Characters that wait to be written. */
  readonly writableLength: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  /** Of a terminal or a pipe: whether a write waits for the reader. */
  readonly _handle?: { setBlocking?(blocking: boolean): unknown };
}

export type OutputLost = (error: NodeJS.ErrnoException, stream: OutputStream) => void;

/** Beyond this, what nobody reads is dropped. */
const MAX_WAITING = 256 * 1024;
/** How long the end of a daemon waits for a slow reader. */
const LAST_WORDS_MS = 500;
const LOOK_MS = 10;

export class Outputs {
  readonly #streams: readonly OutputStream[];
  readonly #end: OutputLost;
  #outlived = false;
  #lost = (_stream: OutputStream) => {};

  /** `end` is called when an output of a command cannot be written. */
  constructor(streams: readonly OutputStream[], end: OutputLost) {
    this.#streams = streams;
    this.#end = end;
    for (const stream of streams) stream.on('error', (error) => this.#failed(stream, error));
  }

  /** `stream` as commands write to it. */
  of(stream: OutputStream): Output {
    return {
      write: (text) => this.#write(stream, text),
      get isTTY() {
        return stream.isTTY === true;
      },
      get columns() {
        return stream.columns || 80;
      },
      onLost: (run) => {
        const before = this.#lost;
        this.#lost = (lost) => (lost === stream ? run() : before(lost));
      },
    };
  }

  /** From now on an output that fails or is not read only goes silent. */
  outlive(): void {
    this.#outlived = true;
    // A terminal that was stopped with Ctrl-S would stop the whole process.
    for (const { _handle } of this.#streams) _handle?.setBlocking?.(false);
  }

  /** False for a command, which waits for its readers; true for a daemon, once all is written or they were slow. */
  async ended(): Promise<boolean> {
    if (!this.#outlived) return false;
    for (let waited = 0; waited < LAST_WORDS_MS; waited += LOOK_MS) {
      if (this.#streams.every(({ writableLength }) => writableLength === 0)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  #write(stream: OutputStream, text: string): void {
    if (this.#outlived && stream.writableLength > MAX_WAITING) return;
    try {
      stream.write(text);
    } catch (error) {
      // Files are written at once on some systems and versions, and then throw.
      this.#failed(stream, error as NodeJS.ErrnoException);
    }
  }

  #failed(stream: OutputStream, error: NodeJS.ErrnoException): void {
    if (this.#outlived) this.#lost(stream);
    else this.#end(error, stream);
  }
}
