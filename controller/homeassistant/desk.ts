/** Takes commands from the broker: a mute acts whatever happens, anything else only when nothing stands against it. */
import { DROPPED, type RefusalPayload } from '../../schemas/homeassistant-mqtt.ts';
import { type Arrived, type Asked, CommandReader } from './commands.ts';
import type { House } from './house.ts';

export interface DeskOptions {
  readonly house: House;
  /** What all topics begin with. */
  readonly base: string;
  readonly now: () => { readonly wall: number; readonly counted: number };
  readonly log: Record<'info' | 'warn', (text: string) => void>;
  /** An unmute had no effect: what is shown of the gate must be told again. */
  readonly onRefused: (gate: string) => void;
  readonly onError: (error: unknown) => void;
}

/** So many unmutes are looked at within a minute, and so many refusals of unreadable ones are told. */
const MOST = 30;
const MINUTE_MS = 60_000;
/** A mute of a gate that was muted so shortly ago, and still is, adds nothing. */
const SAME_MUTE_MS = 100;

export class Desk {
  readonly #options: DeskOptions;
  readonly #reader: CommandReader;
  readonly #refusals = new Map<string, { readonly last: RefusalPayload; readonly count: number }>();
  readonly #muted = new Map<string, { readonly at: number; readonly forMs: number | null }>();
  readonly #taken: Record<'nothing' | 'something', number[]> = { nothing: [], something: [] };
  #isClosed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#reader = new CommandReader(options.base);
  }

  /** The newest refusal of a gate, and how many there were. */
  refusals(gate: string): { readonly last: RefusalPayload | null; readonly count: number } {
    return this.#refusals.get(gate) ?? { last: null, count: 0 };
  }

  /** From now on nothing unmutes any more. */
  close(): void {
    this.#isClosed = true;
  }

  take(arrived: Arrived): void {
    const asked = this.#reader.read(arrived, this.#options.now());
    if (asked) this.#act(asked);
  }

  #act(asked: Asked): void {
    const names = this.#options.house.names();
    if (asked.ask === 'mute') {
      const { gate, forMs, late = false } = asked;
      this.#mute(gate === null ? names : names.filter((name) => name === gate), forMs, late);
      return;
    }
    const { gate } = asked;
    if (!names.includes(gate) || this.#isClosed) return;
    this.#muted.delete(gate);
    if (!this.#hasRoom(asked.ask === 'nothing')) {
      this.#refuse(
        gate,
        asked.ask === 'nothing' ? asked.command : asked.ask,
        'too-many',
        DROPPED['too-many'],
      );
      return;
    }
    if (asked.ask === 'nothing') this.#refuse(gate, asked.command, asked.why, DROPPED[asked.why]);
    else void this.#ask(gate, asked.ask, asked.ask === 'unmute' ? asked.forMs : null);
  }

  /** Asks nobody (S3). */
  #mute(gates: readonly string[], forMs: number | null, late: boolean): void {
    const wanted = gates.filter((gate) => this.#addsSomething(gate, forMs, late));
    const { counted } = this.#options.now();
    for (const gate of wanted) this.#muted.set(gate, { at: counted, forMs });
    this.#options.house.mute(wanted, forMs).catch((error) => this.#options.onError(error));
  }

  #addsSomething(gate: string, forMs: number | null, late: boolean): boolean {
    // An old one is not to take the place of a newer one that may last longer (S7).
    if (late && this.#isHeld(gate)) return false;
    const { counted } = this.#options.now();
    const before = this.#muted.get(gate);
    const isSame = before?.forMs === forMs && counted - before.at < SAME_MUTE_MS;
    return !isSame || !this.#isHeld(gate);
  }

  #isHeld(gate: string): boolean {
    const view = this.#options.house.gate(gate)?.view;
    return view?.desired === 'mute' && view.override?.kind === 'hold';
  }

  async #ask(gate: string, ask: 'unmute' | 'resume', forMs: number | null): Promise<void> {
    try {
      const { refusedBy, error } = await this.#options.house.command(gate, ask, forMs);
      if (refusedBy !== null) this.#refuse(gate, ask, refusedBy, error?.message ?? refusedBy);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** What cannot be read takes no room from what can. */
  #hasRoom(isNothing: boolean): boolean {
    const { counted } = this.#options.now();
    const which = isNothing ? 'nothing' : 'something';
    const taken = this.#taken[which].filter((at) => counted - at < MINUTE_MS);
    this.#taken[which] = taken;
    if (taken.length >= MOST) return false;
    taken.push(counted);
    return true;
  }

  #refuse(gate: string, command: string, by: string, message: string): void {
    const { now, log, onRefused } = this.#options;
    const last = { at: new Date(now().wall).toISOString(), command, by, message };
    this.#refusals.set(gate, { last, count: this.refusals(gate).count + 1 });
    log.info(`${gate}: ${command} refused (${by}): ${message}`);
    onRefused(gate);
  }
}
