/**
 * Keeps the keys of the gates on disk. A key is there before its gate is told, and the one before it stays until the gate
 * has shown the new one: a loss of power at any instant leaves the key that the gate holds among those that are kept.
 * A file that cannot be used is left as it is, and then no gate counts as one without a key.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyAnswer } from '../../schemas/api.ts';
import { EarlidError, type ErrorView } from '../../schemas/errors.ts';
import { type GateKeys, keysFile } from '../../schemas/keys.ts';
import type { KeyRing, KeyringState } from '../gate/seal.ts';
import { Secret } from '../gate/secret.ts';
import type { KeyChange } from './api.ts';
import { writeDurably, writeProblem } from './durable-file.ts';
import { InTurn } from './in-turn.ts';
import { iso } from './views.ts';

const MAX_BYTES = 1024 * 1024;
export const KEYS_FILE = 'keys.json';

interface Held {
  readonly key: Secret | null;
  readonly pairedAt: number | null;
  /** A pairing under way; its key is null where the gate is to forget. */
  readonly next: { readonly key: Secret | null; readonly at: number } | null;
}

export class KeyStore {
  readonly #folder: string;
  readonly #file: string;
  #held: ReadonlyMap<string, Held> = new Map();
  #unusable: EarlidError | null = null;
  readonly #writing = new InTurn();

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, KEYS_FILE);
  }

  /** Why the keys cannot be used; null when they can. */
  get problem(): ErrorView | null {
    return this.#unusable?.view ?? null;
  }

  /** Reads them; resolves with why they cannot be used, null when all is well. Nothing of the file is quoted in that. */
  async load(): Promise<ErrorView | null> {
    const file = this.#file;
    this.#held = new Map();
    this.#unusable = null;
    try {
      this.#held = parse(await read(file));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof EarlidError) this.#unusable = error;
      // The message of a parser quotes what it stumbled over.
      else if (code !== 'ENOENT')
        this.#unusable = new EarlidError('keys-unreadable', { file, detail: code ?? 'it is damaged' });
    }
    return this.problem;
  }

  /** Throws why the keys cannot be used. */
  check(): void {
    if (this.#unusable) throw this.#unusable;
  }

  /** The keys that the gate may hold, the likeliest first. */
  of(gate: string): readonly Secret[] {
    const held = this.#held.get(gate);
    return [held?.key, held?.next?.key].flatMap((key) => key ?? []);
  }

  /** Whether its gate is to be believed only with an authenticator: unless `none`. */
  state(gate: string): KeyringState {
    if (this.#unusable) return 'unusable';
    return this.#held.has(gate) ? 'held' : 'none';
  }

  /** The keys of one gate for whoever talks to it. `onError` is told what could not be written. */
  ringOf(gate: string, now: () => number, onError: (error: EarlidError) => void): KeyRing {
    return {
      state: () => this.state(gate),
      keys: () => this.of(gate),
      shown: (key) => void this.shown(gate, key, now()).catch(onError),
    };
  }

  /** UTC ms of the last pairing that was seen to its end. */
  pairedAt(gate: string): number | null {
    return this.#held.get(gate)?.pairedAt ?? null;
  }

  /** The gate is about to be given `key` (null: about to forget). Resolves when that is on disk; then it may be told. */
  begin(gate: string, key: Secret | null, at: number): Promise<void> {
    return this.#change(gate, (held) => ({ key: null, pairedAt: null, ...held, next: { key, at } }));
  }

  /** The gate has proved which key it holds. Anything but the one of a pairing under way changes nothing. */
  async shown(gate: string, key: Secret, at: number): Promise<void> {
    const next = this.#held.get(gate)?.next?.key;
    if (next?.equals(key)) await this.#change(gate, () => ({ key, pairedAt: at, next: null }));
  }

  /** The gate was seen to do as it was told: the pairing under way is over. */
  taken(gate: string, at: number): Promise<void> {
    return this.#change(gate, (held) => {
      const key = held?.next?.key;
      return key ? { key, pairedAt: at, next: null } : null;
    });
  }

  /** The gate was never told of the pairing that was begun. */
  abandon(gate: string): Promise<void> {
    return this.#change(gate, (held) => (held?.key ? { ...held, next: null } : null));
  }

  forget(gate: string): Promise<void> {
    return this.#change(gate, () => null);
  }

  /** Rejects with an `EarlidError` when it cannot be written, and then nothing has changed. */
  #change(gate: string, change: (held: Held | undefined) => Held | null): Promise<void> {
    return this.#writing.run(async () => {
      this.check();
      const held = new Map(this.#held);
      const after = change(held.get(gate));
      if (after) held.set(gate, after);
      else held.delete(gate);
      await this.#write(held);
      this.#held = held;
    });
  }

  async #write(held: ReadonlyMap<string, Held>): Promise<void> {
    const gates = Object.fromEntries([...held].map(([gate, of]) => [gate, stored(of)]));
    try {
      await writeDurably(this.#file, `${JSON.stringify({ version: 1, gates }, null, 1)}\n`);
    } catch (error) {
      const { code, detail } = writeProblem(error);
      throw new EarlidError(code, { home: this.#folder, detail });
    }
  }
}

/** Throws `keys-open` when others than its owner may read the file, or change it. */
async function read(file: string): Promise<string> {
  // Something that nobody writes into must not hold it up.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0) throw new EarlidError('keys-open', { file });
    if (size > MAX_BYTES) throw new Error('far too large');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parse(text: string): ReadonlyMap<string, Held> {
  const { gates } = keysFile.parse(JSON.parse(text));
  return new Map(Object.entries(gates).map(([gate, of]) => [gate, held(of)]));
}

const secret = (text: string | null): Secret | null => (text === null ? null : Secret.fromBase64(text));

const held = ({ key, pairedAt, next }: GateKeys): Held => ({
  key: secret(key),
  pairedAt,
  next: next ? { key: secret(next.key), at: next.at } : null,
});

const stored = ({ key, pairedAt, next }: Held): GateKeys => ({
  key: key?.toBase64() ?? null,
  pairedAt,
  ...(next && { next: { key: next.key?.toBase64() ?? null, at: next.at } }),
});

/** What a program may know of the key of a gate. */
export function keyView(store: KeyStore, gate: string): KeyAnswer {
  const at = store.pairedAt(gate);
  return { gate, key: store.state(gate), pairedAt: at === null ? null : iso(at) };
}

/** Does what whoever pairs the board of `gate` asks for; `at` is UTC ms. */
export async function applyKeyChange(
  store: KeyStore,
  gate: string,
  change: KeyChange,
  at: number,
): Promise<void> {
  switch (change.do) {
    case 'begin':
      return store.begin(gate, change.key === null ? null : keyFrom(change.key), at);
    case 'taken':
      return store.taken(gate, at);
    case 'abandon':
      return store.abandon(gate);
    case 'forget':
      return store.forget(gate);
    default:
      change satisfies never;
  }
}

function keyFrom(text: string): Secret {
  try {
    return Secret.fromBase64(text);
  } catch {
    throw new EarlidError('bad-request', { detail: 'key: it is none' });
  }
}
