import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../controller/config/file.ts';
import { configText, digestOf, readConfigBytes } from '../../controller/config/text.ts';
import { describe as errorOf } from '../../schemas/errors.ts';
import { gateConfig } from '../cli/harness.ts';
import { Broker, CERTIFICATE, CLIENT } from '../presence/broker.ts';
import { Home, Listener, quick, until } from './foreign.ts';
import { problemsOf } from './model.ts';

const STATUS = 'earlid/status';
const ALL = ['button', 'cli', 'homeassistant'] as const;

let home: Home;
beforeEach(async () => {
  home = await new Home().broking();
});
afterEach(() => home.end());
const kitchen = () => home.house.gate('kitchen');
const refusals = () => home.listener.decisions('kitchen').filter((event) => event.event_type === 'refused');

describe('a controller at the broker of Home Assistant', () => {
  test('shows its devices, keeps every rule of Home Assistant, and retains what is to be known later', async () => {
    await home.start([gateConfig('kitchen', { area: 'Kitchen' }), gateConfig('hall')]);
    await home.announced('hall');
    const { messages } = home.listener;
    const discovery = new Map(
      messages.filter(({ topic }) => topic.startsWith('homeassistant/')).map((each) => [each.topic, each]),
    );
    expect([...discovery.keys()].sort()).toEqual([
      'homeassistant/device/earlid_controller/config',
      'homeassistant/device/earlid_gate_hall/config',
      'homeassistant/device/earlid_gate_kitchen/config',
    ]);
    expect(problemsOf([...discovery.values()])).toEqual([]);
    expect(messages.every(({ retain }) => retain)).toBe(true);
    expect(home.listener.last(STATUS)).toBe('online');
    expect(home.listener.last('earlid/gates/kitchen/availability')).toBe('online');
    expect(home.listener.state('kitchen')).toMatchObject({
      live: 'OFF',
      microphone: 'OFF',
      reason: 'no-rule',
      exposure_today: expect.any(Number),
      exposure: { live: 0, unknown: expect.any(Number) },
    });
    expect(JSON.parse(home.listener.last('earlid/problems')!)).toEqual({
      state: 'OFF',
      attributes: { problems: [] },
    });
  });

  test('says that it is gone when it stops, and the broker says so when it vanishes', async () => {
    await home.start();
    home.broker.cut();
    await until(() => home.listener.last(STATUS) === 'offline');
    await until(() => home.listener.last(STATUS) === 'online');
    home.listener.messages.length = 0;
    await home.house.daemon!.stop();
    await until(() => home.listener.last(STATUS) === 'offline' && home.broker.aedes.connectedClients === 0);
    // A controller that has said so itself leaves no will.
    expect(home.listener.of(STATUS)).toEqual(['offline']);
  });

  test('everything is back after a broker was restarted that keeps nothing', async () => {
    await home.start();
    const { port } = home.broker;
    await home.broker.stop();
    home.broker = await Broker.start({ port });
    home.listener = new Listener(home.broker);
    await home.announced();
    expect(home.listener.last(STATUS)).toBe('online');
    expect(home.listener.state('kitchen').live).toBe('OFF');
  });

  test('what a gate is, is said again while the controller is there, and its device is not', async () => {
    await home.start();
    const { messages } = home.listener;
    await until(() => messages.filter(({ topic }) => topic === STATUS).length === 2);
    messages.length = 0;
    await until(() => messages.filter(({ topic }) => topic === STATUS).length === 2);
    const states = messages.filter(({ topic }) => topic === 'earlid/gates/kitchen/state');
    expect(states.map(({ retain }) => retain)).toContain(true);
    expect(messages.filter(({ topic }) => topic.startsWith('homeassistant/'))).toEqual([]);
  });

  test('a device that is told anew is followed by its state', async () => {
    await home.start();
    const here = home.listener.of(STATUS).length;
    await until(() => home.listener.of(STATUS).length > here);
    home.listener.messages.length = 0;
    const { identity } = kitchen().status();
    kitchen().set({ identity: { ...identity!, firmware: '9.9.9' } });
    const topics = () => home.listener.messages.map(({ topic }) => topic);
    const told = () => topics().lastIndexOf('homeassistant/device/earlid_gate_kitchen/config');
    await until(() => told() >= 0 && topics().lastIndexOf('earlid/gates/kitchen/state') > told());
    // Not only when it is time to say it again.
    expect(topics()).not.toContain(STATUS);
  });

  test('everything is told again when Home Assistant has started, the devices before their states', async () => {
    await home.start();
    await home.broker.publish('homeassistant/status', 'offline');
    await home.broker.publish('homeassistant/status', 'online', true);
    home.listener.messages.length = 0;
    await home.broker.publish('homeassistant/status', 'online');
    await home.announced();
    const topics = home.listener.messages.map(({ topic }) => topic);
    expect(topics).toContain('homeassistant/device/earlid_controller/config');
    expect(topics).toContain('earlid/gates/kitchen/availability');
  });

  test('a gate that is in the configuration no more disappears, whether or not it was so while the controller ran', async () => {
    await home.start([gateConfig('kitchen'), gateConfig('hall')]);
    await home.announced('hall');
    await home.house.daemon!.stop();
    const foreign = '{"device":{"identifiers":["earlid_gate_cellar"]},"components":{}}';
    await home.broker.publish('homeassistant/device/earlid_gate_cellar/config', foreign, true);
    home.listener.messages.length = 0;
    await home.start([gateConfig('kitchen')]);
    await until(() => home.listener.last('earlid/gates/hall/state') === '');
    expect(home.listener.last('homeassistant/device/earlid_gate_hall/config')).toBe('');
    expect(home.listener.of('homeassistant/device/earlid_gate_cellar/config')).toEqual([]);
  });

  test('a file that is changed is followed: gates come and go, and so does everything with another topic', async () => {
    const file = join(home.house.folder, 'earlid.yaml');
    const write = (gates: string, topic = 'earlid') =>
      writeFileSync(
        file,
        `mqtt: { url: "mqtt://127.0.0.1:${home.broker.port}" }\nhomeassistant: { topic: ${topic} }\ngates: { ${gates} }\n`,
      );
    const parse = (bytes: Uint8Array) => parseConfig(configText(bytes, file), file, Date.now());
    write('kitchen: { link: { serial: /dev/k } }, hall: { link: { serial: /dev/h } }');
    const source = { file, digest: digestOf(readConfigBytes(file)), parse };
    await home.house.start(await parse(readConfigBytes(file)), () => {}, { after: quick, source });
    await home.announced('hall');
    const { service } = home.house.daemon!;
    write('kitchen: { link: { serial: /dev/k } }, attic: { link: { serial: /dev/a } }');
    await service.reload();
    await home.announced('attic');
    await until(() => home.listener.last('homeassistant/device/earlid_gate_hall/config') === '');
    expect(home.listener.last('earlid/gates/hall/state')).toBe('');
    expect(home.listener.of(STATUS)).not.toContain('offline');
    write('kitchen: { link: { serial: /dev/k } }', 'house');
    await service.reload();
    await until(() => home.listener.last('house/status') === 'online');
    await until(() => home.listener.last(STATUS) === 'offline');
    for (const device of ['gate_kitchen', 'gate_attic', 'controller'])
      await until(() => home.listener.last(`homeassistant/device/earlid_${device}/config`) === '');
  });

  test('a change at the gate is shown, and what it decided is an event', async () => {
    await home.start();
    home.listener.messages.length = 0;
    kitchen().set({ state: 'unknown', evidence: 'none', link: 'silent' });
    await until(() => home.listener.decisions('kitchen').length > 0);
    expect(home.listener.state('kitchen')).toMatchObject({
      live: 'ON',
      microphone: null,
      link: 'OFF',
      reason: 'silent',
    });
    expect(home.listener.last('earlid/gates/kitchen/availability')).toBe('offline');
    expect(home.listener.decisions('kitchen')).toMatchObject([{ event_type: 'unknown' }]);
    await kitchen().event('press', 'not-permitted');
    await until(() => home.listener.of('earlid/gates/kitchen/button').length > 0);
    expect(JSON.parse(home.listener.last('earlid/gates/kitchen/button')!)).toMatchObject({
      event_type: 'press_end',
      granted: false,
    });
    expect(
      home.listener.messages
        .filter(({ topic }) => /(button|decision)$/.test(topic))
        .some(({ retain }) => retain),
    ).toBe(false);
  });
});

