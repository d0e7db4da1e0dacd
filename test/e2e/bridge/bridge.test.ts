/** A gate in another room: controller, broker, bridge, and the real firmware down to the emulated contact. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { encodeFrame } from '../../../schemas/codec.ts';
import type { HostMessage } from '../../../schemas/protocol.ts';
import { Broker } from '../../presence/broker.ts';
import { isThorough, thoroughTest } from '../../thorough.ts';
import { Rooms } from './rooms.ts';

const DOWN = 'earlid/links/kitchen/down';
let rooms: Rooms;

beforeEach(async () => {
  rooms = await Rooms.open();
});
afterEach(() => rooms.end());

const frame = (message: HostMessage) => Buffer.from(encodeFrame(message, 0));
const command = (name: 'mute' | 'unmute' | 'lock') =>
  rooms.house.daemon.service.command('kitchen', name, { timeoutMs: 1_000 }, 'cli');
async function answerOf<T>(asked: Promise<T>): Promise<T> {
  await rooms.stopped(asked);
  return asked;
}
const events = async () =>
  (await rooms.house.daemon.service.events({ gate: 'kitchen', limit: 100 })).map(
    ({ kind, cause }) => `${kind} ${cause}`,
  );

describe('a gate behind a bridge', () => {
  test('S3 S4 without a key it is heard and muted, and nothing more', async () => {
    await rooms.end();
    rooms = await Rooms.open({ paired: false });
    expect(rooms.view).toMatchObject({ state: 'unknown', link: 'up', reason: { code: 'gate-needs-key' } });
    expect(await answerOf(command('unmute'))).toMatchObject({
      ok: false,
      refusedBy: 'key',
      error: { code: 'gate-needs-key' },
    });
    // It is muted, but whoever says so may be anybody.
    expect(await answerOf(command('mute'))).toMatchObject({ ok: false, error: { code: 'not-proven' } });
    expect(await answerOf(command('lock'))).toMatchObject({ ok: false, error: { code: 'not-proven' } });
    expect(rooms.everHeard).toBe(false);
  });

  test('S2 S3 S4 S7 with a key it is unmuted and muted as on a port, and no copy of that opens it again', async () => {
    const sent: Buffer[] = [];
    rooms.broker.aedes.on('publish', ({ topic, payload }) => {
      if (topic === DOWN) sent.push(payload as Buffer);
    });
    expect(await answerOf(command('unmute'))).toMatchObject({ ok: true, state: 'live' });
    await rooms.pass(4_000);
    expect(rooms.house.hears('kitchen')).toBe(true);
    await rooms.broker.publish(DOWN, frame({ type: 'mute', seq: 1, reason: 'homeassistant' }));
    await rooms.until(() => rooms.view.state === 'muted');
    expect(await answerOf(command('mute'))).toMatchObject({ ok: true, state: 'muted' });

    rooms.everHeard = false;
    for (const copy of [...sent, ...sent.toReversed()]) {
      await rooms.broker.publish(DOWN, copy);
      await rooms.broker.publish(DOWN, copy.subarray(0, -3));
      await rooms.pass(30);
    }
    expect(rooms.everHeard).toBe(false);
    expect(await answerOf(command('mute'))).toMatchObject({ ok: true, state: 'muted' });
  });

  test('S3 anybody mutes it, also in a flood of everything else', async () => {
    const noise = Buffer.concat([
      frame({ type: 'hello', controller: 1 } as HostMessage),
      frame({ type: 'lock', boot: 1, seq: 1 }),
    ]);
    for (let i = 0; i < 1_000; i++) void rooms.broker.publish(DOWN, noise);
    await rooms.pass(100);
    for (let i = 0; i < 1_000; i++) void rooms.broker.publish(DOWN, noise);
    void rooms.broker.publish(DOWN, frame({ type: 'mute', seq: 1, reason: 'homeassistant' }));
    for (let i = 0; i < 1_000; i++) void rooms.broker.publish(DOWN, noise);
    await rooms.pass(500);
    await rooms.until(() => rooms.view.link === 'up');
    const told = await events();
    expect(told).toContain('mute homeassistant');
  });

  test('S7 nothing that the broker kept acts', async () => {
    const mutes = async () => (await events()).filter((told) => told === 'mute homeassistant').length;
    // What is told just now acts, whatever its sender wants to be kept of it.
    await rooms.broker.publish(DOWN, frame({ type: 'mute', seq: 1, reason: 'homeassistant' }), true);
    await rooms.pass(500);
    expect(await mutes()).toBe(1);
    rooms.broker.cut();
    await rooms.until(() => rooms.view.link !== 'up');
    await rooms.until(() => rooms.view.link === 'up');
    await rooms.pass(3_000);
    expect(await mutes()).toBe(1);
  });

  const PARTS: [string, string, () => Promise<void>, () => Promise<void>][] = [
    [
      'the broker',
      'broker-away',
      () => rooms.broker.stop(),
      async () => {
        rooms.broker = await Broker.start({ port: rooms.broker.port });
      },
    ],
    [
      'the bridge',
      'gate-not-served',
      () => rooms.stopped(rooms.bridge.stop()),
      async () => {
        rooms.bridge = rooms.newBridge();
        rooms.bridge.start();
      },
    ],
    [
      'the board',
      'gate-not-served',
      async () => rooms.house.unplug('kitchen'),
      async () => rooms.house.plug('kitchen'),
    ],
  ];
  test.each(isThorough ? PARTS : PARTS.slice(0, 1))(
    'S10 %s goes: %s; all is back with it, without a hand',
    async (_, code, cut, mend) => {
      await cut();
      await rooms.until(() => rooms.view.reason.code === code);
      expect(rooms.view).toMatchObject({ state: 'unknown', link: 'down' });
      await mend();
      await rooms.until(() => rooms.view.link === 'up' && rooms.view.state === 'muted');
      expect(await answerOf(command('mute'))).toMatchObject({ ok: true, state: 'muted' });
    },
  );

  test('S1 a bridge that stops mutes its gate first, and says that it is gone', async () => {
    const online: string[] = [];
    rooms.broker.aedes.on('publish', ({ topic, payload }) => {
      if (topic === 'earlid/links/kitchen/online') online.push(String(payload));
    });
    await rooms.stopped(rooms.bridge.stop());
    expect(online).toEqual(['0']);
    rooms.bridge = rooms.newBridge();
    rooms.bridge.start();
    await rooms.until(() => rooms.view.link === 'up');
    await rooms.pass(500);
    expect(await events()).toContain('mute stop');
  });

  thoroughTest('a will that comes late is contradicted', async () => {
    await rooms.broker.publish('earlid/links/kitchen/online', '0', true);
    await rooms.pass(3_000);
    expect(rooms.view.link).toBe('up');
    const kept: string[] = [];
    const late = await mqtt.connectAsync(`mqtt://127.0.0.1:${rooms.broker.port}`);
    late.on('message', (_, payload) => kept.push(String(payload)));
    await late.subscribeAsync('earlid/links/kitchen/online');
    await rooms.until(() => kept.length > 0);
    late.end(true);
    expect(kept).toEqual(['1']);
  });
});
