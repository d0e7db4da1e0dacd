/** For how long the microphone of every gate was or may have been live today: kept on disk, and told not more often than it is of use. */
import { join } from 'node:path';
import { z } from 'zod';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { instantSchema } from '../../schemas/instant.ts';
import type { GateEvent, GateStatus } from '../gate/gate.ts';
import {
  doubted,
  type Exposure,
  look,
  resumed,
  type Sight,
  secondsOf,
  sightOf,
  told,
  unrecorded,
} from '../ledger/exposure.ts';
import { dayAt, wallDays } from '../schedule/wall-days.ts';
import { type Zone, zoneOf } from '../schedule/zone.ts';
import { type After, type Clock, ownZone } from './clock.ts';
import type { WriteProblem } from './durable-file.ts';
import { StateFile } from './state-file.ts';

const LOOK_MS = 30_000;
/** What grows is told once a minute, and kept; what stands still is kept less often, for the sake of SD cards. */
const [GROWS_MS, STANDS_MS] = [60_000, 300_000];
/** However often a gate changes. */
const OFTEN_MS = 10_000;

const ms = z.int().min(0).max(1e9);
const count = z.int().min(0);
const stored = z.object({
  version: z.literal(1),
  machine: z.string().nullable(),
  gates: z.record(
    z.string(),
    z.object({
      day: z.int(),
      since: instantSchema,
      liveMs: ms,
      unknownMs: ms,
      mutedMs: ms,
      openMs: ms,
      proof: z
        .object({
          state: z.enum(['muted', 'live']),
          board: z.string(),
          boot: count,
          uptimeMs: count,
          liveMs: count,
          newest: count,
          lost: count,
        })
        .nullable(),
      seen: count,
      at: z.int().nullable(),
    }),
  ),
});

export interface ExposuresOptions {
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly after: After;
  /** What is known of a gate now; null when there is no such gate at the moment. */
  readonly status: (gate: string) => GateStatus | null;
  /** Something is recorded of this gate, so that it is known for longer than this file tells. */
  readonly isRecorded: (gate: string) => boolean;
  readonly onProblem: (key: string, problem: ErrorView | null) => void;
  readonly onUnwritten: (problem: WriteProblem | null) => void;
  /** What `today` says of this gate has changed. */
  readonly onChange: (gate: string) => void;
  readonly write?: (file: string, text: string) => Promise<void>;
}

/** Seconds of the present day; `live + unknown` never falls before midnight. */
export interface ExposureToday {
  readonly live: number;
  readonly unknown: number;
}

interface Told extends ExposureToday {
  readonly day: number;
  /** What was seen of the gate then: when that changes, its time is told at once. */
  readonly what: string;
  readonly at: number;
}

const PROBLEM = 'exposure';

/** Has no effect until `load`, and counts from `follow` on. */
export class Exposures {
  readonly #options: ExposuresOptions;
  readonly #file: StateFile;
  readonly #exposures = new Map<string, Exposure>();
  readonly #told = new Map<string, Told>();
  #machine: string | null = null;
  #names: readonly string[] = [];
  #zone: Zone | null = null;
  #isLost = false;
  /** The day of which what was counted is lost. */
  #lostDay: number | null = null;
  #savedAt = Number.NEGATIVE_INFINITY;
  /** Since that was saved, some gate has changed, or some figure has grown. */
  #news = { changed: false, grown: false };
  #cancel = () => {};

  constructor(options: ExposuresOptions) {
    this.#options = options;
    const { folder, onUnwritten: onProblem, write } = options;
    this.#file = new StateFile({ file: join(folder, 'exposure.json'), onProblem, write });
  }

  /** Reads what was counted before. Where that cannot be read, today is unknown up to now. `machine` identifies this run of it. */
  load(machine: string | null): void {
    this.#machine = machine;
    const loaded = this.#file.load((value) => stored.parse(value));
    if ('state' in loaded) {
      const { machine: before = null, gates = {} } = loaded.state ?? {};
      const sameRun = machine !== null && machine === before;
      for (const [gate, kept] of Object.entries(gates))
        this.#exposures.set(gate, resumed(sameRun ? kept : { ...kept, at: null }));
      return;
    }
    this.#isLost = true;
    const { unreadable: detail, kept } = loaded;
    this.#options.onProblem(PROBLEM, describe('exposure-unreadable', { detail, kept }));
  }

