import { describe, expect, test } from '@jest/globals';
import { createGate } from '../../controller/gate/session.ts';
import { GateOnWire } from './gate-on-wire.ts';
import { LISTEN, MUTE } from './pair.ts';
import { VirtualClock } from './virtual-clock.ts';

async function connected() {
  const clock = new VirtualClock();
  const wire = new GateOnWire(clock);
  const gate = createGate({
    name: 'kitchen',
    link: wire.link.open,
    controllerId: 7,
    sink: { deliver: async () => {}, newest: () => null },
    clock,
  });
  gate.want(LISTEN);
  gate.start();
  await clock.pass(2_000);
  expect(gate.status().state).toBe('live');
  const leases = () =>
    wire.gate.received.filter((message) => message.type === 'allow' && message.liveUntil > 0).length;
  return { clock, wire, gate, leases };
}

describe('a gate that is released', () => {
  test('S1: is muted with proof before the port is let go of, and is then unknown', async () => {
    const { clock, wire, gate } = await connected();
    const released = gate.release(5_000, 'it is being flashed');
    await clock.pass(200);
    expect(await released).toMatchObject({ state: 'muted', evidence: 'sensed' });
    expect(wire.link.connected).toBe(false);
    expect(gate.status()).toMatchObject({
      state: 'unknown',
      evidence: 'none',
      link: 'down',
      lease: null,
      problem: { code: 'released', detail: 'it is being flashed' },
    });
  });

  test('S4: stays away whatever policy wants, and gets its lease only when it was taken back', async () => {
    const { clock, wire, gate, leases } = await connected();
    await Promise.all([gate.release(5_000, ''), clock.pass(200)]);
    const before = leases();
    gate.want(MUTE);
    gate.want(LISTEN);
    await clock.pass(60_000);
    expect(wire.link.connected).toBe(false);
    expect(leases()).toBe(before);
    await gate.reclaim();
    await clock.pass(2_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });

  test('S3: a mute meanwhile is remembered, and comes first when it is taken back', async () => {
    const { clock, wire, gate } = await connected();
    await Promise.all([gate.release(5_000, ''), clock.pass(200)]);
    const sent = wire.gate.received.length;
    gate.mute('cli');
    gate.want(MUTE);
    await clock.pass(1_000);
    await gate.reclaim();
    await clock.pass(500);
    expect(wire.gate.received[sent]).toMatchObject({ type: 'mute', reason: 'cli' });
    expect(gate.status()).toMatchObject({ state: 'muted', pending: { mute: false } });
  });

  test('a board that does not answer is let go of all the same, without proof', async () => {
    const { clock, wire, gate } = await connected();
    wire.deaf = true;
    const released = gate.release(1_000, '');
    await clock.pass(1_500);
    expect((await released).state).not.toBe('muted');
    expect(wire.link.connected).toBe(false);
  });

  test('stopped meanwhile it stays stopped; released twice it is released once', async () => {
    const { clock, wire, gate } = await connected();
    await Promise.all([gate.release(5_000, ''), gate.release(5_000, ''), clock.pass(200)]);
    await gate.stop(1_000);
    await gate.reclaim();
    await clock.pass(5_000);
    expect(wire.link.connected).toBe(false);
  });
});
