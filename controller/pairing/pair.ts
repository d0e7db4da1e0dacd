/**
 * Gives the board at a port a key, or takes it away, while it is pairing. What is stored of a key is stored before the board
 * is told, and counts as taken only when the board has shown it; whatever ends this in between, the same again mends it.
 */
import { randomBytes } from 'node:crypto';
import { encodeFrame, isAuthentic } from '../../schemas/codec.ts';
import { EarlidError } from '../../schemas/errors.ts';
import {
  type GateMessage,
  type HostMessage,
  LIMITS,
  MESSAGES,
  type MessageOf,
  type Unsent,
} from '../../schemas/protocol.ts';
import type { Secret } from '../gate/secret.ts';
import { type Board, boardOf } from '../link/board.ts';
import type { Clock } from '../link/clock.ts';
import type { Origin } from '../link/frames.ts';
import type { LinkFactory } from '../link/link.ts';
import { type LinkProblem, problemOf, Use } from '../link/use.ts';

/** Where the keys of gates are kept, for one pairing. */
export interface KeyRecord {
  /** Resolves when it is on disk that the board is about to be told. */
  begin(): Promise<void>;
  /** The board has shown that it did as it was told. */
  taken(): Promise<void>;
  /** The board has refused everything. */
  abandon(): Promise<void>;
}

/** What goes on; `hold-button` waits for the person. */
export type PairStep = 'asking' | 'hold-button' | 'pairing';

export interface PairOptions {
  readonly path: string;
  readonly open: LinkFactory;
  readonly clock: Clock;
  /** The id of this controller: another one would make the gate `contested` for half a minute. */
  readonly controllerId: number;
  /** What it is to hold; null: nothing any more. */
  readonly key: Secret | null;
  readonly record: KeyRecord;
  /** Throws when this board is not to be paired. Called with what answers first. */
  readonly check: (board: Board) => void;
  /** How long the person may take, in ms. */
  readonly waitMs: number;
  readonly onStep: (step: PairStep) => void;
  readonly signal: AbortSignal;
}

const ASK_MS = 500;
/** Writing a key takes the board about 1.5 s; what is lost on the way is sent again. */
const TELL_MS = 3_000;
const REOPEN_MS = 300;
/** A board that is there answers within this time, even behind a bootloader. */
const FIRST_MS = 15_000;
/** What passes by itself before a board has answered; afterwards, while it is plugged in again, everything may. */
const PASSING: ReadonlySet<LinkProblem['code']> = new Set(['port-silent', 'link-failed']);

/** Resolves with the board as it is then; rejects with an `EarlidError` that says how far it came. */
export async function pairBoard(options: PairOptions): Promise<Board> {
  const { signal, record, path } = options;
  const pairing = new Pairing(options);
  const wake = () => pairing.wake();
  signal.addEventListener('abort', wake);
  options.onStep('asking');
  try {
    while (true) {
      const board = await pairing.visit();
      if (board) {
        await record.taken();
        return board;
      }
      if (signal.aborted) throw new EarlidError('pair-ended', { path });
      if (pairing.isLate) throw pairing.late();
      await pairing.pause(REOPEN_MS);
    }
  } catch (error) {
    if (!pairing.hasBegun) throw error;
    if (pairing.isUntold) {
      await record.abandon();
      throw error;
    }
    // Somewhere between two keys: both are kept.
    throw new EarlidError('pair-unfinished', { path, detail: pairing.cutShort(error) });
  } finally {
    signal.removeEventListener('abort', wake);
  }
}

class Pairing {
  readonly #options: PairOptions;
  readonly #begun: number;
  #checked = false;
  #step: PairStep = 'asking';
  hasBegun = false;
  /** Times that the board was told, and that it refused. */
  #told = 0;
  #refused = 0;
  #problem: LinkProblem = { code: 'port-silent', detail: 'nothing came' };

  /** Ends the wait that goes on. */
  wake = (): void => {};

  constructor(options: PairOptions) {
    this.#options = options;
    this.#begun = options.clock.now();
  }

  get isLate(): boolean {
    const { clock, waitMs } = this.#options;
    return clock.now() - this.#begun >= (this.#checked ? waitMs : Math.min(waitMs, FIRST_MS));
  }

  /** Nothing that it was told can have been done. */
  get isUntold(): boolean {
    return this.#told === this.#refused;
  }

