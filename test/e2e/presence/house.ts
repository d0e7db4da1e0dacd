/** A whole daemon that keeps gates on the real firmware, in the virtual time of their boards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board } from '../../../controller/bench/board.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import { Daemon, type DaemonOptions } from '../../../controller/daemon/daemon.ts';
import { createLog } from '../../../controller/daemon/log.ts';
import type { Secret } from '../../../controller/gate/secret.ts';
import { createGate } from '../../../controller/gate/session.ts';
import type { LinkFactory } from '../../../controller/link/link.ts';
import { type MemoryLink, memoryLink } from '../../../controller/link/memory.ts';
import type { GateView } from '../../../schemas/api.ts';
import type { Config } from '../../../schemas/config.ts';
import { VirtualClock } from '../../gate/virtual-clock.ts';

const STEP_MS = 10;

interface Cable {
  readonly board: Board;
  readonly link: MemoryLink;
  /** Bytes of the board on their way to the controller. */
  readonly handOver: () => void;
}

export class VirtualHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly time = new VirtualClock();
  readonly log: string[] = [];
  readonly daemon: Daemon;
  readonly #cables = new Map<string, Cable>();

  constructor(config: Config, change: Partial<DaemonOptions> = {}) {
    this.daemon = new Daemon({
      config,
      folder: this.folder,
      socket: join(this.folder, 'earlid.sock'),
      log: createLog({ level: 'info', sink: (line) => this.log.push(line) }),
      clock: {
        now: () => ({ wall: this.time.utc(), counted: this.time.now() }),
        vouch: async () => 'synchronised',
      },
      after: (ms, run) => this.time.after(ms, run),
      createGate: (options) => createGate({ ...options, clock: this.time }),
      createHardware: async ({ name, inputs }) => {
        const cable = cableOf(Object.fromEntries(inputs.map((input) => [input.name, input.pin])));
        this.#cables.set(name, cable);
        return {
          link: cable.link.open,
          place: 'an emulated board',
          port: null,
          via: 'bench',
          press: (ms) => cable.board.press(ms),
          start() {},
          stop: async () => {},
        };
      },
      ...change,
    });
  }

  /** Starts, and lets the controller get to know its gates. */
  async start(): Promise<this> {
    await this.daemon.start();
    await this.pass(3_000);
    return this;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (const { board, handOver } of this.#cables.values()) {
        board.runFor(STEP_MS);
        handOver();
      }
      await this.time.pass(STEP_MS);
    }
  }

  /** Lets time pass until the condition holds; how many ms that took, null when it did not come to hold. */
  async until(condition: () => boolean, withinMs: number): Promise<number | null> {
    for (let ms = 0; ms <= withinMs; ms += STEP_MS) {
      if (condition()) return ms;
      await this.pass(STEP_MS);
    }
    return null;
  }

  /** Wires up a board that somebody else than the daemon opens. */
  wire(name: string, key: Secret | null = null): LinkFactory {
    const cable = cableOf({}, key);
    this.#cables.set(name, cable);
    return cable.link.open;
  }

  board(gate: string): Board {
    return this.#cables.get(gate)!.board;
  }

  /** The contact in the line of the microphone: true while the speaker can hear. */
  hears(gate: string): boolean {
    return this.board(gate).level('contact') === 1;
  }

  unplug(gate: string): void {
    this.#cables.get(gate)!.link.unplug();
  }

  plug(gate: string): void {
    this.#cables.get(gate)!.link.plug();
  }

  view(gate: string): GateView {
    return this.daemon.service.status().gates.find((view) => view.gate === gate)!;
  }

  async end(): Promise<void> {
    const stopped = this.daemon.stop();
    await this.pass(3_000);
    await stopped;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function cableOf(inputs: Readonly<Record<string, number>>, key: Secret | null = null): Cable {
  const held = key?.reveal() ?? null;
  const eeprom = eepromImage({ product: 'uno-relay', settings: { sense: 1 }, key: held });
  const board = new Board({ product: 'uno-relay', eeprom, inputs });
  let send: ((bytes: Uint8Array) => void) | null = null;
  let waiting: Uint8Array[] = [];
  board.onBytes((bytes) => waiting.push(bytes));
  const link = memoryLink({
    opened: (receive) => {
      send = receive;
    },
    received: (bytes) => board.send(bytes),
    closed: () => {
      send = null;
    },
  });
  const handOver = () => {
    const bytes = waiting;
    waiting = [];
    for (const part of bytes) send?.(part);
  };
  return { board, link, handOver };
}
