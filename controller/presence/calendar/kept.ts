/** The last good version of a calendar, kept in the state folder: after a restart without a network it is still known. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What is known of the version that is kept. */
export interface KeptFacts {
  /** When it was last known to be what its source holds, UTC ms. */
  readonly readAt: number;
  /** What tells it from other versions of the same file. */
  readonly stamp: string | null;
  /** What the server said of it. */
  readonly etag: string | null;
  readonly modified: string | null;
}

const text = z.string().max(512).nullable();
const form = z.strictObject({
  version: z.literal(1),
  source: z.string(),
  readAt: z.number(),
  stamp: text,
  etag: text,
  modified: text,
});

/** Replaces a file so that a crash leaves the old content or the new one. */
export type WriteDurably = (file: string, content: string) => Promise<void>;

export class Kept {
  readonly #write: WriteDurably;
  readonly #folder: string;
  readonly #name: string;
  readonly #source: string;

  /** `source` tells one place from another; it is kept only as a digest, because it may be a secret. */
  constructor(folder: string, name: string, source: string, write: WriteDurably) {
    this.#write = write;
    this.#folder = folder;
    this.#name = name;
    this.#source = createHash('sha256').update(source).digest('hex');
  }

  /** Where the last good version lies. */
  get file(): string {
    return join(this.#folder, `${this.#name}.ics`);
  }
  /** Where the next version is put until it has proved to be good. */
  get next(): string {
    return join(this.#folder, `${this.#name}.new`);
  }

  /** Null when there is none of this source. */
  async load(): Promise<KeptFacts | null> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.discard();
    try {
      const { source, ...facts } = form.parse(JSON.parse(await readFile(this.#facts, 'utf8')));
      return source === this.#source ? facts : null;
    } catch {
      return null;
    }
  }

  /** Takes `next` as the last good version; its facts must be saved next. */
  async accept(): Promise<void> {
    await rename(this.next, this.file);
  }

  async discard(): Promise<void> {
    await rm(this.next, { force: true });
  }

  async save({ readAt, stamp, etag, modified }: KeptFacts): Promise<void> {
    const facts = { version: 1, source: this.#source, readAt, stamp, etag, modified };
    await this.#write(this.#facts, `${JSON.stringify(facts)}\n`);
  }

  get #facts(): string {
    return join(this.#folder, `${this.#name}.json`);
  }
}
