/** A daemon with real sessions on emulated boards, all in this process and in real time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board } from '../../../controller/bench/board.ts';
import { boardLink } from '../../../controller/bench/board-link.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import { Pacer } from '../../../controller/bench/pacer.ts';
import { Daemon } from '../../../controller/daemon/daemon.ts';
import { createLog } from '../../../controller/daemon/log.ts';
import { createGate } from '../../../controller/gate/session.ts';
import type { GateView } from '../../../schemas/api.ts';
import type { GateConfig } from '../../../schemas/gate-config.ts';
import { configOf } from '../../cli/harness.ts';
import { until } from '../system/household.ts';

export class AccessoryHousehold {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly boards = new Map<string, Board>();
  readonly log: string[] = [];
  readonly daemon: Daemon;
  readonly #inputs: Readonly<Record<string, number>>;

  /** `inputs` are wired to every board and high until something pulls them low. */
  constructor(gates: readonly GateConfig[], inputs: Readonly<Record<string, number>> = {}) {
    this.#inputs = inputs;
    this.daemon = new Daemon({
      config: configOf(...gates),
      folder: this.folder,
      socket: join(this.folder, 'earlid.sock'),
      log: createLog({ level: 'info', sink: (line) => this.log.push(line) }),
      createGate,
      createHardware: async ({ name }) => {
        const board = this.#board();
        this.boards.set(name, board);
        const pacer = new Pacer(board);
        return {
          link: boardLink(board).open,
          place: 'an emulated board',
          port: null,
          via: 'bench',
          press: (ms) => board.press(ms),
          start: () => pacer.start(),
          stop: async () => pacer.stop(),
        };
      },
    });
  }

  #board(): Board {
    const eeprom = eepromImage({ product: 'uno-relay', settings: { sense: 1 } });
    const board = new Board({ product: 'uno-relay', eeprom, inputs: this.#inputs });
    for (const name of Object.keys(this.#inputs)) board.input(name, 1);
    return board;
  }

  /** Starts, and waits until every gate is known to be muted. */
  async start(): Promise<this> {
    await this.daemon.start();
    for (const name of this.boards.keys()) await this.reaches(name, ({ state }) => state === 'muted');
    return this;
  }

  board(name: string): Board {
    return this.boards.get(name)!;
  }

  view(name: string): GateView {
    return this.daemon.service.status().gates.find(({ gate }) => gate === name)!;
  }

  reaches(name: string, test: (view: GateView) => boolean): Promise<void> {
    return until(
      () => test(this.view(name)),
      10_000,
      () => JSON.stringify([this.view(name), this.log]),
    );
  }

  async end(): Promise<void> {
    await this.daemon.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
