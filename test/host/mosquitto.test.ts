/**
 * S2, S4: the host build behind the documented mosquitto: TLS with client certificates, rights by its ACL, leases signed by a real
 * daemon. Runs where both `EARLID_MOSQUITTO` and `EARLID_GATES` are set.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import { KeyStore } from '../../controller/daemon/key-store.ts';
import { LIMITS } from '../../schemas/protocol.ts';
import { documentedBroker, FILES } from '../bridge/documented-broker.ts';
import { Household, until } from '../e2e/system/household.ts';

const GATES = process.env.EARLID_GATES;
const HERE = GATES && process.env.EARLID_MOSQUITTO ? describe : describe.skip;
const LEASE_MS = LIMITS.leaseMs.value + 1_000;
const BACK_MS = 30_000;
const ONLINE = 'earlid/links/kitchen/online';

HERE('the host build behind the documented mosquitto', () => {
  let home: Household;
  let certificates: string;
  let port: number;
  let broker: ChildProcess;
  let gates: ChildProcess;
  /** Edges of the contact so far. */
  let contact: string[];

  const at = (client: string): string[] => [
    ...['-h', 'localhost', '-p', String(port), '--cafile', join(certificates, 'ca.crt')],
    ...['--cert', join(certificates, `${client}.crt`), '--key', join(certificates, `${client}.key`)],
  ];
  const publish = (client: string, topic: string, payload: string, ...more: string[]) =>
    spawnSync('mosquitto_pub', [...at(client), '-t', topic, '-m', payload, ...more]).status;
  const kept = (topic: string) =>
    spawnSync('mosquitto_sub', [...at('earlid'), '-t', topic, '-C', '1', '-W', '2'], { encoding: 'utf8' })
      .stdout;
  const gone = (child: ChildProcess, signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });

  async function startBroker(): Promise<void> {
    const file = documentedBroker(home.folder, certificates, port);
    broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
    await until(() => publish('earlid', 'earlid/x', 'x') === 0, 5_000);
  }

  async function startGate(): Promise<void> {
    const file = (name: string) => join(certificates, name);
    gates = spawn(
      GATES!,
      [
        ...['--name', 'kitchen', '--host', 'localhost', '--port', String(port), '--mqtt', '5'],
        ...['--keys', join(home.folder, 'keys'), '--eeprom', join(home.folder, 'eeprom')],
        ...['--ca', file('ca.crt'), '--certificate', file('kitchen-pi.crt'), '--key', file('kitchen-pi.key')],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    contact = [];
    gates.stdout!.on('data', (chunk) => {
      text += chunk;
      contact = [...text.matchAll(/ kitchen ([01])\n/g)].map(([, level]) => level!);
    });
    await until(() => text.includes('ready 1'), 10_000);
  }

  beforeEach(async () => {
    home = new Household();
    certificates = join(home.folder, 'broker');
    port = await freePort(0);
    execFileSync('sh', [
      join(FILES, 'certificates.sh'),
      certificates,
      'localhost',
      ...['earlid', 'kitchen-pi', 'homeassistant'],
    ]);
    await home.pair('kitchen');
    const store = new KeyStore(home.folder);
    await store.load();
    const key = Buffer.from(store.of('kitchen')[0]!.reveal()).toString('hex');
    writeFileSync(join(home.folder, 'keys'), `kitchen ${key}\n`);
    mkdirSync(join(home.folder, 'eeprom'));
    await startBroker();
    await startGate();
    await home.daemon(`
site: { timezone: UTC, clock: trusted }
mqtt: { url: "mqtts://localhost:${port}", ca: broker/ca.crt, cert: broker/earlid.crt, key: broker/earlid.key }
gates:
  kitchen: { link: { mqtt: true }, listen: [] }
`);
    await home.reaches('kitchen', ({ state }) => state === 'muted', 15_000);
  }, 60_000);
  afterEach(async () => {
    gates.kill('SIGKILL');
    await home.end();
    broker.kill('SIGKILL');
  });

  test('S2 S3 S4 it is given signed leases, muted, and ends a lease alone when the broker goes', async () => {
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    expect(contact).toEqual(['1']);
    expect((await home.earlid('mute', 'kitchen')).code).toBe(0);
    expect(contact).toEqual(['1', '0']);
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    // Its lease is renewed, or it would be over.
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    expect(contact).toEqual(['1', '0', '1']);
    await gone(broker, 'SIGKILL');
    await until(() => contact.length === 4, LEASE_MS);
    await startBroker();
    await home.reaches('kitchen', ({ state }) => state === 'live', BACK_MS);
    expect(contact).toEqual(['1', '0', '1', '0', '1']);
  }, 90_000);

  test('S4 S7 started again it has its key and a higher boot number, and nothing of before opens it', async () => {
    const boots = async () =>
      (JSON.parse((await home.earlid('events', '--json')).out) as { boot: number; kind: string }[])
        .filter(({ kind }) => kind === 'boot')
        .map(({ boot }) => boot);
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    const [before] = await boots();
    await gone(gates, 'SIGKILL');
    await home.reaches('kitchen', ({ state }) => state === 'unknown');
    await startGate();
    await home.reaches('kitchen', ({ state }) => state === 'muted', BACK_MS);
    await until(async () => (await boots()).length === 2, 5_000);
    expect((await boots()).at(-1)).toBe(before! + 1);
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    expect(contact).toEqual(['1']);
  }, 60_000);

  test('a late will is contradicted, and Home Assistant reaches no gate', async () => {
    expect(kept(ONLINE)).toBe('1\n');
    publish('earlid', ONLINE, '0', '-r');
    await until(() => kept(ONLINE) === '1\n', 10_000);
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    publish('homeassistant', 'earlid/links/kitchen/down', 'x');
    publish('homeassistant', ONLINE, '0', '-r');
    expect(kept(ONLINE)).toBe('1\n');
    await home.reaches('kitchen', ({ state }) => state === 'live');
  }, 60_000);
});
