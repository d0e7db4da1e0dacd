/** A gate through a day or two, unit by unit: what it truly was, what was seen of it, and what may be said of each unit afterwards. */
import {
  type Exposure,
  type Kept,
  look,
  type Proof,
  resumed,
  type Sight,
  told,
  unrecorded,
} from '../../controller/ledger/exposure.ts';
import { type Zone, zoneOf } from '../../controller/schedule/zone.ts';

export const BERLIN: Zone = zoneOf('Europe/Berlin')!;
export const SECOND = 1_000;
export const HOUR = 3_600_000;

export type Event = Parameters<typeof told>[1];

/** The gate itself, with what it counts. */
export class CountingGate {
  isLive = false;
  boot = 7;
  uptimeMs = 50_000;
  liveMs = 0;
  newest = 3;
  lost = 0;
  /** Not told yet. */
  events: Event[] = [];

  pass(ms: number): void {
    this.uptimeMs += ms;
    if (this.isLive) this.liveMs += ms;
  }

  become(isLive: boolean): void {
    if (isLive === this.isLive) return;
    this.isLive = isLive;
    this.event(isLive ? 'live' : 'mute', isLive ? 'allow' : 'lease-end');
  }

  event(kind: Event['kind'], reason: Event['reason'] = 'none'): void {
    this.events.push({ boot: this.boot, seq: ++this.newest, kind, reason });
  }

  reset(): void {
    this.boot++;
    this.liveMs = 0;
    this.isLive = false;
    this.event('boot', 'watchdog');
  }

  sight(): Sight {
    const { boot, uptimeMs, liveMs, newest, lost, isLive } = this;
    const proof: Proof = {
      state: isLive ? 'live' : 'muted',
      board: 'uno-relay',
      boot,
      uptimeMs,
      liveMs,
      newest,
      lost,
    };
    return { kind: 'proven', proof, ageMs: 0 };
  }
}

/** A gate, somebody who watches it, and the clocks of both. */
export class Watch {
  readonly gate = new CountingGate();
  exposure: Exposure;
  #counted = 12_345;
  #wall: number;

  /** `wall` in UTC; `since` 0: the gate has been known for long. */
  constructor(wall: string | number, since = 0) {
    this.#wall = typeof wall === 'string' ? Date.parse(wall) : wall;
    this.exposure = unrecorded(BERLIN, this.#wall, since);
    this.look({ kind: 'unheard' });
  }

  get wall(): number {
    return this.#wall;
  }

  look(sight: Sight): void {
    this.exposure = look(this.exposure, sight, { wall: this.#wall, counted: this.#counted }, BERLIN);
  }

  /** Time passes for all of them, and nobody looks. */
  pass(ms: number): this {
    this.gate.pass(ms);
    this.#wall += ms;
    this.#counted += ms;
    return this;
  }

  /** The gate is heard each second, and its events are told after its reports. */
  hear(ms: number, everyMs = SECOND): this {
    for (let left = ms; left > 0; left -= everyMs) this.pass(Math.min(everyMs, left)).report();
    return this;
  }

  report(): this {
    this.look(this.gate.sight());
    for (const event of this.gate.events.splice(0)) this.exposure = told(this.exposure, event);
    this.look(this.gate.sight());
    return this;
  }

  see(kind: 'unheard' | 'moving' | 'doubtful', ms: number, everyMs = SECOND): this {
    for (let left = ms; left > 0; left -= everyMs) {
      this.pass(Math.min(everyMs, left));
      this.look({ kind });
    }
    return this;
  }

  live(isLive = true): this {
    this.gate.become(isLive);
    return this;
  }

  setClock(ms: number): this {
    this.#wall += ms;
    return this;
  }

  /** Another run of the controller goes on with what was kept. `machine`: that has started again as well. */
  restart({ kept = this.exposure as Kept, machine = true } = {}): this {
    const { day, since, liveMs, unknownMs, mutedMs, openMs, proof, seen, at } = kept;
    if (machine) this.#counted = 99;
    const resume = { day, since, liveMs, unknownMs, mutedMs, openMs, proof, seen, at: machine ? null : at };
    this.exposure = resumed(resume);
    this.look({ kind: 'unheard' });
    return this;
  }

  /** In seconds. */
  get times() {
    const { liveMs, unknownMs, mutedMs, openMs } = this.exposure;
    return { live: liveMs / 1_000, unknown: unknownMs / 1_000, muted: mutedMs / 1_000, open: openMs / 1_000 };
  }

  get sumMs(): number {
    const { liveMs, unknownMs, mutedMs, openMs } = this.exposure;
    return liveMs + unknownMs + mutedMs + openMs;
  }
}
