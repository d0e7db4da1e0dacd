/** The events of all gates as an append-only file of JSON lines; an event counts as stored once it is fsynced. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { instantSchema, MAX_INSTANT } from '../../schemas/instant.ts';
import { EVENT_KINDS, type EventKind, REASONS, type Reason } from '../../schemas/protocol.ts';
import type { EventSink, GateEvent } from '../gate/gate.ts';
import { linesBackwards, linesForwards } from './lines.ts';

/** What a later database offers behind the same interface. */
export interface EventStore {
  /** Reads what is there; before it nothing else may be called. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when all of `events` are on disk. What is there already is not written again. */
  append(events: readonly GateEvent[]): Promise<void>;
  /** True when this very event is among the newest ones kept or being written. */
  has(event: GateEvent): boolean;
  newest: EventSink['newest'];
  /** UTC ms at which something on disk had surely happened; 0 when there is nothing. */
  latest(): number;
  /** The newest `limit` events, oldest first. */
  recent(query: { readonly gate?: string; readonly limit: number }): Promise<GateEvent[]>;
}

export interface JournalOptions {
  readonly file: string;
  /** Told when writing fails for the first time, and with null when it works again. */
  readonly onProblem: (error: unknown) => void;
  /** Told at start how many lines could not be read. */
  readonly onDamage: (lines: number) => void;
  /** Writes and fsyncs; replaced in tests. */
  readonly write?: (handle: FileHandle, text: string, position: number) => Promise<void>;
  readonly retryMs?: number;
}

const RETRY_MS = 2_000;
/** More than a gate keeps (32), so that everything it sends again is recognised. */
const RECOGNISED = 64;
/** Beyond this a gate keeps its events itself; they are not called stored. */
const MAX_PENDING = 5_000;

const names = <K extends string>(codes: Readonly<Record<K, unknown>>) =>
  z.enum(Object.keys(codes) as [K, ...K[]]);
const u24 = z.int().min(0).max(0xffffff);
const eventSchema = z.object({
  gate: z.string(),
  boot: u24,
  seq: u24,
  kind: names<EventKind>(EVENT_KINDS),
  reason: names<Reason>(REASONS),
  detail: u24,
  uptimeMs: z
    .int()
    .min(0)
    .max(2 ** 40),
  at: instantSchema,
  atErrorMs: z.int().min(0).max(MAX_INSTANT),
  gapBefore: z.literal(true).optional(),
  gateId: z.string().max(8).optional(),
});

function parseEvent(line: string): GateEvent | null {
  try {
    return eventSchema.parse(JSON.parse(line)) as GateEvent;
  } catch {
    return null;
  }
}

const record = ({ repeated: _, ...event }: GateEvent): string => `${JSON.stringify(event)}\n`;

/** A board that replaced another may count from 1 again: its events differ from the old ones in more than the number. */
const keyOf = (event: GateEvent): string =>
  `${event.boot}/${event.seq}/${event.uptimeMs}/${event.kind}/${event.reason}`;

