/** S4: docs/mosquitto with a real mosquitto: who is who by TLS, and who may what. Runs where `EARLID_MOSQUITTO` is set. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import { until } from '../e2e/system/household.ts';
import { documentedBroker, FILES } from './documented-broker.ts';

const HERE = process.env.EARLID_MOSQUITTO ? describe : describe.skip;
const LINK = 'earlid/links/kitchen';

HERE('the documented mosquitto', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  const certificates = join(folder, 'broker');
  let port: number;
  let broker: ChildProcess;
  let listener: ChildProcess;
  let heard = '';

  const make = (place: string, ...names: string[]) =>
    execFileSync('sh', [join(FILES, 'certificates.sh'), place, ...names], { encoding: 'utf8' });
  const as = (client: string, place = certificates) => [
    '-h',
    'localhost',
    '-p',
    String(port),
    '--cafile',
    join(certificates, 'ca.crt'),
    '--cert',
    join(place, `${client}.crt`),
    '--key',
    join(place, `${client}.key`),
  ];
  /** Whether the broker hands on to the controller what this client publishes. */
  async function mayPublish(client: string, topic: string): Promise<boolean> {
    const word = `${client}-${Math.random()}`;
    spawnSync('mosquitto_pub', [...as(client), '-t', topic, '-m', word, '-q', '1']);
    spawnSync('mosquitto_pub', [...as('earlid'), '-t', `${LINK}/down`, '-m', `after ${word}`]);
    await until(
      () => heard.includes(`after ${word}`),
      5_000,
      () => heard,
    );
    return heard.includes(`${topic} ${word}\n`);
  }

  beforeAll(async () => {
    port = await freePort(0);
    make(certificates, 'localhost', 'earlid', 'kitchen-pi', 'homeassistant');
    broker = spawn('mosquitto', ['-c', documentedBroker(folder, certificates, port)], { stdio: 'ignore' });
    const isUp = () =>
      spawnSync('mosquitto_pub', [...as('earlid'), '-t', 'earlid/x', '-m', 'x']).status === 0;
    await until(isUp, 5_000, () => 'no broker');
    listener = spawn('mosquitto_sub', [...as('earlid'), '-t', 'earlid/#', '-F', '%t %p'], { stdio: 'pipe' });
    listener.stdout!.on('data', (chunk) => {
      heard += chunk;
    });
    await until(
      () => {
        spawnSync('mosquitto_pub', [...as('earlid'), '-t', 'earlid/y', '-m', 'ready']);
        return heard.includes('ready');
      },
      5_000,
      () => heard,
    );
  });
  afterAll(() => {
    for (const child of [listener, broker]) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('Home Assistant commands through its own topics, and reaches no gate itself', async () => {
    expect(await mayPublish('homeassistant', 'earlid/gates/kitchen/mute/set')).toBe(true);
    expect(await mayPublish('homeassistant', 'earlid/mute_everything/set')).toBe(true);
    for (const topic of [`${LINK}/down`, `${LINK}/up`, `${LINK}/online`, 'earlid/gates/kitchen/state'])
      expect(await mayPublish('homeassistant', topic)).toBe(false);
    const { stdout } = spawnSync(
      'mosquitto_sub',
      [...as('homeassistant'), '-t', 'earlid/links/#', '-t', '#', '-W', '1', '-F', '%t'],
      { encoding: 'utf8' },
    );
    expect(stdout).not.toContain('links');
  });

  test('a bridge speaks for its own gates only', async () => {
    expect(await mayPublish('kitchen-pi', `${LINK}/up`)).toBe(true);
    expect(await mayPublish('kitchen-pi', `${LINK}/online`)).toBe(true);
    for (const topic of [
      `${LINK}/down`,
      'earlid/links/bath/up',
      'earlid/links/bath/online',
      'earlid/gates/kitchen/mute/set',
    ])
      expect(await mayPublish('kitchen-pi', topic)).toBe(false);
  });

  test('who has no certificate of the authority is not let in', () => {
    const [plain, foreign] = [as('earlid').slice(0, 6), join(folder, 'foreign')];
    make(foreign, 'localhost', 'earlid');
    for (const who of [plain, as('earlid', foreign)]) {
      const { status } = spawnSync('mosquitto_pub', [...who, '-t', `${LINK}/down`, '-m', 'x']);
      expect(status).not.toBe(0);
    }
  });

  test('further certificates come without new ones for the others', () => {
    expect(make(certificates, 'localhost', 'earlid', 'bath-pi')).toBe('bath-pi.crt\n');
  });
});
