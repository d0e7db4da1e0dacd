/** Real processes: mosquitto, its clients as strangers, a daemon, and an emulated board. Runs where `EARLID_MOSQUITTO` is set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import type { Check } from '../../controller/doctor/check.ts';
import { type BenchProcess, Household } from '../e2e/system/household.ts';
import { CERTIFICATE, CLIENT, KEY } from '../presence/broker.ts';
import { until } from './foreign.ts';
import { problemsOf } from './model.ts';

const HERE = process.env.EARLID_MOSQUITTO ? describe : describe.skip;
const GATE = 'earlid/gates/kitchen';
const PROTOCOLS = ['3.1.1', '5'] as const;

let household: Household;
let board: BenchProcess;
let port: number;
let children: ChildProcess[];
/** Newest payload on each topic, as `mosquitto_sub` tells it. */
let heard: Map<string, string>;
let decisions: string[];

function run(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}
const ended = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => child.once('exit', () => resolve()));

/** Strangers come in by `port`, without being asked; by `more` whoever that says. */
async function mosquitto(more = ''): Promise<ChildProcess> {
  const file = join(household.folder, 'mosquitto.conf');
  const settings = [
    `user ${userInfo().username}`,
    'persistence false',
    'per_listener_settings true',
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    more,
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  const broker = run('mosquitto', '-c', file);
  heard = new Map();
  decisions = [];
  const strangers = run('mosquitto_sub', '-p', String(port), '-t', '#', '-F', '%t %p');
  let text = '';
  strangers.stdout!.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines) {
      const topic = line.slice(0, line.indexOf(' '));
      const payload = line.slice(topic.length + 1);
      heard.set(topic, payload);
      if (topic === `${GATE}/decision`) decisions.push(payload);
    }
  });
  return broker;
}
/** `mosquitto_sub` gives up when nobody listens yet. */
async function brokerAndListener(more = ''): Promise<ChildProcess> {
  const broker = await mosquitto(more);
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (children.at(-1)!.exitCode === null) return broker;
  broker.kill('SIGKILL');
  await ended(broker);
  return brokerAndListener(more);
}
const publish = (...args: string[]) => ended(run('mosquitto_pub', '-p', String(port), ...args));
const state = () => JSON.parse(heard.get(`${GATE}/state`) ?? '{}') as Record<string, unknown>;
const config = (mayUnmute: string, protocol: string, mqtt = `url: "mqtt://127.0.0.1:${port}"`) => `
mqtt: { ${mqtt}, protocol: ${protocol} }
homeassistant: {}
gates:
  kitchen: { link: { serial: ${board.path} }, may_unmute: [${mayUnmute}] }
`;
const isWhole = () =>
  heard.get('earlid/status') === 'online' &&
  heard.get(`${GATE}/availability`) === 'online' &&
  state().live === 'OFF' &&
  heard.has('earlid/problems') &&
  ['gate_kitchen', 'controller'].every((id) => heard.has(`homeassistant/device/earlid_${id}/config`));

/** Waits until `earlid status` says so. */
async function says(words: string | RegExp): Promise<void> {
  let err = '';
  for (const end = Date.now() + 15_000; !new RegExp(words).test(err); ) {
    if (Date.now() > end) throw new Error(err);
    ({ err } = await household.earlid('status'));
  }
}
/** What the doctor says of the broker. */
async function doctorOfBroker(): Promise<Pick<Check, 'status' | 'text'>[]> {
  const { out } = await household.earlid('doctor', '--json');
  const { checks } = JSON.parse(out) as { readonly checks: readonly Check[] };
  return checks.filter(({ id }) => id === 'broker').map(({ status, text }) => ({ status, text }));
}
const refusals = (by: string) => decisions.filter((each) => each.includes(`"by":"${by}"`)).length;

