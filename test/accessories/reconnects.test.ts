/** johnny-five cannot be closed or reconnected: it is made once, and hears nothing of what happens on the wire. */
import { createHook } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Attached, attach } from '../../controller/accessories/attach.ts';
import type { Gate } from '../../controller/gate/gate.ts';
import { createGate } from '../../controller/gate/session.ts';
import type { Accessory } from '../../schemas/accessories.ts';
import { GateOnWire } from '../gate/gate-on-wire.ts';
import { LISTEN, MUTE } from '../gate/pair.ts';
import { settle, VirtualClock } from '../gate/virtual-clock.ts';

const ACCESSORIES: readonly Accessory[] = [
  { kind: 'lamp', pin: 5, shows: 'live', inverted: false },
  { kind: 'lamp', pin: 15, shows: 'fault', inverted: true },
  { kind: 'chime', pin: 9, inverted: false },
  { kind: 'button', pin: 8, does: 'mute-all' },
  { kind: 'sensor', pin: 16, name: 'light' },
];
const RECONNECTS = 100;
const WARM_UP = 20;
/** A board made anew each time would be many times this. */
const GROWTH_BYTES = 500_000;
/** A lamp lit on D5. */
const LIT = [0xf5, 5, 1];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class House {
  readonly clock = new VirtualClock();
  readonly wire = new GateOnWire(this.clock);
  readonly presses: boolean[] = [];
  readonly warnings: string[] = [];
  readonly debug: string[] = [];
  readonly failures: unknown[] = [];
  readonly attached: Attached;
  readonly gate: Gate;

  constructor(accessories = ACCESSORIES) {
    const log = {
      debug: (text: string) => void (text.startsWith('sensor') && this.debug.push(text)),
      info() {},
      warn: (text: string) => void this.warnings.push(text),
    };
    this.attached = attach({
      gate: { name: 'kitchen', accessories, inputs: [], firmata: false },
      clock: this.clock,
      log,
      mute: (all) => void this.presses.push(all),
      onFailure: (error) => this.failures.push(error),
      open: async () => {},
    });
    this.gate = createGate({
      name: 'kitchen',
      link: this.wire.link.open,
      controllerId: 0xdeadbeef,
      sink: { deliver: async () => {}, newest: () => null },
      clock: this.clock,
      log,
      pins: this.attached.pins,
    });
  }

  async start(): Promise<this> {
    this.gate.want(MUTE);
    this.gate.start();
    await this.attached.start(this.gate);
    await this.clock.pass(500);
    return this;
  }

  /** What was sent to free pins since the last time, in messages. */
  sent(): string[] {
    const bytes = this.wire.firmata.splice(0);
    const messages: number[][] = [];
    for (const byte of bytes) byte >= 0x80 ? messages.push([byte]) : messages.at(-1)!.push(byte);
    return messages.map((message) => message.join(' '));
  }

  async reconnect(): Promise<void> {
    this.wire.link.unplug();
    await this.clock.pass(100);
    this.wire.link.plug();
    await this.clock.pass(1_500);
  }

  async stop(): Promise<void> {
    const stopped = this.gate.stop(1_000);
    await this.clock.pass(1_500);
    await stopped;
    await this.attached.stop();
  }
}