  late(): EarlidError {
    const { path } = this.#options;
    if (this.#checked) return new EarlidError('pair-not-begun', { path });
    return new EarlidError(this.#problem.code, { path, detail: this.#problem.detail });
  }

  /** Why it ended after the board was told. */
  cutShort(error: unknown): string {
    if (this.#options.signal.aborted) return 'this was ended before it could show that';
    if (this.isLate) return 'it has not shown that in time';
    return error instanceof EarlidError ? error.message : problemOf(error).detail;
  }

  /** Waits, until somebody wakes it. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, () => this.wake());
      this.wake = () => {
        cancel();
        this.wake = () => {};
        resolve();
      };
    });
  }

  /** One connection, to its end: the board, paired; null when it went before that. */
  async visit(): Promise<Board | null> {
    const { open, path } = this.#options;
    try {
      const connection = await open();
      const visit = new Visit(connection.sink);
      try {
        return await this.#talk(visit, connection);
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (error instanceof EarlidError) throw error;
      this.#problem = problemOf(error);
      if (this.#checked || PASSING.has(this.#problem.code)) return null;
      throw new EarlidError(this.#problem.code, { path, detail: this.#problem.detail });
    }
  }

  async #talk(visit: Visit, connection: Awaited<ReturnType<LinkFactory>>): Promise<Board | null> {
    const { clock, controllerId, path, signal } = this.#options;
    const heard: { message: GateMessage; origin: Origin }[] = [];
    const use = new Use(connection, clock, {
      message: (message, origin) => {
        heard.push({ message, origin });
        this.wake();
      },
      foreign: (version) => {
        visit.foreign = version;
        this.wake();
      },
      up() {},
      down() {},
      firmata() {},
      discarded() {},
    });
    let isOver = false;
    const over = Promise.race([use.read(), use.silent]).finally(() => {
      isOver = true;
      this.wake();
    });
    over.catch(() => {});
    try {
      while (!signal.aborted && !this.isLate) {
        for (let next = heard.shift(); next; next = heard.shift()) {
          const board = await this.#take(visit, next.message, next.origin);
          if (board) return board;
        }
        if (visit.foreign !== null)
          throw new EarlidError('old-firmware', {
            path,
            detail: `it speaks guard protocol version ${visit.foreign}`,
          });
        if (isOver) break;
        visit.ask(clock.now(), controllerId);
        await this.pause(ASK_MS);
      }
    } finally {
      use.end();
    }
    if (use.firmata) throw new EarlidError(use.firmata.code, { path, detail: use.firmata.detail });
    if (isOver) await over;
    return null;
  }

  async #take(visit: Visit, message: GateMessage, { version, frame }: Origin): Promise<Board | null> {
    if (version < 2) {
      visit.foreign = version;
      return null;
    }
    if (message.type === 'state') visit.isLocked = message.flags.locked;
    if (message.type === 'nak' && message.message === MESSAGES.pair.id) this.#hearRefusal(visit, message);
    if (message.type !== 'identity' || !visit.isAnswer(message.challenge)) return null;
    const board = boardOf(message);
    if (!this.#checked) this.#options.check(board);
    this.#checked = true;
    if (this.#isDone(message, frame)) return board;
    if (visit.isLocked) throw new EarlidError('pair-locked', { path: this.#options.path });
    if (message.flags.pairing) await this.#tell(visit);
    else if (this.isUntold) this.#show('hold-button');
    return null;
  }

  /** It holds what it is to hold, and says so after it was told. */
  #isDone({ flags, gate }: MessageOf<'identity'>, frame: Uint8Array): boolean {
    const { key } = this.#options;
    const isTold = this.#told > 0;
    if (!key) return !flags.keyed && !(flags.pairing && isTold);
    return isTold && !flags.pairing && isAuthentic(frame, { key: key.reveal(), gateId: gate });
  }

  async #tell(visit: Visit): Promise<void> {
    const { clock, key, record } = this.#options;
    this.#show('pairing');
    if (!this.hasBegun) await record.begin();
    this.hasBegun = true;
    if (visit.toldAt !== null && clock.now() - visit.toldAt < TELL_MS) return;
    visit.toldAt = clock.now();
    this.#told++;
    visit.send({ type: 'pair', key: key?.reveal() ?? new Uint8Array(LIMITS.keyBytes.value) });
  }

  #hearRefusal(visit: Visit, { reason }: MessageOf<'nak'>): void {
    this.#refused++;
    // It is busy with what it was told before.
    if (reason === 'busy') return;
    visit.toldAt = null;
    if (reason === 'locked') throw new EarlidError('pair-locked', { path: this.#options.path });
  }

  #show(step: PairStep): void {
    if (this.#step !== step) this.#options.onStep(step);
    this.#step = step;
  }
}

/** What is known of one connection. */
class Visit {
  readonly #sink: (bytes: Uint8Array) => void;
  readonly #challenges: Uint8Array[] = [];
  readonly #mute = randomBytes(4).readUInt32LE();
  #count = 0;
  #askedAt: number | null = null;
  isLocked = false;
  /** The version that it speaks and we do not, or that knows no keys. */
  foreign: number | null = null;
  toldAt: number | null = null;

  constructor(sink: (bytes: Uint8Array) => void) {
    this.#sink = sink;
  }

  /** Mutes, which anybody may, and asks what is there; not more often than is of use. */
  ask(now: number, controller: number): void {
    if (this.#askedAt !== null && now - this.#askedAt < ASK_MS) return;
    if (this.#askedAt === null) this.send({ type: 'mute', seq: this.#mute, reason: 'cli' });
    this.#askedAt = now;
    const challenge = randomBytes(LIMITS.challengeBytes.value);
    this.#challenges.unshift(Uint8Array.from(challenge));
    this.#challenges.length = Math.min(this.#challenges.length, 2);
    this.send({ type: 'hello', controller, challenge });
  }

  /** It was said after the newest question, or the one before. */
  isAnswer(challenge: Uint8Array): boolean {
    return this.#challenges.some((asked) => Buffer.compare(asked, challenge) === 0);
  }

  send(message: Unsent<HostMessage>): void {
    this.#sink(encodeFrame(message, this.#count++ & 0xff));
  }
}