async function writeAndSync(handle: FileHandle, text: string, position: number): Promise<void> {
  // Whatever an interrupted write left behind goes first.
  await handle.truncate(position);
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  await handle.datasync();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

interface Pending {
  readonly event: GateEvent;
  readonly stored: Promise<void>;
  readonly resolve: () => void;
}

export class Journal implements EventStore {
  readonly #options: JournalOptions;
  readonly #write: NonNullable<JournalOptions['write']>;
  readonly #newest = new Map<string, GateEvent>();
  /** Number of the newest event of each gate, on disk or on its way. */
  readonly #last = new Map<string, number>();
  readonly #recognised = new Map<string, Set<string>>();
  readonly #pending = new Map<string, Pending>();
  #handle: FileHandle | null = null;
  #latest = 0;
  #size = 0;
  #writing: Promise<void> | null = null;
  #failing = false;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#write = options.write ?? writeAndSync;
  }

  async start(): Promise<void> {
    await this.#open().catch((error) => this.#report(error));
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#options.file, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      let damaged = 0;
      const last = new Map<string, number>();
      for await (const { text, end, complete } of linesForwards(handle)) {
        // A torn last line was never called stored; the gate still has its event.
        if (!complete) continue;
        this.#size = end;
        const event = parseEvent(text);
        if (event) {
          this.#remember(event);
          last.set(event.gate, event.seq);
        } else damaged++;
      }
      await syncFolder(dirname(this.#options.file));
      // What came while the file could not be opened is newer.
      for (const [gate, seq] of last) if (!this.#last.has(gate)) this.#last.set(gate, seq);
      if (damaged > 0) this.#options.onDamage(damaged);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    return handle;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#writing;
    await this.#handle?.close();
    this.#handle = null;
  }

  #remember(event: GateEvent): void {
    this.#newest.set(event.gate, event);
    this.#latest = Math.max(this.#latest, event.at - event.atErrorMs);
    const keys = this.#recognised.get(event.gate) ?? new Set();
    this.#recognised.set(event.gate, keys.add(keyOf(event)));
    if (keys.size > RECOGNISED) keys.delete(keys.values().next().value!);
  }

  has(event: GateEvent): boolean {
    return this.#isStored(event) || this.#pending.has(`${event.gate} ${keyOf(event)}`);
  }

  #isStored(event: GateEvent): boolean {
    return this.#recognised.get(event.gate)?.has(keyOf(event)) ?? false;
  }

  newest(gate: string): GateEvent | null {
    return this.#newest.get(gate) ?? null;
  }

  latest(): number {
    return this.#latest;
  }

  /** Events that were never written, because they were too many, leave a gap (S9). */
  #inOrder(event: GateEvent): GateEvent {
    const last = this.#last.get(event.gate);
    this.#last.set(event.gate, event.seq);
    return last === undefined || event.seq <= last + 1 ? event : { ...event, gapBefore: true };
  }

  async append(events: readonly GateEvent[]): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const event of events) {
      if (this.#isStored(event)) continue;
      const key = `${event.gate} ${keyOf(event)}`;
      let entry = this.#pending.get(key);
      if (!entry) {
        if (this.#pending.size >= MAX_PENDING) throw new Error('too many events wait for the disk');
        let resolve = () => {};
        const stored = new Promise<void>((done) => {
          resolve = done;
        });
        entry = { event: this.#inOrder(event), stored, resolve };
        this.#pending.set(key, entry);
      }
      waits.push(entry.stored);
    }
    if (!this.#retry) this.#flush();
    await Promise.all(waits);
  }

  #flush(): void {
    if (this.#writing || this.#pending.size === 0 || this.#stopped) return;
    this.#writing = this.#writePending().finally(() => {
      this.#writing = null;
      if (!this.#retry) this.#flush();
    });
  }

  async #writePending(): Promise<void> {
    const batch = [...this.#pending];
    const text = batch.map(([, { event }]) => record(event)).join('');
    try {
      await this.#write(this.#handle ?? (await this.#open()), text, this.#size);
    } catch (error) {
      this.#report(error);
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#flush();
      }, this.#options.retryMs ?? RETRY_MS);
      this.#retry.unref();
      return;
    }
    this.#size += Buffer.byteLength(text);
    for (const [key, { event, resolve }] of batch) {
      this.#pending.delete(key);
      this.#remember(event);
      resolve();
    }
    this.#report(null);
  }

  #report(error: unknown): void {
    if (this.#failing === (error !== null)) return;
    this.#failing = error !== null;
    this.#options.onProblem(error);
  }

  async recent({ gate, limit }: { readonly gate?: string; readonly limit: number }): Promise<GateEvent[]> {
    const found: GateEvent[] = [];
    /** Where the oldest event of each gate stands in `found`. */
    const oldest = new Map<string, number>();
    if (this.#handle)
      for await (const line of linesBackwards(this.#handle, this.#size)) {
        if (found.length >= limit) break;
        const event = parseEvent(line);
        // What cannot be read may have been of any gate (S9).
        if (!event) for (const i of oldest.values()) found[i] = { ...found[i]!, gapBefore: true };
        else if (gate === undefined || event.gate === gate) oldest.set(event.gate, found.push(event) - 1);
      }
    // What waits for a full disk happened all the same.
    const waiting = [...this.#pending.values()].map(({ event }) => event);
    const wanted = waiting.filter((event) => gate === undefined || event.gate === gate);
    return [...found.reverse(), ...wanted].slice(-limit);
  }
}
