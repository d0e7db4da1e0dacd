/** Keeps the overrides on disk, so that they survive a restart of the daemon. */
import { readFileSync, renameSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema, MAX_INSTANT } from '../../schemas/instant.ts';
import { type Decision, endGrant } from '../policy/override.ts';
import { type WriteProblem, writeDurably, writeProblem } from './durable-file.ts';

const RETRY_MS = [1_000, 2_000, 5_000] as const;
const MAX_BYTES = 1024 * 1024;

const source = z.enum(['button', 'cli', 'homeassistant', 'daemon', 'controller', 'mute-button']);
/** On the clock that began with the machine: what a gate tells late may lie before it. */
const counted = z.int().min(-MAX_INSTANT).max(MAX_INSTANT);
const stored = z.object({
  version: z.literal(1),
  machine: z.string().nullable(),
  gates: z.record(
    z.string(),
    z.object({
      override: z
        .discriminatedUnion('kind', [
          z.object({
            kind: z.literal('grant'),
            source: source.exclude(['mute-button']),
            until: instantSchema,
            countedUntil: counted,
          }),
          z.object({
            kind: z.literal('hold'),
            source,
            until: instantSchema.nullable(),
            from: z.string().optional(),
          }),
        ])
        .nullable(),
      at: instantSchema,
      countedAt: counted.nullable(),
      byEvent: z.boolean(),
    }),
  ),
});

export type Loaded =
  | { readonly decisions: ReadonlyMap<string, Decision> }
  | { readonly unreadable: string; readonly kept: string };

export interface OverrideStoreOptions {
  readonly folder: string;
  /** Identifies this run of the machine; null when that cannot be known. */
  readonly machine: string | null;
  /** Told of every change between working and failing. */
  readonly onProblem: (problem: WriteProblem | null) => void;
  readonly write?: (file: string, text: string) => Promise<void>;
}

export class OverrideStore {
  readonly #options: OverrideStoreOptions;
  readonly #file: string;
  /** Stands for a state that could not be replaced: whoever finds it must not trust what is there. */
  readonly #outdated: string;
  readonly #write: (file: string, text: string) => Promise<void>;
  #wanted: ReadonlyMap<string, Decision> = new Map();
  #running: Promise<WriteProblem | null> | null = null;
  #queued: Promise<WriteProblem | null> | null = null;
  #problem: WriteProblem | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = false;

  constructor(options: OverrideStoreOptions) {
    this.#options = options;
    this.#file = join(options.folder, 'overrides.json');
    this.#outdated = `${this.#file}.outdated`;
    this.#write = options.write ?? writeDurably;
  }

  get problem(): WriteProblem | null {
    return this.#problem;
  }

  /**
   * What was decided before; grants of an earlier run of the machine have ended. A file that cannot be read is put
   * aside and never overwritten.
   */
  load(): Loaded {
    try {
      const text = readOptional(this.#file);
      if (text === null) {
        if (readOptional(this.#outdated) === null) return { decisions: new Map() };
        return this.#putAside(this.#outdated, 'the newest decisions could not be written');
      }
      if (text.length > MAX_BYTES) throw new Error('far too large');
      const state = stored.parse(JSON.parse(text));
      const sameRun = this.#options.machine !== null && state.machine === this.#options.machine;
      const decisions = Object.entries(state.gates).map(([gate, decision]): [string, Decision] => [
        gate,
        sameRun ? decision : ofEarlierRun(decision),
      ]);
      return { decisions: new Map(decisions) };
    } catch (error) {
      return this.#putAside(this.#file, reasonOf(error));
    }
  }

  #putAside(file: string, unreadable: string): Loaded {
    const kept = `${this.#file}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
    try {
      renameSync(file, kept);
      return { unreadable, kept };
    } catch {
      return { unreadable, kept: file };
    }
  }

  /** Writes `decisions`; resolves with null when they are on disk, else with why not. Trying again goes on by itself. */
  save(decisions: ReadonlyMap<string, Decision>): Promise<WriteProblem | null> {
    this.#wanted = decisions;
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
    const state: z.input<typeof stored> = {
      version: 1,
      machine: this.#options.machine,
      gates: Object.fromEntries(this.#wanted),
    };
    try {
      await this.#write(this.#file, `${JSON.stringify(state, null, 1)}\n`);
      if (this.#problem) await unlink(this.#outdated).catch(() => {});
      this.#failures = 0;
      this.#report(null);
      return null;
    } catch (error) {
      const problem = writeProblem(error);
      // A grant that was replaced meanwhile must not come back from the old file.
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

/** Grants do not survive a restart of the machine, and its other clock began anew. */
function ofEarlierRun(decision: Decision): Decision {
  return { ...endGrant(decision), countedAt: null };
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
