/** An emulated board on a desk, with the real firmware, its cable, and a person who holds its button when told to. Virtual time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board, type BoardOptions } from '../../controller/bench/board.ts';
import { boardLink } from '../../controller/bench/board-link.ts';
import { type EepromImageOptions, eepromImage } from '../../controller/bench/eeprom-image.ts';
import { KeyStore } from '../../controller/daemon/key-store.ts';
import { Secret } from '../../controller/gate/secret.ts';
import type { Board as BoardFacts } from '../../controller/link/board.ts';
import type { MemoryLink } from '../../controller/link/memory.ts';
import { type PairOptions, type PairStep, pairBoard } from '../../controller/pairing/pair.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

const STEP_MS = 10;
export const PATH = '/dev/serial/by-id/usb-Arduino_Uno_5573';

export interface DeskOptions {
  readonly eeprom?: Partial<EepromImageOptions>;
  readonly board?: Partial<BoardOptions>;
  /** Opening the port resets the board, as it does most. */
  readonly resetOnOpen?: boolean;
}

export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly steps: PairStep[] = [];
  /** What the person does when asked to hold the button; nothing, where null. */
  person: (() => void) | null = () => this.plugIn({ held: true });
  readonly #link: MemoryLink;
  readonly #stop = new AbortController();

  constructor({ eeprom = {}, board = {}, resetOnOpen = true }: DeskOptions = {}) {
    const image = eepromImage({
      product: 'uno-relay',
      settings: { sense: 1, gate_id: 'kitchen' },
      ...eeprom,
    });
    this.board = new Board({ product: 'uno-relay', eeprom: image, ...board });
    this.#link = boardLink(this.board, { resetOnOpen });
  }

  /** Takes its supply, and gives it back a second later, with the button held for 3 s or not. */
  plugIn({ held }: { readonly held: boolean }): void {
    this.cut();
    this.clock.after(1_000, () => {
      if (held) this.board.buttonDown();
      this.board.power(true);
      this.#link.plug();
    });
    if (held) this.clock.after(4_000, () => this.board.buttonUp());
  }

  cut(): void {
    this.board.power(false);
    this.#link.unplug();
  }

  async store(): Promise<KeyStore> {
    const store = new KeyStore(this.folder);
    await store.load();
    return store;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.board.runFor(STEP_MS);
      await this.clock.pass(STEP_MS);
    }
  }

  /** Pairs; time goes on until that has come to an end. `key` null: it is to forget. */
  async pair(key: Secret | null = Secret.random(), change: Partial<PairOptions> = {}): Promise<BoardFacts> {
    const store = await this.store();
    let isOver = false;
    const pairing = pairBoard({
      path: PATH,
      open: this.#link.open,
      clock: this.clock,
      controllerId: 7,
      key,
      record: {
        begin: () => store.begin('kitchen', key, this.clock.utc()),
        taken: () => (key ? store.taken('kitchen', this.clock.utc()) : store.forget('kitchen')),
        abandon: () => store.abandon('kitchen'),
      },
      check: () => {},
      waitMs: 30_000,
      onStep: (step) => {
        this.steps.push(step);
        if (step === 'hold-button') this.clock.after(500, () => this.person?.());
      },
      signal: this.#stop.signal,
      ...change,
    }).finally(() => {
      isOver = true;
    });
    pairing.catch(() => {});
    while (!isOver) await this.pass(STEP_MS);
    return pairing;
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
