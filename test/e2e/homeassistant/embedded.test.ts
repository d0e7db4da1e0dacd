/** The broker that the daemon runs itself, with other programs of the machine at it, down to the emulated contact. */
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort } from '../../../controller/cli/free-port.ts';
import { type Config, configOf } from '../../../schemas/config.ts';
import { VirtualHouse } from '../presence/house.ts';

const ROUND_MS = 10;
const MUTE = 'earlid/gates/kitchen/mute/set';
const UNMUTE = 'earlid/gates/kitchen/unmute/set';
const STATE = 'earlid/gates/kitchen/state';

let port: number;
let house: VirtualHouse;
let clients: MqttClient[];
/** Newest payload on each topic, as a stranger hears it. */
let heard: Map<string, string>;
let everHeard: boolean;

beforeEach(async () => {
  port = await freePort(0);
  [clients, heard, everHeard] = [[], new Map(), false];
});
afterEach(async () => {
  for (const client of clients) client.end(true);
  await house.end();
});

const config = (): Config =>
  configOf({
    mqtt: { embedded: true, port },
    homeassistant: {},
    gates: { kitchen: { link: { bench: 'uno-relay' } } },
  });

/** Time goes on for the gate, and for the sockets of this machine. */
async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round > 2_000) throw new Error(JSON.stringify([house.log, [...heard]]));
    await house.pass(ROUND_MS);
    everHeard ||= house.hears('kitchen');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
async function pass(ms: number): Promise<void> {
  const end = house.time.now() + ms;
  await until(() => house.time.now() >= end);
}
async function start(): Promise<void> {
  house = await new VirtualHouse(config()).start();
  await until(() => house.log.some((line) => line.includes(`listens at 127.0.0.1:${port}`)));
}
async function stranger(): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  clients.push(client);
  client.on('message', (topic, payload) => heard.set(topic, payload.toString())).on('error', () => {});
  await client.subscribeAsync('#');
  return client;
}
const state = () =>
  JSON.parse(heard.get(STATE) ?? '{}') as {
    readonly live?: string;
    readonly mode?: string;
    readonly attributes?: { readonly last_refusal: { readonly by: string } | null };
  };
const unmute = (forMs: number) =>
  house.daemon.service.command('kitchen', 'unmute', { timeoutMs: 5_000, forMs }, 'cli');

describe('the broker that the daemon runs', () => {
  test('S3 S4 S7 any program mutes; none unmutes, tells what only Earlid tells, or leaves a command behind', async () => {
    await start();
    const client = await stranger();
    await until(() => state().live === 'OFF' && heard.get('earlid/status') === 'online');
    await until(() => heard.has('homeassistant/device/earlid_gate_kitchen/config'));

    void unmute(600_000);
    await until(() => house.hears('kitchen') && state().live === 'ON');
    client.publish(STATE, JSON.stringify({ live: 'OFF' }), { retain: true });
    client.publish(MUTE, '', { retain: true });
    await until(() => !house.hears('kitchen') && state().live === 'OFF');
    expect(state().mode).toBe('muted');

    everHeard = false;
    client.publish(UNMUTE, '20m', { qos: 2, retain: true });
    await until(() => state().attributes?.last_refusal?.by === 'may_unmute');
    const another = await stranger();
    heard.clear();
    await another.subscribeAsync(['earlid/gates/+/+/set', STATE]);
    await until(() => state().live === 'OFF');
    await pass(1_000);
    expect([everHeard, heard.has(MUTE), heard.has(UNMUTE)]).toEqual([false, false, false]);
  });

  test('S3 a mute is acted on while others flood, and while one of them does not read', async () => {
    await start();
    const deaf = await stranger();
    (deaf.stream as unknown as { pause(): void }).pause();
    const floods = await Promise.all(Array.from({ length: 4 }, stranger));
    void unmute(600_000);
    await until(() => house.hears('kitchen'));
    const payload = 'x'.repeat(2_000);
    for (const flood of floods)
      for (let i = 0; i < 2_000; i++) flood.publish(i % 2 ? 'house/noise' : UNMUTE, payload);
    const client = await stranger();
    const asked = house.time.now();
    client.publish(MUTE, 'PRESS');
    await until(() => !house.hears('kitchen'));
    expect(house.time.now() - asked).toBeLessThan(2_000);
  });

  test('its last words are heard', async () => {
    await start();
    await stranger();
    await until(() => heard.get('earlid/status') === 'online');
    const stopped = house.daemon.stop();
    await until(() => heard.get('earlid/status') === 'offline');
    await pass(1_000);
    await stopped;
  });

  test('S10 while another program has its port everything else goes on, until it is free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    house = await new VirtualHouse(config()).start();
    const problems = () => house.daemon.service.status().problems.map(({ code }) => code);
    await until(() => problems().length > 0);
    expect(problems()).toEqual(['mqtt-port-busy']);
    void unmute(600_000);
    await until(() => house.hears('kitchen'));
    await new Promise((resolve) => other.close(resolve));
    await until(() => problems().length === 0);
    const client = await stranger();
    client.publish(MUTE, '');
    await until(() => !house.hears('kitchen'));
  });
});
