/** Keeps on disk whose wiring has been checked. What cannot be read counts as unchecked: nothing is called muted because of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type WiringRecord, wiringFile } from '../../schemas/wiring.ts';
import { writeDurably } from './durable-file.ts';
import { InTurn } from './in-turn.ts';

const MAX_BYTES = 1024 * 1024;

export class WiringStore {
  readonly #file: string;
  #records: ReadonlyMap<string, WiringRecord> = new Map();
  readonly #writing = new InTurn();

  constructor(folder: string) {
    this.#file = join(folder, 'wiring.json');
  }

  /** Null when all is well, else why the file cannot be used; it is left as it is until the next check is recorded. */
  load(): string | null {
    try {
      const text = readFileSync(this.#file, 'utf8');
      if (text.length > MAX_BYTES) return 'it is far too large';
      this.#records = new Map(Object.entries(wiringFile.parse(JSON.parse(text)).gates));
      return null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? null : (code ?? 'it is damaged');
    }
  }

  of(gate: string): WiringRecord | null {
    return this.#records.get(gate) ?? null;
  }

  /** Resolves when it is on disk; rejects with what the operating system says, and then nothing has changed. */
  async set(gate: string, record: WiringRecord | null): Promise<void> {
    await this.#writing.run(async () => {
      const records = new Map(this.#records);
      if (record) records.set(gate, record);
      else records.delete(gate);
      const state = { version: 1, gates: Object.fromEntries(records) };
      await writeDurably(this.#file, `${JSON.stringify(state, null, 1)}\n`);
      this.#records = records;
    });
  }
}