/** Timers that Earlid or johnny-five has started and that have neither run nor been cleared. */
const timers = new Set<number>();
const hook = createHook({
  init(id, type) {
    if (type === 'Timeout' && /johnny-five|firmata-io|lodash|controller\//.test(new Error().stack ?? ''))
      timers.add(id);
  },
  destroy: (id) => void timers.delete(id),
});
beforeAll(() => void hook.enable());
afterAll(() => void hook.disable());

/** How many of them there are, and how many listen to the process. */
async function running() {
  await settle();
  const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  return { timers: timers.size, listeners };
}

let house: House | null = null;
afterEach(async () => {
  jest.restoreAllMocks();
  await house?.stop();
  house = null;
});

describe('accessories', () => {
  test(`${RECONNECTS} reconnects leave no listener, no timer and no memory behind`, async () => {
    // What is loaded with the first stays loaded.
    await (await new House().start()).stop();
    const before = await running();
    house = await new House().start();
    house.gate.want(LISTEN);
    await house.clock.pass(500);
    expect(house.gate.status().state).toBe('live');
    for (let i = 0; i < WARM_UP; i++) await house.reconnect();
    const added = jest.spyOn(EventEmitter.prototype, 'addListener');
    const alsoAdded = jest.spyOn(EventEmitter.prototype, 'on');
    const now = await running();
    expect(now.timers).toBe(1);
    const pending = house.clock.pending;
    house.sent();
    collectGarbage();
    const heap = process.memoryUsage().heapUsed;
    for (let i = 0; i < RECONNECTS; i++) {
      await house.reconnect();
      const sent = house.sent();
      expect(sent[0]).toBe('255');
      expect(sent.join(' ')).toContain(LIT.join(' '));
    }
    collectGarbage();
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(GROWTH_BYTES);
    expect(await running()).toEqual(now);
    expect(house.clock.pending).toBe(pending);
    expect(added).not.toHaveBeenCalled();
    expect(alsoAdded).not.toHaveBeenCalled();
    expect([house.presses, house.warnings, house.failures]).toEqual([[], [], []]);
    await house.stop();
    expect(await running()).toEqual(before);
    house = null;
  });

  test('a chime sounds once for every unmute, not for a connection that comes back', async () => {
    house = await new House().start();
    house.gate.want(LISTEN);
    await house.clock.pass(1_000);
    const chimes = () => house!.sent().filter((message) => message === '233 0 1').length;
    expect(chimes()).toBe(1);
    await house.reconnect();
    expect(chimes()).toBe(0);
    house.gate.want(MUTE);
    await house.clock.pass(1_000);
    house.gate.want(LISTEN);
    await house.clock.pass(1_000);
    expect(chimes()).toBe(1);
  });

  test('a board that was reset under an open connection is set up again', async () => {
    house = await new House().start();
    const dark = house.sent();
    expect(dark[0]).toBe('255');
    house.wire.gate.reset(false);
    await house.clock.pass(1_500);
    const again = house.sent();
    expect(again[0]).toBe('255');
    // Modes first, then levels, then what is to be reported: pull-up on D8, the inverted lamp on A1, port 1, channel 2.
    for (const message of ['244 5 1', '244 8 11', '244 15 1', '245 15 1', '209 1', '194 1'])
      expect(again).toContain(message);
    // The sign was lit while nobody knew what the board would say.
    expect(again.filter((message) => message.startsWith('245 5'))).toEqual([LIT.join(' '), '245 5 0']);
    expect(again.indexOf('209 1')).toBeGreaterThan(again.indexOf('244 8 11'));
  });

  test('a sensor is told in the log, once a second at most', async () => {
    jest.useFakeTimers({
      doNotFake: ['setImmediate', 'setTimeout', 'clearTimeout', 'nextTick', 'queueMicrotask'],
    });
    try {
      house = await new House().start();
      house.wire.raw(Uint8Array.of(0xe2, 0x10, 0x04));
      await house.clock.pass(100);
      expect(house.debug).toEqual([]);
      jest.advanceTimersByTime(3_000);
      expect(house.debug).toEqual(['sensor light is 528 of 1023']);
    } finally {
      jest.useRealTimers();
    }
  });

  test('an accessory on a pin that the product needs is left out, and it is said', async () => {
    house = new House();
    house.wire.gate.product = 'uno-servo';
    await house.start();
    expect(house.warnings).toEqual([
      'accessories: D9 belongs to the guard of a uno-servo; what is on it is left out',
    ]);
    expect(house.sent().filter((message) => message.startsWith('244 9'))).toEqual([]);
  });

  test('a button that is down as everything ends leaves no timer behind', async () => {
    const before = await running();
    house = await new House().start();
    house.wire.raw(Uint8Array.of(0x91, 1, 0));
    await house.clock.pass(100);
    house.wire.raw(Uint8Array.of(0x91, 0, 0));
    const end = Date.now() + 2_000;
    while (house.presses.length === 0 && Date.now() < end) await settle();
    expect(house.presses).toEqual([true]);
    house.gate.want(MUTE);
    await house.stop();
    // johnny-five takes its few milliseconds to believe that a button is up.
    while ((await running()).timers > before.timers && Date.now() < end) await settle();
    expect(await running()).toEqual(before);
    house = null;
  });

  test('S10 what fails in an accessory reaches neither the gate nor the others', async () => {
    house = await new House().start();
    const { attached, gate, clock } = house;
    const { received } = attached.pins;
    attached.pins.received = () => {
      throw new Error('broken');
    };
    house.wire.raw(Uint8Array.of(0x91, 0, 0));
    await clock.pass(100);
    attached.pins.received = received;
    gate.want(LISTEN);
    await clock.pass(200);
    expect(gate.status()).toMatchObject({ state: 'live', link: 'up' });
    expect(house.warnings).toEqual(['unexpected: Error: broken']);
    gate.want(MUTE);
    await clock.pass(200);
    expect(gate.status().state).toBe('muted');
  });

  test('the last thing a stopping gate is sent puts everything out', async () => {
    house = await new House().start();
    house.gate.want(LISTEN);
    await house.clock.pass(500);
    house.sent();
    await house.stop();
    expect(house.sent().at(-1)).toBe('255');
    house = null;
  });
});
