/** Commands through a broker, down to the emulated contact of a gate on the real firmware. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Config, configOf } from '../../../schemas/config.ts';
import { running } from '../../homeassistant/blueprints.ts';
import { Listener } from '../../homeassistant/foreign.ts';
import { sentBy } from '../../homeassistant/syntax/sent.ts';
import { Broker } from '../../presence/broker.ts';
import { VirtualHouse } from '../presence/house.ts';

const bench = { bench: 'uno-relay' } as const;
const ROUND_MS = 10;

let broker: Broker;
let listener: Listener;
let house: VirtualHouse | null;
/** True when the contact was closed at any look since the test began. */
let everHeard: boolean;

beforeEach(async () => {
  broker = await Broker.start();
  listener = new Listener(broker);
  house = null;
  everHeard = false;
});
afterEach(async () => {
  await house?.end();
  await broker.stop();
});

function config(mayUnmute: ('button' | 'cli' | 'homeassistant')[] = ['cli', 'homeassistant']): Config {
  return configOf({
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
    homeassistant: {},
    gates: { kitchen: { link: bench, may_unmute: mayUnmute } },
  });
}

/** Time goes on for the gate, and for the sockets of this machine. */
async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round > 2_000) throw new Error(JSON.stringify([house!.log, listener.messages.slice(-5)]));
    await house!.pass(ROUND_MS);
    everHeard ||= house!.hears('kitchen');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
async function pass(ms: number): Promise<void> {
  const end = house!.time.now() + ms;
  await until(() => house!.time.now() >= end);
}
async function start(from: Config = config(), change = {}): Promise<void> {
  house = await new VirtualHouse(from, change).start();
  await until(() => listener.last('earlid/status') === 'online');
  await until(() => listener.state('kitchen').live === 'OFF');
}
const send = (command: string, payload: string, retain = false) =>
  broker.publish(`earlid/gates/kitchen/${command}/set`, payload, retain);
const hears = () => house!.hears('kitchen');
const refused = () =>
  listener
    .decisions('kitchen')
    .filter((event) => event.event_type === 'refused')
    .map(({ by }) => by);

describe('Home Assistant at the emulated contact', () => {
  test('an unmute that may be opens it, and a mute closes it', async () => {
    await start();
    await send('unmute', '20m');
    await until(hears);
    await until(() => listener.state('kitchen').live === 'ON');
    await send('microphone', 'OFF');
    await until(() => !hears());
    await until(() => listener.state('kitchen').live === 'OFF');
    expect(listener.state('kitchen')).toMatchObject({ mode: 'muted', attributes: { evidence: 'sensed' } });
  });

  test.each([
    ['mute_for_meetings.yaml', { length: '3300s' }],
    ['mute_in_calls.yaml', { to: ['earlid/gates/kitchen/mute/set'], payload: 'PRESS' }],
    ['mute_for_guests.yaml', {}],
    ['mute_everything.yaml', {}],
  ])(
    'S3 what the blueprint %s sends closes it, where Home Assistant may not unmute',
    async (file, change) => {
      await start(config(['cli']));
      void house!.daemon.service.command('kitchen', 'unmute', { timeoutMs: 5_000 });
      await until(hears);
      const { made, variables } = running(file, change);
      for (const { topic, payload } of sentBy(made.actions, variables)) await broker.publish(topic, payload);
      await until(() => !hears());
      await until(() => listener.state('kitchen').live === 'OFF');
      expect(listener.state('kitchen')).toMatchObject({ mode: 'muted', attributes: { evidence: 'sensed' } });
    },
  );

  test('S4 an unmute that may not be never opens it, and says why', async () => {
    await start(config(['button', 'cli']));
    await send('microphone', 'ON');
    await until(() => refused().length === 1);
    await pass(1_000);
    expect([everHeard, refused()]).toEqual([false, ['may_unmute']]);
  });

  test('S7 unmutes that the broker kept from before the start never open it', async () => {
    await send('microphone', 'ON', true);
    await send('unmute', '20m', true);
    await send('mode', 'unmuted', true);
    await start();
    await pass(2_000);
    broker.cut();
    await until(() => listener.last('earlid/status') === 'offline');
    await until(() => listener.last('earlid/status') === 'online');
    await pass(1_000);
    expect(everHeard).toBe(false);
    expect(listener.state('kitchen').attributes.last_refusal).toMatchObject({ by: 'retained' });
  });

  test('S7 an unmute sent while the controller was away never opens it', async () => {
    await start();
    await house!.end();
    house = null;
    await send('microphone', 'ON');
    await send('unmute', '20m');
    listener.messages.length = 0;
    await start();
    await pass(2_000);
    expect(everHeard).toBe(false);
  });

  test('S7 an unmute sent while the broker was out of reach never opens it', async () => {
    await start();
    broker.cut();
    await send('microphone', 'ON');
    await until(() => listener.last('earlid/status') === 'offline');
    await until(() => listener.last('earlid/status') === 'online');
    await pass(2_000);
    expect(everHeard).toBe(false);
  });

  test('S7 a copy of an unmute does not open again what was muted meanwhile, nor lengthens anything', async () => {
    await start();
    await send('unmute', '20m');
    await until(hears);
    const end = house!.view('kitchen').override!.until;
    await send('unmute', '20m');
    await until(() => refused().length === 1);
    expect(house!.view('kitchen').override!.until).toBe(end);
    await send('mute', 'PRESS');
    await until(() => !hears());
    everHeard = false;
    await send('unmute', '20m');
    await until(() => refused().length === 2);
    await pass(1_000);
    expect([everHeard, refused()]).toEqual([false, ['duplicate', 'duplicate']]);
  });

  test('S7 an unmute that is too old never opens it', async () => {
    await start();
    const sent = new Date(house!.time.utc() - 11_000).toISOString();
    await send('unmute', JSON.stringify({ for: '20m', sent }));
    await until(() => refused().length === 1);
    await pass(1_000);
    expect([everHeard, refused()]).toEqual([false, ['expired']]);
  });

  test('S3 S7 while the controller stops, a mute still acts, nothing unmutes, and no grant is left for the next start', async () => {
    const gate = { link: bench, may_unmute: ['cli' as const, 'homeassistant' as const] };
    await start(
      configOf({
        mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
        homeassistant: {},
        gates: { kitchen: gate, hall: gate },
      }),
    );
    const ask = (name: string, command: string, payload: string) =>
      broker.publish(`earlid/gates/${name}/${command}/set`, payload);
    await ask('hall', 'unmute', '20m');
    await until(() => house!.hears('hall'));
    // While no time goes on for the gates, nothing proves that this one is muted, and the end waits for that.
    const stopped = house!.daemon.stop();
    await ask('kitchen', 'unmute', '20m');
    await ask('hall', 'mute', '2h');
    const override = (name: string) => house!.view(name).override?.kind ?? null;
    while (override('hall') !== 'hold') await new Promise((resolve) => setTimeout(resolve, 1));
    expect(override('kitchen')).toBeNull();
    let isOver = false;
    void stopped.then(() => {
      isOver = true;
    });
    await until(() => isOver);
    expect([everHeard, override('kitchen'), house!.hears('hall')]).toEqual([false, null, false]);
  });
});
