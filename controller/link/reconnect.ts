/** Keeps one connection to a gate open for ever: it is the only owner of the link, and nothing that fails ends it. */
import type { Clock } from './clock.ts';
import { askFirmata, FIRMATA_BAUD } from './firmata.ts';
import { type Connection, LinkError, type LinkErrorCode, type LinkFactory } from './link.ts';
import { firmataProblem, type LinkHandlers, type LinkProblem, problemOf, Use } from './use.ts';

/** All in ms. */
export const RECONNECT = {
  /** First pause after a failure; each further one is twice as long, up to the cap. */
  pause: 250,
  maxPause: 5_000,
  /** Looking for a device that is missing, or a broker that is away, costs nothing and resets no board. */
  maxPauseMissing: 1_000,
  /** How long a silent board is asked for Firmata. */
  probe: 4_000,
  opening: 10_000,
  closing: 2_000,
} as const;

const NOTHING_THERE: ReadonlySet<LinkErrorCode> = new Set(['port-missing', 'broker-away', 'gate-not-served']);

interface Ending {
  readonly problem: LinkProblem;
  /** Something valid came before. */
  readonly heard: boolean;
}

const STOPPED: LinkProblem = { code: 'link-failed', detail: 'stopped' };
const silent = (sawBytes: boolean): LinkProblem => ({
  code: 'port-silent',
  detail: sawBytes ? 'bytes came, but none of them from an Earlid gate' : 'nothing came',
});

/** Has no effect until `start()`. */
export class KeptLink {
  readonly #open: LinkFactory;
  readonly #clock: Clock;
  readonly #handlers: LinkHandlers;
  #connection: Connection | null = null;
  #problem: LinkProblem | null = null;
  /** What waits, to be woken by `stop`. */
  readonly #waiting = new Set<() => void>();
  #isStopped = true;
  #running: Promise<void> = Promise.resolve();

  constructor(open: LinkFactory, clock: Clock, handlers: LinkHandlers) {
    this.#open = open;
    this.#clock = clock;
    this.#handlers = handlers;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    const before = this.#running;
    this.#running = before.then(() => this.#run());
  }

  /** Closes for good; resolves when the port is free again, at most a few seconds later. Safe at any time. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of this.#waiting) wake();
    await this.#running;
  }

  /** Sends on the open connection; dropped when there is none. */
  send(bytes: Uint8Array): void {
    try {
      this.#connection?.sink(bytes);
    } catch {
      // The source of a connection that cannot be written to ends as well, and tells why.
    }
  }

  async #run(): Promise<void> {
    let pause: number = RECONNECT.pause;
    while (!this.#isStopped) {
      const { problem, heard } = await this.#useOnce();
      if (this.#isStopped) return;
      this.#problem = problem;
      this.#handlers.down(problem);
      if (heard) pause = RECONNECT.pause;
      const cap = NOTHING_THERE.has(problem.code) ? RECONNECT.maxPauseMissing : RECONNECT.maxPause;
      await this.#within(Math.min(pause, cap), new Promise(() => {}));
      pause = Math.min(pause * 2, RECONNECT.maxPause);
    }
  }

  /** Opens, uses the connection until it ends, closes it, and finds out what was wrong. Never rejects. */
  async #useOnce(): Promise<Ending> {
    let use: Use | null = null;
    try {
      const connection = await this.#opened();
      if (!connection) return { problem: STOPPED, heard: false };
      use = new Use(connection, this.#clock, this.#handlers);
      try {
        this.#connection = connection;
        this.#handlers.up();
        await this.#until(Promise.race([use.read(), use.silent]));
      } finally {
        use.end();
        this.#connection = null;
        await this.#closed(connection);
      }
      if (this.#isStopped) return { problem: STOPPED, heard: false };
      if (use.heard) return { problem: use.ending, heard: true };
      const answered = use.firmata;
      if (answered) return { problem: answered, heard: false };
      // Asking takes seconds; meanwhile the gate is as unreachable as the last time it was asked.
      const silence = silent(use.sawBytes);
      this.#handlers.down(this.#problem ?? silence);
      return { problem: (await this.#askFirmata()) ?? silence, heard: false };
    } catch (error) {
      return { problem: problemOf(error), heard: use?.heard ?? false };
    }
  }

  /** An open connection, null when stopped meanwhile; one that opens too late is closed again. */
  async #opened(options?: { readonly baud: number }): Promise<Connection | null> {
    const opening = this.#open(options);
    const connection = await this.#within(RECONNECT.opening, opening);
    if (connection && !this.#isStopped) return connection;
    opening.then((late) => this.#closed(late)).catch(() => {});
    if (connection) await this.#closed(connection);
    if (this.#isStopped) return null;
    throw new LinkError('link-failed', `opening took longer than ${RECONNECT.opening / 1000} s`);
  }

  async #closed(connection: Connection): Promise<void> {
    const closing = connection.close().catch(() => {});
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(RECONNECT.closing, resolve);
      void closing.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Asks the silent board for Firmata at the speed of StandardFirmata; null when it does not answer that either. */
  async #askFirmata(): Promise<LinkProblem | null> {
    const connection = await this.#opened({ baud: FIRMATA_BAUD }).catch(() => null);
    if (!connection) return null;
    const question = askFirmata(connection, this.#clock);
    try {
      await this.#within(RECONNECT.probe, question.answered);
    } catch {
      // A port that breaks while it is asked has not answered.
    } finally {
      question.end();
      await this.#closed(connection);
    }
    return firmataProblem(question.answer);
  }

  /** The result of `work`; null when `ms` passed or `stop` came first. */
  async #within<T>(ms: number, work: Promise<T>): Promise<T | null> {
    let cancel = () => {};
    const timeout = new Promise<null>((resolve) => {
      cancel = this.#clock.after(ms, () => resolve(null));
    });
    try {
      return await this.#until(Promise.race([work, timeout]));
    } finally {
      cancel();
    }
  }

  /** The result of `work`; null when `stop` came first. */
  async #until<T>(work: Promise<T>): Promise<T | null> {
    if (this.#isStopped) return null;
    let wake = () => {};
    const stopped = new Promise<null>((resolve) => {
      wake = () => resolve(null);
    });
    this.#waiting.add(wake);
    try {
      return await Promise.race([work, stopped]);
    } finally {
      this.#waiting.delete(wake);
    }
  }
}