describe('commands from Home Assistant', () => {
  test('a gate that moves is told as it is, and is decided about once: when it has arrived', async () => {
    await home.start();
    home.listener.messages.length = 0;
    const moving = { link: 'up', evidence: 'none', reported: { state: 'closing', at: Date.now() } } as const;
    kitchen().set({ state: 'live', evidence: 'sensed' });
    await until(() => home.listener.decisions('kitchen').length === 1);
    kitchen().set({ state: 'unknown', ...moving });
    await until(() => home.listener.state('kitchen').reason === 'moving');
    kitchen().set({ state: 'muted', evidence: 'sensed' });
    await until(() => home.listener.decisions('kitchen').length === 2);
    expect(home.listener.decisions('kitchen').map(({ event_type }) => event_type)).toEqual(['live', 'muted']);
  });

  test('unmute, mute and resume go the way of the command line, in the name of Home Assistant', async () => {
    await home.start();
    await home.send('unmute', '20m');
    await until(() => home.listener.state('kitchen').live === 'ON');
    expect(home.listener.state('kitchen')).toMatchObject({
      microphone: 'ON',
      mode: 'unmuted',
      reason: 'grant',
      attributes: { override: { kind: 'grant', source: 'homeassistant' } },
    });
    await home.send('microphone', 'OFF');
    await until(() => home.listener.state('kitchen').live === 'OFF');
    expect(home.listener.state('kitchen')).toMatchObject({ mode: 'muted', reason: 'hold' });
    expect(kitchen().calls).toContain('mute now (homeassistant)');
    await home.send('mode', 'auto');
    await until(() => home.listener.state('kitchen').mode === 'auto');
  });

  test.each([
    ['may_unmute does not name it', ['button', 'cli'], 'microphone', 'ON', 'may_unmute'],
    ['may_unmute does not name it for resume', ['button', 'cli'], 'mode', 'auto', 'may_unmute'],
    ['longer than grants.max', ALL, 'unmute', '5h', 'grants.max'],
    ['nothing that can be read', ALL, 'unmute', 'for ever', 'malformed'],
    ['endless', ALL, 'unmute', ' '.repeat(100_000), 'malformed'],
  ] as const)('S4 refused: %s', async (_, mayUnmute, command, payload, by) => {
    await home.start([gateConfig('kitchen', { mayUnmute: [...mayUnmute] })]);
    home.listener.messages.length = 0;
    await home.send(command, payload);
    await until(() => refusals().length === 1);
    expect(refusals()).toMatchObject([{ by }]);
    expect(home.listener.state('kitchen')).toMatchObject({
      live: 'OFF',
      microphone: 'OFF',
      attributes: { last_refusal: { by }, seq: 1 },
    });
    expect(kitchen().calls).not.toContain('listen');
  });

  test.each([
    ['locked', { locked: true }, 'lock'],
    ['faulty', { fault: 'sense-live' }, 'fault'],
  ] as const)('S4 S5 refused while %s', async (_, change, by) => {
    await home.start();
    kitchen().set(change);
    await home.send('microphone', 'ON');
    await until(() => refusals().length === 1);
    expect(refusals()).toMatchObject([{ by }]);
    expect(kitchen().calls).not.toContain('listen');
  });

  test('S3 S7 what waited while the machine slept opens nothing, and what is said later does; a mute acts at once', async () => {
    let asleep = 0;
    const now = () => ({ wall: Date.now() + asleep, counted: performance.now() + asleep });
    await home.start(undefined, { clock: { now, ran: () => performance.now() } });
    await home.house.earlid('unmute', 'kitchen');
    asleep += 3_600_000;
    await home.send('mute', 'PRESS');
    await home.send('microphone', 'ON');
    await home.send('mode', 'auto');
    await until(() => refusals().length === 2);
    expect(refusals()).toMatchObject([{ by: 'expired' }, { by: 'expired' }]);
    expect(home.listener.state('kitchen')).toMatchObject({ live: 'OFF', mode: 'muted' });
    await home.house.earlid('mute', 'kitchen', '--for', '8h');
    const held = () => home.listener.state('kitchen').attributes.override as { source: string };
    await until(() => held().source === 'cli');
    const override = held();
    await home.send('mute', '1s');
    await home.send('microphone', 'ON');
    await until(() => refusals().length === 3);
    expect(held()).toEqual(override);
    // Others hand over what they had for a while after that.
    for (let i = 0; i < 10; i++) {
      asleep += 1_500;
      await new Promise((resolve) => setTimeout(resolve, 70));
    }
    await home.send('microphone', 'ON');
    await until(() => home.listener.state('kitchen').live === 'ON');
  });

  test('S3 mutes whatever the payload is, and everything at once', async () => {
    await home.start([
      gateConfig('kitchen', { mayUnmute: [...ALL] }),
      gateConfig('hall', { mayUnmute: ['cli'] }),
    ]);
    for (const payload of ['PRESS', '', '\u0000{', Buffer.alloc(1024 * 1024)]) {
      await home.house.earlid('unmute', 'kitchen');
      await home.house.earlid('unmute', 'hall');
      await home.send('mute', payload);
      await until(() => kitchen().status().state === 'muted');
      expect(home.house.gate('hall').status().state).toBe('live');
      await home.house.earlid('unmute', 'kitchen');
      await home.broker.publish('earlid/mute_everything/set', payload);
      await until(
        () => kitchen().status().state === 'muted' && home.house.gate('hall').status().state === 'muted',
      );
    }
  });

  test('S10 what belongs to other people, and what has no end, is left alone', async () => {
    await home.start();
    await home.house.earlid('unmute', 'kitchen');
    await until(() => home.listener.state('kitchen').live === 'ON');
    const large = Buffer.alloc(10 * 1024 * 1024, 'x');
    for (const topic of [
      'homeassistant/status',
      'homeassistant/device/earlid_gate_cellar/config',
      'homeassistant/device/washing_machine/config',
      'earlid/gates/cellar/mute/set',
      'earlid/gates/KITCHEN/mute/set',
      'earlid2/gates/kitchen/mute/set',
      'earlid2/mute_everything/set',
    ])
      for (const payload of ['{"device":{}}', large]) await home.broker.publish(topic, payload, true);
    home.listener.messages.length = 0;
    await home.send('unmute', large);
    await until(() => refusals().length === 1);
    expect(refusals()).toMatchObject([{ by: 'malformed' }]);
    expect(home.listener.state('kitchen').live).toBe('ON');
    expect(home.listener.messages.filter(({ topic }) => topic.startsWith('homeassistant/'))).toEqual([]);
    expect(home.house.daemon!.service.status().problems).toEqual([]);
    await home.send('mute', large);
    await until(() => home.listener.state('kitchen').live === 'OFF');
  });

  test('S10 a flood of refused unmutes is no flood of messages, and a mute still acts', async () => {
    await home.start([gateConfig('kitchen', { mayUnmute: ['cli'] })]);
    await home.house.earlid('unmute', 'kitchen');
    home.listener.messages.length = 0;
    for (let i = 0; i < 500; i++) await home.send('unmute', `${i + 1}s`);
    await home.send('mute', 'PRESS');
    await until(() => home.listener.state('kitchen').mode === 'muted');
    expect(refusals()).toHaveLength(30);
    expect(home.listener.of('earlid/gates/kitchen/state').length).toBeLessThan(250);
  });
});