  /** Counts these gates from now on, in days of the site; null: of this machine. */
  follow(names: readonly string[], site: Zone | null): void {
    const zone = site ?? zoneOf(ownZone()) ?? zoneOf('UTC')!;
    const { clock, isRecorded } = this.#options;
    const { wall } = clock.now();
    if (this.#isLost && this.#zone === null) this.#lostDay = dayAt(zone, wall);
    for (const name of names) {
      const before = this.#exposures.get(name);
      const isKnown = this.#lostDay !== null || isRecorded(name);
      if (!before) this.#exposures.set(name, unrecorded(zone, wall, isKnown ? 0 : wall));
      else if (!this.#names.includes(name)) this.#exposures.set(name, resumed(before));
    }
    this.#names = names;
    this.#zone = zone;
    this.look();
  }

  /** A gate has told of itself, or has fallen silent. */
  saw(name: string, status: GateStatus): void {
    this.#see(name, status);
    this.#keep();
  }

  /** An event of a gate, in order, each once. */
  told(event: GateEvent): void {
    this.#change(event.gate, (exposure) => told(exposure, event));
  }

  /** Another board may answer, or events are lost. */
  doubted(name: string): void {
    this.#change(name, doubted);
  }

  /** Adds the time up to now; also when the clock was set, or the machine woke. */
  look(): void {
    const zone = this.#zone;
    if (!zone) return;
    for (const name of this.#names) this.#see(name, this.#options.status(name));
    this.#keep();
    const { wall } = this.#options.clock.now();
    const today = wallDays(zone, dayAt(zone, wall), 1)[0]!;
    if (this.#lostDay !== null && today.number > this.#lostDay) {
      this.#lostDay = null;
      this.#options.onProblem(PROBLEM, null);
    }
    this.#cancel();
    this.#cancel = this.#options.after(Math.min(LOOK_MS, today.until - wall), () => this.look());
  }

  today(name: string): ExposureToday {
    const { live = 0, unknown = 0 } = this.#told.get(name) ?? {};
    return { live, unknown };
  }

  /** Counts up to now, and ends when that is on disk or cannot be. */
  async stop(): Promise<void> {
    this.look();
    this.#cancel();
    if (this.#zone) this.#save();
    this.#zone = null;
    await this.#file.stop();
  }

  #see(name: string, status: GateStatus | null): void {
    const zone = this.#zone;
    const before = this.#exposures.get(name);
    if (!zone || !before || !this.#names.includes(name)) return;
    const now = this.#options.clock.now();
    const sight: Sight = status ? sightOf(status, now.wall) : { kind: 'unheard' };
    const exposure = look(before, sight, now, zone);
    this.#exposures.set(name, exposure);
    const seen = sight.kind === 'proven' ? `${sight.proof.state} ${sight.proof.newest}` : 'unknown';
    const what = `${seen} ${exposure.unheard}`;
    this.#tell(name, exposure, what, now.counted);
  }

  #change(name: string, change: (exposure: Exposure) => Exposure): void {
    const exposure = this.#exposures.get(name);
    if (exposure) this.#exposures.set(name, change(exposure));
  }

  /** A change is told at once, and what grows once a minute. */
  #tell(name: string, exposure: Exposure, what: string, at: number): void {
    const before = this.#told.get(name);
    const { day } = exposure;
    const isChange = before?.day !== day || before.what !== what;
    if (!isChange && at - before.at < GROWS_MS) return;
    const { live, unknown } = secondsOf(exposure);
    this.#told.set(name, { live, unknown, day, what, at });
    const hasGrown = before?.live !== live || before.unknown !== unknown;
    this.#news = { changed: this.#news.changed || isChange, grown: this.#news.grown || hasGrown };
    if (hasGrown) this.#options.onChange(name);
  }

  #keep(): void {
    const ago = this.#options.clock.now().counted - this.#savedAt;
    const { changed, grown } = this.#news;
    if (ago >= (changed ? OFTEN_MS : grown ? GROWS_MS : STANDS_MS)) this.#save();
  }

  /** A gate that has left the configuration may be back today. */
  #save(): void {
    const last = Math.max(...[...this.#exposures.values()].map(({ day }) => day));
    const kept = [...this.#exposures].filter(([name, { day }]) => this.#names.includes(name) || day === last);
    const gates = Object.fromEntries(
      kept.map(([name, { unheard: _, waitedMs: __, ...exposure }]) => [name, exposure]),
    );
    this.#savedAt = this.#options.clock.now().counted;
    this.#news = { changed: false, grown: false };
    const state: z.input<typeof stored> = { version: 1, machine: this.#machine, gates };
    void this.#file.save(() => state);
  }
}
