/** The calendars that rules ask, read in the background. None of them touches another (S10). */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CalendarConfig } from '../../../schemas/rules.ts';
import type { Agenda, Agendas } from '../../policy/facts.ts';
import type { Instant } from '../../policy/override.ts';
import { type Ask, askApart } from './apart.ts';
import { Feed } from './feed.ts';
import { Kept, type WriteDurably } from './kept.ts';
import { originOf, sourceText } from './origin.ts';
import { Turns } from './turns.ts';

export interface CalendarsOptions {
  readonly calendars: readonly CalendarConfig[];
  /** By the name that `agendaName` gives. Calendars that no rule asks are not read. */
  readonly asked: ReadonlyMap<string, { readonly calendar: string; readonly match: string | null }>;
  /** Name of the site's zone. */
  readonly zone: string;
  /** The state folder. */
  readonly folder: string;
  readonly now: () => Instant;
  /** Calls `run` after `ms`, suspend not counted; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: { readonly debug?: (text: string) => void; readonly warn: (text: string) => void };
  /** An agenda may have changed. */
  readonly onChange: () => void;
  /** Why a calendar cannot be read, null when it can again. Told when it changes. */
  readonly onProblem: (calendar: string, why: string | null) => void;
  readonly writeDurably: WriteDurably;
  readonly ask?: Ask;
}

/** A file that was changed is read this much later, and not more often than that. */
const SETTLE_MS = 500;
const LEAST_PAUSE_MS = 2_000;
/** No timer runs longer. */
const MOST_TIMER_MS = 24 * 3_600_000;
/** Processes at a time: a reader of 10 MB needs 200 MB of memory. */
const READERS = 1;
const DOWNLOADERS = 2;

interface Entry {
  readonly config: CalendarConfig;
  readonly feed: Feed;
  watcher: FSWatcher | null;
  cancel: () => void;
  /** Prevents that a change which was noticed is taken up; null while none was. */
  settling: (() => void) | null;
  told: string | null;
  /** When it was last read, on the clock that counts suspend. */
  readAt: number;
  reading: Promise<void> | null;
  /** Its file was changed since then. */
  isChanged: boolean;
}

export class Calendars {
  readonly #options: CalendarsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #ended = new AbortController();

  constructor(options: CalendarsOptions) {
    this.#options = options;
    const { ask = askApart, calendars, asked, zone, now, writeDurably } = options;
    const [readers, downloaders] = [new Turns(READERS), new Turns(DOWNLOADERS)];
    const inTurn: Ask = (question) =>
      (question.ask === 'download' ? downloaders : readers).take(() =>
        ask(question, { signal: this.#ended.signal }),
      );
    const folder = join(options.folder, 'calendars');
    for (const config of calendars) {
      const { name, from } = config;
      const matches = [...asked.values()].flatMap(({ calendar, match }) =>
        calendar === name ? [match] : [],
      );
      if (matches.length === 0) continue;
      const warned = new Set<string>();
      const warn = (text: string) => {
        if (!warned.has(text)) options.log.warn(`calendar ${name}: ${text}`);
        warned.add(text);
      };
      const feed = new Feed({
        config,
        matches,
        zone,
        origin: originOf(from, inTurn, warn),
        kept: new Kept(folder, name, sourceText(from), writeDurably),
        ask: inTurn,
        now,
      });
      this.#entries.set(name, {
        config,
        feed,
        watcher: null,
        cancel: () => {},
        settling: null,
        told: null,
        readAt: Number.NEGATIVE_INFINITY,
        reading: null,
        isChanged: false,
      });
    }
  }

  /** Resolves when everything that needs no network was tried once. Never rejects. */
  async start(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#begin(entry)));
  }

  /** Ends every timer and every process. */
  async stop(): Promise<void> {
    this.#ended.abort();
    for (const entry of this.#entries.values()) {
      entry.cancel();
      entry.settling?.();
      entry.watcher?.close();
      entry.watcher = null;
    }
    await Promise.all([...this.#entries.values()].map(({ reading }) => reading));
  }

  /** As they may be believed now, by the name that `agendaName` gives. */
  agendas(): Agendas {
    const found = new Map<string, Agenda>();
    for (const [name, { calendar, match }] of this.#options.asked) {
      const entry = this.#entries.get(calendar);
      if (entry) found.set(name, entry.feed.agenda(match));
    }
    return found;
  }

  /** Reads what is due: the machine was asleep, or its clock was set. */
  look(): void {
    for (const entry of this.#entries.values()) this.#schedule(entry);
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  async #begin(entry: Entry): Promise<void> {
    const { from } = entry.config;
    await entry.feed.load();
    if (this.#isOver) return;
    this.#options.onChange();
    if (!('file' in from)) return this.#schedule(entry);
    this.#watch(entry, from.file);
    await this.#read(entry);
  }

  #read(entry: Entry): Promise<void> {
    entry.isChanged = false;
    entry.reading = entry.feed.read().then(() => {
      entry.reading = null;
      entry.readAt = this.#options.now().counted;
      if (!this.#isOver) this.#tell(entry);
    });
    return entry.reading;
  }

  #tell(entry: Entry): void {
    const { problem, name } = entry.feed;
    if (problem !== entry.told) this.#options.onProblem(name, problem);
    entry.told = problem;
    this.#options.onChange();
    this.#schedule(entry);
  }

  #schedule(entry: Entry): void {
    entry.cancel();
    // Afterwards it is scheduled anew.
    if (this.#isOver || entry.reading) return;
    const pause = this.#pauseMs(entry);
    entry.cancel = this.#options.after(Math.min(pause, MOST_TIMER_MS), () => {
      if (this.#pauseMs(entry) > 0) this.#schedule(entry);
      else void this.#read(entry);
    });
  }

  #pauseMs({ feed, isChanged, readAt }: Entry): number {
    if (!isChanged) return feed.pauseMs();
    return Math.max(0, readAt + LEAST_PAUSE_MS - this.#options.now().counted);
  }

  /** Its folder is watched: many programs write a file anew and rename it. Without a watch it is read every `refresh`. */
  #watch(entry: Entry, file: string): void {
    try {
      entry.watcher = watch(dirname(file), (_, name) => {
        if (!this.#isOver && (name === null || name === basename(file))) this.#changed(entry);
      });
      entry.watcher.on('error', () => {
        entry.watcher?.close();
        entry.watcher = null;
      });
    } catch (error) {
      this.#options.log.debug?.(`calendar ${entry.config.name}: its folder is not watched (${error})`);
    }
  }

  #changed(entry: Entry): void {
    // Whoever writes it may not be done yet; who never is must not put it off for ever.
    entry.settling ??= this.#options.after(SETTLE_MS, () => {
      entry.settling = null;
      entry.isChanged = true;
      this.#schedule(entry);
    });
  }
}