describe('a broker that wants to know who comes', () => {
  const user = { name: 'earlid', password: 'open sesame' };
  const file = (name: string) => join(home.house.folder, name);

  test('is shown our certificate, and told user and password; whoever may read them is told of', async () => {
    await home.broker.stop();
    await home.broking({ tls: CERTIFICATE, asksCertificate: true, user });
    writeFileSync(file('password'), `${user.password}\n`, { mode: 0o600 });
    writeFileSync(file('key'), readFileSync(CLIENT.key), { mode: 0o640 });
    home.mqtt = {
      tls: true,
      ca: fileURLToPath(CERTIFICATE),
      cert: fileURLToPath(CLIENT.cert),
      key: file('key'),
      username: user.name,
      passwordFile: file('password'),
    };
    await home.start();
    expect(home.listener.state('kitchen').live).toBe('OFF');
    const { problems } = home.house.daemon!.service.status();
    expect(problems.map(({ code }) => code)).toEqual(['mqtt-file-open']);
    expect(problems[0]!.message).toContain(file('key'));
    expect(JSON.parse(home.listener.last('earlid/problems')!)).toMatchObject({ state: 'ON' });
  });

  test('and lets nobody hear what is written there is told in status', async () => {
    await home.broker.stop();
    await home.broking({ kept: 'homeassistant/' });
    await home.house.start(home.config(gateConfig('kitchen')), () => {}, { after: quick });
    await until(() => home.house.daemon!.service.status().problems.length > 0);
    expect(home.house.daemon!.service.status().problems).toMatchObject([
      {
        code: 'mqtt-unheard',
        message: expect.stringContaining('homeassistant/device/earlid_controller/config'),
        hint: expect.stringContaining('`earlid/#` and `homeassistant/device/#`'),
      },
    ]);
  });

  test('S10 that refuses it is told in status and in the log, and everything else goes on', async () => {
    await home.broker.stop();
    await home.broking({ user });
    await home.house.start(home.config(gateConfig('kitchen')), () => {}, { after: quick });
    await until(() => home.house.daemon!.service.status().problems.length > 0);
    const [problem] = home.house.daemon!.service.status().problems;
    expect(problem).toMatchObject({ code: 'mqtt-refused', message: expect.stringContaining('password') });
    expect(home.house.log.join('\n')).toContain(problem!.message);
    expect((await home.house.earlid('unmute', 'kitchen')).code).toBe(0);
  });
});

describe('a broker that is not there', () => {
  test('S10 is told in status, and everything else goes on', async () => {
    const broker = home.broker.config();
    await home.broker.stop();
    home.broker = { config: () => broker, stop: async () => {} } as unknown as Broker;
    await home.house.start(home.config(gateConfig('kitchen')));
    await until(() => home.house.daemon!.service.status().problems.length > 0);
    const { code } = errorOf('mqtt-unreachable');
    expect(home.house.daemon!.service.status().problems.map((problem) => problem.code)).toEqual([code]);
    expect((await home.house.earlid('unmute', 'kitchen')).code).toBe(0);
  });
});
