/** What was decided about every gate, kept on disk. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { type Decision, hold, type Instant, UNDECIDED } from '../policy/override.ts';
import type { WriteProblem } from './durable-file.ts';
import { OverrideStore } from './override-store.ts';

export class Decisions {
  readonly #folder: string;
  readonly #onUnwritten: (problem: WriteProblem | null) => void;
  readonly #decisions = new Map<string, Decision>();
  #isLost = false;
  #store: OverrideStore | null = null;
  #saved: Promise<WriteProblem | null> = Promise.resolve(null);

  constructor(folder: string, onUnwritten: (problem: WriteProblem | null) => void) {
    this.#folder = folder;
    this.#onUnwritten = onUnwritten;
  }

  /** Reads what was decided before. Where that cannot be read, `gates` are held from `now` on, and it says why. */
  load(machine: string | null, gates: readonly string[], now: Instant): ErrorView | null {
    this.#store = new OverrideStore({ folder: this.#folder, machine, onProblem: this.#onUnwritten });
    const loaded = this.#store.load();
    if ('decisions' in loaded) {
      for (const [gate, decision] of loaded.decisions) this.#decisions.set(gate, decision);
      return null;
    }
    this.#isLost = true;
    this.holdUnknown(gates, now);
    return describe('state-unreadable', { detail: loaded.unreadable, kept: loaded.kept });
  }

  /** After the state was lost, holds those of `gates` about which nothing has been decided since. */
  holdUnknown(gates: readonly string[], now: Instant): void {
    if (!this.#isLost) return;
    for (const gate of gates)
      if (!this.#decisions.has(gate)) this.#decisions.set(gate, hold(now, null, 'daemon'));
    this.#save();
  }

  of(gate: string): Decision {
    return this.#decisions.get(gate) ?? UNDECIDED;
  }

  /** The newest instant at which something was decided, UTC ms. */
  newest(): number {
    return Math.max(0, ...[...this.#decisions.values()].map(({ at }) => at));
  }

  set(gate: string, decision: Decision): void {
    this.#decisions.set(gate, decision);
    this.#save();
  }

  /** Null when every decision is on disk. */
  saved(): Promise<WriteProblem | null> {
    return this.#saved;
  }

  async stop(): Promise<void> {
    await this.#store?.stop();
  }

  #save(): void {
    if (this.#store) this.#saved = this.#store.save(this.#decisions);
  }
}
