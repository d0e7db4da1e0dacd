/** What a visit of the doctor finds at a broker and at Home Assistant, and what it leaves there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { networkFacts } from '../../controller/doctor/network.ts';
import { systemClock } from '../../controller/link/clock.ts';
import { type Config, configOf } from '../../schemas/config.ts';
import { describe as errorOf } from '../../schemas/errors.ts';
import { Listener } from '../homeassistant/foreign.ts';
import { Broker, type BrokerOptions } from '../presence/broker.ts';
import { FakeHomeAssistant } from '../presence/fake-homeassistant.ts';

let folder: string;
let broker: Broker;
let ha: FakeHomeAssistant;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  writeFileSync(join(folder, 'token'), 'open-sesame\n', { mode: 0o600 });
  ha = await new FakeHomeAssistant().listen();
});
afterEach(async () => {
  await broker.stop();
  await ha.stop();
  rmSync(folder, { recursive: true });
});

async function config({
  shown = true,
  ...options
}: BrokerOptions & { shown?: boolean } = {}): Promise<Config> {
  broker = await Broker.start(options);
  return configOf({
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
    homeassistant: {
      url: `ws://127.0.0.1:${ha.port}`,
      token_file: join(folder, 'token'),
      ...(!shown && { discovery: 'off' }),
    },
    gates: {
      kitchen: {
        link: { bench: 'uno-relay' },
        listen: [
          {
            if: {
              any: [
                { homeassistant: 'person.anna', is: 'home' },
                { mqtt: 'house/guests', is: 'on' },
              ],
            },
          },
        ],
      },
    },
  });
}
const visit = (config: Config, clock = systemClock) => networkFacts(config, [], clock);
/** Nobody waits for what does not come, as far as that takes at most this long. */
const notFor = (most: number) => ({
  ...systemClock,
  after: (ms: number, run: () => void) => systemClock.after(ms <= most ? ms / 20 : ms, run),
});

test('S7 all is found to be well, no command is taken, and nothing is written that acts', async () => {
  const asked = await config();
  const listener = new Listener(broker);
  const subscriptions: string[] = [];
  broker.aedes.on('subscribe', (topics) => subscriptions.push(...topics.map(({ topic }) => topic)));
  await broker.publish('earlid/status', 'online', true);
  await broker.publish('earlid/gates/kitchen/unmute/set', '20m', true);
  ha.set('person.anna', 'home');
  listener.messages.length = 0;
  expect(await networkFacts(asked, [], systemClock)).toEqual({
    broker: {
      broker: `mqtt://127.0.0.1:${broker.port}`,
      isOwn: false,
      place: expect.objectContaining({ topic: 'earlid', discovery: 'homeassistant' }),
      problems: [],
      isHeard: true,
      controller: 'online',
    },
    homeAssistant: { url: `ws://127.0.0.1:${ha.port}/api/websocket`, problems: [], asked: 1 },
  });
  expect(subscriptions).toEqual(['earlid/status', 'earlid/doctor', 'house/guests']);
  expect(listener.messages.map(({ topic, retain }) => [topic, retain])).toEqual([['earlid/doctor', false]]);
});

test('where no gates are shown nothing is written, and no entity means none of all', async () => {
  const { gates, ...rest } = await config({ shown: false });
  const listener = new Listener(broker);
  ha.set('zone.home', '0');
  const found = await visit({ ...rest, gates: gates.map((gate) => ({ ...gate, listen: [] })) });
  expect(found.broker).toMatchObject({ place: null, problems: [], isHeard: null });
  expect(found.homeAssistant).toMatchObject({ problems: [], asked: 0 });
  expect(listener.messages).toEqual([]);
  expect(ha.wanted).toEqual([['zone.home']]);
});

test('a broker of our own is visited while the daemon runs it, and nothing is written there', async () => {
  const { mqtt, ...rest } = await config();
  const listener = new Listener(broker);
  await broker.publish('earlid/status', 'online', true);
  listener.messages.length = 0;
  const own = { ...rest, mqtt: { ...mqtt!, embedded: true } };
  const running = await networkFacts(own, [], systemClock);
  expect(running.broker).toMatchObject({ isOwn: true, problems: [], isHeard: null, controller: 'online' });
  const { connections } = broker;
  const stopped = await networkFacts(own, null, systemClock);
  expect(stopped.broker).toMatchObject({ isOwn: true, problems: [], isHeard: null, controller: null });
  const elsewhere = await networkFacts(own, [errorOf('mqtt-port-busy')], systemClock);
  expect(elsewhere.broker).toMatchObject({ isOwn: true, isHeard: null, controller: null });
  expect([broker.connections, listener.messages]).toEqual([connections, []]);
});

test.each<[string, BrokerOptions]>([
  ['mqtt-refused', { user: { name: 'earlid', password: 'sesame' } }],
  ['mqtt-topics', { closed: ['house/guests'] }],
])('%s at the broker', async (code, options) => {
  const { broker: found } = await visit(await config(options));
  expect(found!.problems.map((problem) => problem.code)).toEqual([code]);
});

test('a broker that is not there, one that says nothing, and one that hands nothing on', async () => {
  const asked = await config({ kept: 'earlid/' });
  expect((await visit(asked, notFor(2_000))).broker).toMatchObject({ problems: [], isHeard: false });
  broker.aedes.preConnect = () => {};
  const { broker: silent } = await visit(asked, notFor(10_000));
  expect(silent!.problems).toMatchObject([{ message: expect.stringContaining('it does not answer') }]);
  await broker.stop();
  const { broker: gone } = await visit(asked);
  expect(gone!.problems).toMatchObject([
    { message: expect.stringContaining('nothing listens at this port') },
  ]);
});

test.each<[string, () => unknown]>([
  ['homeassistant-token', () => writeFileSync(join(folder, 'token'), 'stolen\n')],
  ['homeassistant-file', () => rmSync(join(folder, 'token'))],
  ['homeassistant-starting', () => Object.assign(ha, { state: 'STARTING' })],
  ['homeassistant-entities', () => ha.forget('person.anna')],
  ['homeassistant-unreachable', () => Object.assign(ha, { stalls: true })],
  ['homeassistant-garbled', () => ha.lies.set('greeting', '<html>')],
])('%s', async (code, spoil) => {
  ha.set('person.anna', 'home');
  const asked = await config();
  spoil();
  const { homeAssistant } = await visit(asked, ha.stalls ? notFor(10_000) : systemClock);
  expect(homeAssistant!.problems.map((problem) => problem.code)).toEqual([code]);
});

test('a token that the daemon was refused is not shown again', async () => {
  const asked = await config();
  await networkFacts(asked, [errorOf('homeassistant-token', { url: 'ws://ha' })], systemClock);
  expect(ha.connections).toBe(0);
});
