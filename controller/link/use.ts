/** One use of one open connection: what is valid is passed on, what is not is counted, silence is noticed. */
import type { GateMessage } from '../../schemas/protocol.ts';
import type { Clock } from './clock.ts';
import { FirmataAnswer } from './firmata.ts';
import { type Origin, Receiver } from './frames.ts';
import { type Connection, LinkError, type LinkErrorCode } from './link.ts';

/** Nothing valid within this many ms of opening is silence; a bootloader may take 2 s. */
const FIRST_FRAME_MS = 4_000;
/** A connection that was in use and has fallen silent for this many ms is given up. */
const NEXT_FRAME_MS = 10_000;

export interface LinkProblem {
  readonly code: LinkErrorCode;
  readonly detail: string;
}

/** What the owner of a kept link is told, in order. `up` and `down` alternate, except that failed openings repeat `down`. */
export interface LinkHandlers {
  /** A connection is open; what is sent within this call goes first. Nothing has answered yet. */
  up(): void;
  message(message: GateMessage, origin: Origin): void;
  /** A whole frame of a protocol version that is not spoken. */
  foreign(version: number): void;
  /** Bytes that are not guard frames, intact and in order. */
  firmata(bytes: Uint8Array): void;
  /** No connection, and why. */
  down(problem: LinkProblem): void;
  /** Guard frames as they came, each what stood between F0 and F7, before they are decoded. */
  frames?(frames: readonly Uint8Array[]): void;
  /** Bytes were discarded or frames lost; the totals of this connection, for the log. */
  discarded(totals: Readonly<Record<string, number>>): void;
}

/** One use of one connection: reads it, passes on what is valid, and notices silence. */
export class Use {
  heard = false;
  sawBytes = false;
  ending: LinkProblem = { code: 'link-failed', detail: 'the connection ended' };
  /** Resolves when nothing valid came for too long. */
  readonly silent: Promise<void>;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #handlers: LinkHandlers;
  readonly #receiver = new Receiver();
  readonly #answer = new FirmataAnswer();
  #fallSilent = () => {};
  #cancel = () => {};
  #last: number;
  #discarded = 0;
  #ended = false;

  constructor(connection: Connection, clock: Clock, handlers: LinkHandlers) {
    this.#connection = connection;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#last = clock.now();
    this.silent = new Promise((resolve) => {
      this.#fallSilent = resolve;
    });
    this.#watch();
  }

  /** What the board said of itself if it speaks Firmata at our speed. */
  get firmata(): LinkProblem | null {
    return firmataProblem(this.#answer);
  }

  async read(): Promise<void> {
    try {
      for await (const bytes of this.#connection.source) {
        if (this.#ended) return;
        this.#take(bytes);
      }
    } catch (error) {
      this.ending = problemOf(error);
      // A connection that broke before anything came is told as what it is, not as silence.
      if (!this.heard && !this.#ended) throw error;
    }
    if (!this.heard && !this.#ended) throw new LinkError(this.ending.code, this.ending.detail);
  }

  end(): void {
    this.#ended = true;
    this.#cancel();
  }

  #take(bytes: Uint8Array): void {
    const { frames, messages, firmata, foreignVersion } = this.#receiver.push(bytes);
    this.sawBytes = true;
    if (frames.length > 0) this.#handlers.frames?.(frames);
    if (messages.length > 0 || foreignVersion !== null) {
      this.heard = true;
      this.#last = this.#clock.now();
    }
    if (foreignVersion !== null) this.#handlers.foreign(foreignVersion);
    for (const { message, origin } of messages) this.#handlers.message(message, origin);
    if (firmata.length > 0) {
      if (!this.heard) this.#answer.push(firmata);
      this.#handlers.firmata(firmata);
    }
    this.#tellDiscarded();
  }

  #tellDiscarded(): void {
    const { garbage, failures, lost, discarded } = this.#receiver;
    if (discarded !== this.#discarded) this.#handlers.discarded({ ...garbage, ...failures, lost });
    this.#discarded = discarded;
  }

  #watch(): void {
    const limit = this.heard ? NEXT_FRAME_MS : FIRST_FRAME_MS;
    const left = this.#last + limit - this.#clock.now();
    if (left > 0) {
      this.#cancel = this.#clock.after(left, () => this.#watch());
      return;
    }
    this.ending = { code: 'link-failed', detail: `nothing valid came for ${limit / 1000} s` };
    this.#fallSilent();
  }
}

/** The problem that a board speaking Firmata is; null when it has not answered. */
export function firmataProblem(answer: FirmataAnswer): LinkProblem | null {
  const name = answer.firmware ?? answer.version;
  return name === null ? null : { code: 'wrong-firmware', detail: name };
}

/** Any failure of a link as what the owner is told. */
export function problemOf(error: unknown): LinkProblem {
  if (error instanceof LinkError) return { code: error.code, detail: error.detail };
  return { code: 'link-failed', detail: error instanceof Error ? error.message : String(error) };
}
