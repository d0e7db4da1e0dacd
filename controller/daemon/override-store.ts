/** Keeps the overrides on disk, so that they survive a restart of the daemon. */
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema, MAX_INSTANT } from '../../schemas/instant.ts';
import { type Decision, endGrant, HOLD_ONLY } from '../policy/override.ts';
import type { WriteProblem } from './durable-file.ts';
import { StateFile, type Unreadable } from './state-file.ts';

const granted = z.enum(['button', 'cli', 'homeassistant', 'daemon', 'controller']);
const held = z.enum([...granted.options, ...HOLD_ONLY]);
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
            source: granted,
            until: instantSchema,
            countedUntil: counted,
          }),
          z.object({
            kind: z.literal('hold'),
            source: held,
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

export type Loaded = { readonly decisions: ReadonlyMap<string, Decision> } | Unreadable;

export interface OverrideStoreOptions {
  readonly folder: string;
  /** Identifies this run of the machine; null when that cannot be known. */
  readonly machine: string | null;
  /** Told of every change between working and failing. */
  readonly onProblem: (problem: WriteProblem | null) => void;
  readonly write?: (file: string, text: string) => Promise<void>;
}

export class OverrideStore {
  readonly #machine: string | null;
  readonly #file: StateFile;

  constructor({ folder, machine, onProblem, write }: OverrideStoreOptions) {
    this.#machine = machine;
    this.#file = new StateFile({ file: join(folder, 'overrides.json'), onProblem, write });
  }

  get problem(): WriteProblem | null {
    return this.#file.problem;
  }

  /**
   * What was decided before; grants of an earlier run of the machine have ended. A file that cannot be read is put
   * aside and never overwritten.
   */
  load(): Loaded {
    const loaded = this.#file.load((value) => stored.parse(value));
    if ('unreadable' in loaded) return loaded;
    const { machine = null, gates = {} } = loaded.state ?? {};
    const sameRun = this.#machine !== null && machine === this.#machine;
    const decisions = Object.entries(gates).map(([gate, decision]): [string, Decision] => [
      gate,
      sameRun ? decision : ofEarlierRun(decision),
    ]);
    return { decisions: new Map(decisions) };
  }

  /** Writes `decisions`, as they are when they are written; resolves with null when they are on disk, else with why not. Trying again goes on by itself. */
  save(decisions: ReadonlyMap<string, Decision>): Promise<WriteProblem | null> {
    const state = (): z.input<typeof stored> => ({
      version: 1,
      machine: this.#machine,
      gates: Object.fromEntries(decisions),
    });
    return this.#file.save(state);
  }

  /** Ends the retries and waits for a write under way. */
  stop(): Promise<void> {
    return this.#file.stop();
  }
}

/** Grants do not survive a restart of the machine, and its other clock began anew. */
function ofEarlierRun(decision: Decision): Decision {
  return { ...endGrant(decision), countedAt: null };
}
