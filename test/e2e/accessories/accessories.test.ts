/** johnny-five on the free pins of a gate that runs the real firmware, by way of the session that keeps the gate. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Attached, attach } from '../../../controller/accessories/attach.ts';
import { CHIME_MS } from '../../../controller/accessories/board.ts';
import { muteByButton } from '../../../controller/daemon/commands.ts';
import type { Accessory } from '../../../schemas/accessories.ts';
import { Kitchen, type KitchenOptions } from '../controller/kitchen.ts';

const [LAMP, CHIME, BUTTON, FAULT_LAMP] = [5, 6, 8, 4];
const ACCESSORIES: readonly Accessory[] = [
  { kind: 'lamp', pin: LAMP, shows: 'live', inverted: false },
  { kind: 'chime', pin: CHIME, inverted: false },
  { kind: 'button', pin: BUTTON, does: 'mute' },
  { kind: 'lamp', pin: FAULT_LAMP, shows: 'fault', inverted: true },
];

/** A kitchen with accessories; their button mutes it as the daemon would. */
class House {
  readonly kitchen: Kitchen;
  readonly failures: unknown[] = [];
  readonly lines: string[] = [];
  readonly presses: boolean[] = [];
  attached!: Attached;

  constructor(accessories: readonly Accessory[] = ACCESSORIES, options: KitchenOptions = {}) {
    const log = (text: string) => void this.lines.push(text);
    this.kitchen = new Kitchen({
      ...options,
      board: { inputs: { mute: BUTTON }, ...options.board },
      pins: (clock) => {
        this.attached = attach({
          gate: { name: 'kitchen', accessories, inputs: [], firmata: false },
          clock,
          log: { debug: log, info: log, warn: log },
          mute: (all) => {
            this.presses.push(all);
            muteByButton([this.kitchen.keeper], 'kitchen');
          },
          onFailure: (error) => this.failures.push(error),
          open: async () => {},
        });
        return this.attached.pins;
      },
    });
    this.finger(false);
  }

  async start(): Promise<this> {
    await this.kitchen.start();
    await this.attached.start(this.kitchen.gate);
    await this.kitchen.pass(50);
    return this;
  }

  finger(isDown: boolean): void {
    this.kitchen.board.input('mute', isDown ? 0 : 1);
  }

  pin(pin: number): 0 | 1 | null {
    return this.kitchen.board.pin(pin);
  }
}

let house: House;
afterEach(async () => {
  await house.kitchen.stop();
  await house.attached.stop();
  expect(house.failures).toEqual([]);
});

describe('on the real firmware', () => {
  test('an on-air lamp is lit while live, a chime sounds once, a button mutes and holds', async () => {
    house = await new House().start();
    const { kitchen } = house;
    expect([LAMP, CHIME, FAULT_LAMP].map((pin) => house.pin(pin))).toEqual([0, 0, 1]);

    await kitchen.run('unmute');
    expect(await kitchen.reaches(() => house.pin(LAMP) === 1 && house.pin(CHIME) === 1, 100)).toBe(true);
    await kitchen.pass(CHIME_MS + 50);
    expect(house.pin(CHIME)).toBe(0);
    // Through renewals of the lease nothing sounds again.
    const silent = kitchen.reaches(() => house.pin(CHIME) === 1, 7_000);
    expect(await silent).toBe(false);
    expect(house.pin(LAMP)).toBe(1);

    house.finger(true);
    expect(await kitchen.reaches(() => kitchen.board.level('contact') === 0, 2_000)).toBe(true);
    expect(house.presses).toEqual([false]);
    expect(await kitchen.reaches(() => house.pin(LAMP) === 0, 500)).toBe(true);
    expect(kitchen.keeper.verdict.reason.text).toBe('held muted by the mute button on kitchen');
    expect(kitchen.keeper.decision.override).toMatchObject({ kind: 'hold', until: null });
    house.finger(false);
    await kitchen.pass(50);
    expect(house.presses).toEqual([false]);
    expect(kitchen.status).toMatchObject({ state: 'muted', evidence: 'sensed' });
  });
});
