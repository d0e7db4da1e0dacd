import { describe, expect, test } from '@jest/globals';
import type { PinClient } from '../../controller/accessories/free-pins.ts';
import type { PinMessage } from '../../controller/link/pin-message.ts';
import { BareGate } from './bare-gate.ts';

const level = (pin: number, high: boolean): PinMessage => ({ type: 'level', pin, high });
const LAMP_ON: PinMessage[] = [{ type: 'mode', pin: 5, mode: 'output' }, level(5, true)];

function client(wanted: PinMessage[] = [], change: Partial<PinClient> = {}): PinClient & { drains: number } {
  return {
    drains: 0,
    wanted: () => wanted,
    wantsPort: () => false,
    digital() {},
    analog() {},
    drained() {
      this.drains++;
    },
    ...change,
  };
}

describe('the free pins of a gate', () => {
  test('S3 a flood goes out a little at a time: a mute waits behind 30 bytes at most', async () => {
    const gate = new BareGate().up();
    const slow = client();
    gate.pins.attach(slow);
    await gate.news();
    gate.bursts.length = 0;
    for (let i = 0; i < 200; i++) gate.pins.submit([level(5, i % 2 === 0)]);
    expect(gate.pins.isBusy).toBe(true);
    expect(gate.sent).toHaveLength(1);
    const sent = await gate.news();
    expect(sent).toHaveLength(200);
    expect(gate.pins.isBusy).toBe(false);
    expect(slow.drains).toBeGreaterThan(0);
    for (const [i, { at, count }] of gate.bursts.entries()) {
      expect(count).toBeLessThanOrEqual(10);
      if (i > 0) expect(at - gate.bursts[i - 1]!.at).toBeGreaterThanOrEqual(10);
    }
    expect(gate.clock.pending).toBe(0);
  });

  test('what is too much is left out, and the pins end up right', async () => {
    const gate = new BareGate().up();
    gate.pins.attach(client(LAMP_ON));
    await gate.news();
    for (let i = 0; i < 5_000; i++) gate.pins.submit([level(5, i % 2 === 0)]);
    const sent = await gate.news();
    expect(sent.length).toBeLessThan(700);
    expect(sent.slice(-3)).toEqual([{ type: 'reset' }, ...LAMP_ON]);
  });

  test('without a gate nothing waits; with one everything is set up', async () => {
    const gate = new BareGate();
    gate.pins.attach(client(LAMP_ON));
    gate.pins.submit([level(5, false)]);
    expect(gate.clock.pending).toBe(0);
    gate.up();
    expect(await gate.news()).toEqual([{ type: 'reset' }, ...LAMP_ON]);
    gate.pins.down();
    gate.up();
    expect(await gate.news()).toEqual([{ type: 'reset' }, ...LAMP_ON]);
  });

  test('who waits for room is let go on when the gate goes away', async () => {
    const gate = new BareGate().up();
    const slow = client();
    gate.pins.attach(slow);
    for (let i = 0; i < 200; i++) gate.pins.submit([level(5, i % 2 === 0)]);
    slow.drains = 0;
    gate.pins.down();
    expect([slow.drains, gate.pins.isBusy]).toEqual([1, false]);
  });

  test('the last that is sent puts everything out', async () => {
    const gate = new BareGate().up();
    gate.pins.attach(client(LAMP_ON));
    await gate.news();
    for (let i = 0; i < 50; i++) gate.pins.submit([level(5, i % 2 === 0)]);
    gate.sent.length = 0;
    gate.pins.closing();
    gate.pins.submit(LAMP_ON);
    expect(await gate.news()).toEqual([{ type: 'reset' }]);
    expect(gate.clock.pending).toBe(0);
  });

  test('pins that the product needs are left alone, and it is said once', async () => {
    const gate = new BareGate().up('uno-servo');
    await gate.news();
    gate.pins.submit([level(9, true), level(9, false), { type: 'pwm', pin: 10, duty: 3 }, level(7, true)]);
    expect(await gate.news()).toEqual([]);
    expect(gate.warnings).toEqual([
      'D9 cannot be used like this on a uno-servo',
      'D10 cannot be used like this on a uno-servo',
      'D7 cannot be used like this on a uno-servo',
    ]);
  });

  test('a client that fails is not another’s failure', () => {
    const gate = new BareGate().up();
    let heard = 0;
    gate.pins.attach(
      client([], {
        digital() {
          throw new Error('broken');
        },
      }),
    );
    gate.pins.attach(client([], { digital: () => void heard++ }));
    gate.pins.received(Uint8Array.of(0x90, 1, 0));
    expect(heard).toBe(1);
    expect(gate.warnings).toEqual(['free pins: Error: broken']);
  });
});
