/** Keeps on disk what people set by hand, so that it survives a restart of the daemon and of the machine. */
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema, MAX_INSTANT } from '../../schemas/instant.ts';
import { NAME } from '../../schemas/name.ts';
import type { Settings } from '../presence/manual.ts';
import type { WriteProblem } from './durable-file.ts';
import { StateFile, type Unreadable } from './state-file.ts';

const stored = z.object({
  version: z.literal(1),
  machine: z.string().nullable(),
  presence: z.record(
    z.string().regex(NAME),
    z.object({
      value: z.boolean().nullable(),
      at: instantSchema,
      until: instantSchema.nullable(),
      countedUntil: z.int().min(0).max(MAX_INSTANT).nullable(),
    }),
  ),
});

export interface PresenceStoreOptions {
  readonly folder: string;
  /** Identifies this run of the machine; null when that cannot be known. */
  readonly machine: string | null;
  /** Told of every change between working and failing. */
  readonly onProblem: (problem: WriteProblem | null) => void;
  readonly write?: (file: string, text: string) => Promise<void>;
}

export class PresenceStore {
  readonly #machine: string | null;
  readonly #file: StateFile;

  constructor({ folder, machine, onProblem, write }: PresenceStoreOptions) {
    this.#machine = machine;
    this.#file = new StateFile({ file: join(folder, 'presence.json'), onProblem, write });
  }

  /** What was set before; after the machine has started again, ends are known by the wall clock alone. */
  load(): { readonly settings: Settings } | Unreadable {
    const loaded = this.#file.load((value) => stored.parse(value));
    if ('unreadable' in loaded) return loaded;
    const { machine = null, presence = {} } = loaded.state ?? {};
    const sameRun = this.#machine !== null && machine === this.#machine;
    const settings = Object.entries(presence).map(
      ([name, setting]) => [name, sameRun ? setting : { ...setting, countedUntil: null }] as const,
    );
    return { settings: new Map(settings) };
  }

  /** Resolves with null when it is on disk, else with why not. Trying again goes on by itself. */
  save(settings: Settings): Promise<WriteProblem | null> {
    const state: z.input<typeof stored> = {
      version: 1,
      machine: this.#machine,
      presence: Object.fromEntries(settings),
    };
    return this.#file.save(() => state);
  }

  stop(): Promise<void> {
    return this.#file.stop();
  }
}
