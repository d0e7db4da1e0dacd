/** The port of a gate while somebody else has it, to flash or pair the board. */
import type { Gate, GateEvent, GateStatus } from '../gate/gate.ts';
import type { After, Clock } from './clock.ts';
import type { Log } from './log.ts';

export interface LentPortOptions {
  readonly gate: Pick<Gate, 'release' | 'reclaim'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly after: After;
  readonly log: Pick<Log, 'warn'>;
}

export class LentPort {
  readonly #options: LentPortOptions;
  #holder: string | null = null;
  /** When somebody else last had it, UTC ms. */
  #lent: { readonly from: number; readonly until: number } | null = null;
  #cancelReturn = () => {};

  constructor(options: LentPortOptions) {
    this.#options = options;
  }

  /** Who has it; null while the gate has it. */
  get holder(): string | null {
    return this.#holder;
  }

  /** Lets go of the port until `reclaim`, at most for `forMs`; asked for again, the time begins anew. */
  async release(options: {
    readonly holder: string;
    readonly timeoutMs: number;
    readonly forMs: number;
  }): Promise<GateStatus> {
    const { gate, clock, after, log } = this.#options;
    this.#holder = options.holder;
    if (this.#lent?.until !== Number.POSITIVE_INFINITY)
      this.#lent = { from: clock.now().wall, until: Number.POSITIVE_INFINITY };
    this.#cancelReturn();
    this.#cancelReturn = after(options.forMs, () => {
      log.warn('its port was not given back in time, and is taken back');
      void this.reclaim();
    });
    return gate.release(options.timeoutMs, 'it is being flashed or paired');
  }

  async reclaim(): Promise<void> {
    const { gate, clock } = this.#options;
    this.#holder = null;
    if (this.#lent) this.#lent = { ...this.#lent, until: clock.now().wall };
    this.stop();
    await gate.reclaim();
  }

  /** It is taken back no more by itself. */
  stop(): void {
    this.#cancelReturn();
    this.#cancelReturn = () => {};
  }

  /** Whoever flashes a gate mutes it: that is no wish of a person to hold it. */
  withoutBorrower(event: GateEvent): GateEvent {
    if (!event.foreign || !this.#lent) return event;
    const { from, until } = this.#lent;
    if (event.at < from - event.atErrorMs || event.at > until + event.atErrorMs) return event;
    const { foreign: _, ...muted } = event;
    return muted;
  }
}
