/** Follows the configuration file of a running daemon: the last good one counts, until there is a better one. */
import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { ConfigurationAnswer } from '../../schemas/api.ts';
import type { Config } from '../../schemas/config.ts';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import { digestOf, readConfigBytes } from '../config/text.ts';
import type { After } from './clock.ts';
import { InTurn } from './in-turn.ts';
import type { Log } from './log.ts';

/** Whoever writes a file needs more than one step. */
const SETTLE_MS = 200;
/** A folder that is gone cannot be watched: it is looked for again this often. */
const AGAIN_MS = 5_000;

export interface ConfigSource {
  readonly file: string;
  /** Of what the daemon begins with. */
  readonly digest: string;
  /** Throws an `EarlidError` when it is no configuration for this daemon. */
  readonly parse: (bytes: Uint8Array) => Config | Promise<Config>;
}

export interface FollowerOptions {
  readonly source: ConfigSource;
  readonly apply: (config: Config) => Promise<void>;
  /** Null when it is over. */
  readonly onProblem: (problem: ErrorView | null) => void;
  readonly after: After;
  /** UTC ms. */
  readonly now: () => number;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export class ConfigFollower {
  readonly #options: FollowerOptions;
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly identity: string | null }>();
  #digest: string;
  #readAt: number;
  #problem: ErrorView | null = null;
  /** What was looked at last, good or bad. */
  #seen: string | null;
  #signature = '';
  readonly #turns = new InTurn();
  #stirred: number | null = null;
  #cancel = () => {};
  #isRunning = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#digest = options.source.digest;
    this.#seen = this.#digest;
    this.#readAt = options.now();
  }

  /** What the daemon goes by. */
  view(): ConfigurationAnswer {
    return {
      file: this.#options.source.file,
      digest: this.#digest,
      readAt: new Date(this.#readAt).toISOString(),
      problem: this.#problem,
    };
  }

  start(): void {
    this.#isRunning = true;
    // It may have changed since it was read.
    void this.look();
  }

  /** Resolves when nothing is changed any more. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#turns.ended();
  }

  /** Resolves when the file as it is now is followed, or is known to be no good. Never rejects. */
  look(): Promise<void> {
    return this.#turns.run(() => this.#look()).catch((error) => this.#fail(error));
  }

  async #look(): Promise<void> {
    if (!this.#isRunning) return;
    const { file } = this.#options.source;
    this.#watch();
    this.#signature = signatureOf(file);
    let bytes: Uint8Array;
    try {
      bytes = readConfigBytes(file);
    } catch (error) {
      this.#seen = null;
      this.#fail(error);
      return this.#stir(AGAIN_MS);
    }
    const digest = digestOf(bytes);
    if (digest !== this.#seen) await this.#follow(bytes, digest);
  }

  async #follow(bytes: Uint8Array, digest: string): Promise<void> {
    this.#seen = digest;
    const { source, apply, log, now } = this.#options;
    try {
      if (digest !== this.#digest) {
        const config = await source.parse(bytes);
        // Half of it may be in force when this fails.
        this.#digest = '';
        await apply(config);
        this.#digest = digest;
        this.#readAt = now();
        log.info(`goes by ${source.file} as it is now`);
      }
      this.#tell(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { file } = this.#options.source;
    const { view } =
      error instanceof EarlidError ? error : new EarlidError('internal', { detail: String(error) });
    const { problems } = view;
    const detail = Array.isArray(problems)
      ? `it has ${problems.length === 1 ? 'a mistake' : 'mistakes'}`
      : view.message;
    this.#tell({
      ...describe('config-kept', { file, detail }),
      file,
      ...(Array.isArray(problems) && { problems }),
    });
  }

  #tell(problem: ErrorView | null): void {
    const isNews = JSON.stringify(problem) !== JSON.stringify(this.#problem);
    this.#problem = problem;
    if (isNews) this.#options.onProblem(problem);
  }

  /** Looks at the file in a moment; what is to happen sooner takes the place of what is to happen later. */
  #stir(ms: number): void {
    if (!this.#isRunning || (this.#stirred !== null && this.#stirred <= ms)) return;
    this.#cancel();
    this.#stirred = ms;
    this.#cancel = this.#options.after(ms, () => {
      this.#stirred = null;
      // Other files of the folder may change all the time.
      if (this.#seen === null || signatureOf(this.#options.source.file) !== this.#signature) void this.look();
    });
  }

  /** The folder of the file, and that of what it links to: a file that is replaced is another one. */
  #watch(): void {
    const { source, log } = this.#options;
    const folders = new Set([dirname(source.file)]);
    try {
      folders.add(dirname(realpathSync(source.file)));
    } catch {
      // What is not there leads nowhere.
    }
    for (const [folder, { watcher, identity }] of this.#watchers)
      if (!folders.has(folder) || folderIdentity(folder) !== identity) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      // Before it is watched: one that takes its place meanwhile is noticed at the next look.
      const identity = folderIdentity(folder);
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#stir(SETTLE_MS));
        watcher.on('error', () => this.#lose(folder));
        this.#watchers.set(folder, { watcher, identity });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn(
            `changes in ${folder} go unnoticed (${String((error as NodeJS.ErrnoException).code)}): SIGHUP has the configuration read again`,
          );
      }
    }
  }

  #lose(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
    this.#stir(SETTLE_MS);
  }
}

/** Another text stands in another file, or was written at another time. */
function signatureOf(file: string): string {
  try {
    const stat = statSync(file, { bigint: true });
    return `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
  } catch {
    // Nothing there, a link to itself, a folder that is not ours: reading it says which.
    return '';
  }
}

/** Another folder of the same name is another one, also where a file system gives numbers away again; null: there is none. */
function folderIdentity(folder: string): string | null {
  try {
    const { dev, ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return null;
  }
}
