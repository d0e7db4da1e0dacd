/** A small state that must survive a restart: written durably, tried again for ever, and never trusted when it may be outdated. */
import { readFileSync, renameSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { z } from 'zod';
import { type WriteProblem, writeDurably, writeProblem } from './durable-file.ts';

const RETRY_MS = [1_000, 2_000, 5_000] as const;
const MAX_BYTES = 1024 * 1024;

export interface StateFileOptions {
  readonly file: string;
  /** Told of every change between working and failing. */
  readonly onProblem: (problem: WriteProblem | null) => void;
  readonly write?: ((file: string, text: string) => Promise<void>) | undefined;
}

/** Why a state cannot be trusted, and where its file was put aside. */
export interface Unreadable {
  readonly unreadable: string;
  readonly kept: string;
}

export class StateFile {
  readonly #options: StateFileOptions;
  readonly #file: string;
  /** Stands for a state that could not be replaced: whoever finds it must not trust what is there. */
  readonly #outdated: string;
  readonly #write: (file: string, text: string) => Promise<void>;
  #wanted: () => unknown = () => null;
  #running: Promise<WriteProblem | null> | null = null;
  #queued: Promise<WriteProblem | null> | null = null;
  #problem: WriteProblem | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
    this.#file = options.file;
    this.#outdated = `${options.file}.outdated`;
    this.#write = options.write ?? writeDurably;
  }

  get problem(): WriteProblem | null {
    return this.#problem;
  }

  /** What was saved last, as `parse` reads it; null when nothing was. A file that `parse` throws at is put aside and never overwritten. */
  load<T>(parse: (value: unknown) => T): { readonly state: T | null } | Unreadable {
    try {
      const text = readOptional(this.#file);
      if (text === null) {
        if (readOptional(this.#outdated) === null) return { state: null };
        return this.#putAside(this.#outdated, 'the newest decisions could not be written');
      }
      if (text.length > MAX_BYTES) throw new Error('far too large');
      return { state: parse(JSON.parse(text)) };
    } catch (error) {
      return this.#putAside(this.#file, reasonOf(error));
    }
  }

  #putAside(file: string, unreadable: string): Unreadable {
    const kept = `${this.#file}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
    try {
      renameSync(file, kept);
      return { unreadable, kept };
    } catch {
      return { unreadable, kept: file };
    }
  }

  /**
   * Writes the state as JSON, as it is when its turn to be written comes; resolves with null when it is on disk, else with why
   * not. Trying again goes on by itself.
   */
  save(state: () => unknown): Promise<WriteProblem | null> {
    this.#wanted = state;
    if (!this.#running) {
      this.#running = this.#writeNow().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    // One write is under way and may lack the newest decision: one more follows, for all who come meanwhile.
    this.#queued ??= this.#running.then(() => {
      this.#queued = null;
      return this.save(this.#wanted);
    });
    return this.#queued;
  }

  async #writeNow(): Promise<WriteProblem | null> {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    try {
      await this.#write(this.#file, `${JSON.stringify(this.#wanted(), null, 1)}\n`);
      if (this.#problem) await unlink(this.#outdated).catch(() => {});
      this.#failures = 0;
      this.#report(null);
      return null;
    } catch (error) {
      const problem = writeProblem(error);
      // What was replaced meanwhile must not come back from the old file.
      await rename(this.#file, this.#outdated).catch(() => {});
      this.#report(problem);
      if (!this.#stopped) {
        const delay = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]!;
        this.#retry = setTimeout(() => void this.save(this.#wanted), delay);
        this.#retry.unref();
      }
      return problem;
    }
  }

  #report(problem: WriteProblem | null): void {
    const changed = problem?.code !== this.#problem?.code;
    this.#problem = problem;
    if (changed) this.#options.onProblem(problem);
  }

  /** Ends the retries and waits for a write under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry) clearTimeout(this.#retry);
    await (this.#queued ?? this.#running);
  }
}

function readOptional(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof z.ZodError) return 'it is damaged';
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