HERE('mosquitto and strangers at it', () => {
  beforeEach(async () => {
    household = new Household();
    children = [];
    port = await freePort(0);
    board = await household.bench('kitchen');
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map(ended));
    await household.end();
  });

  test.each(PROTOCOLS)(
    'the whole picture with MQTT %s, mutes and unmutes, and what is left after the controller was killed',
    async (protocol) => {
      await brokerAndListener();
      const daemon = await household.daemon(config('cli, homeassistant', protocol));
      await until(isWhole, () => JSON.stringify([...heard]));
      const discovery = [...heard].filter(([topic]) => topic.startsWith('homeassistant/device/'));
      expect(problemsOf(discovery.map(([topic, payload]) => ({ topic, payload })))).toEqual([]);
      await publish('-t', `${GATE}/unmute/set`, '-m', '10m');
      await until(() => board.level('contact') === 1 && state().live === 'ON');
      await publish('-t', `${GATE}/mute/set`, '-m', 'PRESS', '-q', '1');
      await until(() => board.level('contact') === 0 && state().live === 'OFF');
      expect(state()).toMatchObject({ mode: 'muted', attributes: { evidence: 'sensed' } });
      const before = board.edges('contact').length;
      const sent = new Date(Date.now() - 11_000).toISOString();
      await publish('-t', `${GATE}/unmute/set`, '-m', JSON.stringify({ for: '10m', sent }));
      await until(() => refusals('expired') === 1);
      const once = JSON.stringify({ for: '1h30m', id: 'once', sent });
      await publish('-t', `${GATE}/unmute/set`, '-m', once);
      await publish('-t', `${GATE}/unmute/set`, '-m', once);
      await until(() => refusals('duplicate') === 1);
      expect(board.edges('contact')).toHaveLength(before);
      // A mute that somebody retains acts when it comes, however its flag is handed on.
      await publish('-t', `${GATE}/unmute/set`, '-m', '20m');
      await until(() => board.level('contact') === 1);
      await publish('-t', `${GATE}/microphone/set`, '-m', 'OFF', '-r');
      await until(() => board.level('contact') === 0 && state().live === 'OFF');
      daemon.kill('SIGKILL');
      await until(() => heard.get('earlid/status') === 'offline');
    },
  );

  test.each(PROTOCOLS)(
    'S4 S7 refused and kept unmutes never move the contact, with MQTT %s',
    async (protocol) => {
      await brokerAndListener();
      await publish('-t', `${GATE}/microphone/set`, '-m', 'ON', '-r');
      await publish(
        '-V',
        '5',
        '-D',
        'publish',
        'message-expiry-interval',
        '1',
        '-t',
        `${GATE}/unmute/set`,
        '-m',
        '10m',
        '-r',
      );
      await household.daemon(config('cli', protocol));
      await until(isWhole, () => JSON.stringify([...heard]));
      await publish('-t', `${GATE}/microphone/set`, '-m', 'ON');
      await until(() => refusals('may_unmute') === 1);
      expect(state()).toMatchObject({
        microphone: 'OFF',
        attributes: { last_refusal: { by: 'may_unmute' } },
      });
      expect(board.edges('contact').every(({ level }) => level === 0)).toBe(true);
    },
  );

  test('an encrypted mosquitto that wants a certificate of ours, a user and a password', async () => {
    const encrypted = await freePort(0);
    const pem = (url: URL) => fileURLToPath(url);
    const passwords = join(household.folder, 'passwords');
    await ended(run('mosquitto_passwd', '-b', '-c', passwords, 'earlid', 'open sesame'));
    await brokerAndListener(
      [
        `listener ${encrypted} 127.0.0.1`,
        'allow_anonymous false',
        `password_file ${passwords}`,
        'require_certificate true',
        `cafile ${pem(CLIENT.cert)}`,
        `certfile ${pem(CERTIFICATE)}`,
        `keyfile ${pem(KEY)}`,
      ].join('\n'),
    );
    const file = (name: string, text: string | Buffer) => {
      const path = join(household.folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const password = file('mqtt-password', 'open barley\n');
    const key = file('earlid.key', readFileSync(CLIENT.key));
    const url = `url: "mqtts://127.0.0.1:${encrypted}", ca: ${pem(CERTIFICATE)}`;
    const login = `username: earlid, password_file: ${password}`;
    await household.daemon(config('cli', '5', `${url}, ${login}`));
    // How much of its reason comes through is for the two systems to settle.
    await says(/want(s)? a certificate of ours/);
    writeFileSync(
      join(household.folder, 'earlid.yaml'),
      config('cli', '5', `${url}, ${login}, cert: ${pem(CLIENT.cert)}, key: ${key}`),
    );
    await says('wrong user name or password');
    file('mqtt-password', 'open sesame\n');
    await until(isWhole, () => JSON.stringify([...heard]));
    expect(await doctorOfBroker()).toEqual([
      { status: 'ok', text: `mqtts://127.0.0.1:${encrypted}: connected, reads and writes` },
    ]);
    expect(heard.has('earlid/doctor')).toBe(true);
  });

  test.each(PROTOCOLS)('what mosquitto keeps to itself is told, with MQTT %s', async (protocol) => {
    const closed = await freePort(0);
    const rights = join(household.folder, 'rights');
    writeFileSync(rights, 'topic read #\ntopic write earlid/#\ntopic deny earlid/doctor\n');
    const server = await brokerAndListener(
      `listener ${closed} 127.0.0.1\nallow_anonymous true\nacl_file ${rights}`,
    );
    const broker = `mqtt://127.0.0.1:${closed}`;
    await household.daemon(config('cli', protocol, `url: "${broker}"`));
    const unheard = (topic: string) =>
      `the MQTT broker at ${broker} does not hand on what Earlid writes at ${topic}`;
    await says(unheard('homeassistant/device/earlid_controller/config'));
    expect(await doctorOfBroker()).toEqual([
      { status: 'bad', text: unheard('homeassistant/device/earlid_controller/config') },
    ]);
    await ended(run('sed', '-i', 's/write .*/readwrite #/', rights));
    server.kill('SIGHUP');
    await publish('-t', 'homeassistant/status', '-m', 'online');
    await until(isWhole, () => JSON.stringify([...heard]));
    const [line] = await doctorOfBroker();
    expect(line).toEqual({ status: 'warning', text: unheard('earlid/doctor') });
  });

  test('S10 everything is back within 10 s after the broker was restarted without memory, and after the birth message', async () => {
    const broker = await brokerAndListener();
    await household.daemon(config('cli', '3.1.1'));
    await until(isWhole, () => JSON.stringify([...heard]));
    broker.kill('SIGKILL');
    await ended(broker);
    await brokerAndListener();
    const begun = Date.now();
    await until(isWhole, () => JSON.stringify([...heard]));
    const afterRestart = Date.now() - begun;
    // All devices have been told, and their states after that.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    heard.clear();
    const again = Date.now();
    await publish('-t', 'homeassistant/status', '-m', 'online');
    await until(
      () => heard.has('homeassistant/device/earlid_gate_kitchen/config') && heard.has(`${GATE}/state`),
    );
    expect(afterRestart).toBeLessThan(10_000);
    expect(Date.now() - again).toBeLessThan(10_000);
    process.stdout.write(`mosquitto: everything was back ${afterRestart} ms after its restart\n`);
  });
});
