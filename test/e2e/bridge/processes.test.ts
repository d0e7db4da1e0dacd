/** Real processes: daemon, mosquitto, bridge, and an emulated board with a key. Runs where `EARLID_MOSQUITTO` is set. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../../controller/cli/free-port.ts';
import { encodeFrame } from '../../../schemas/codec.ts';
import { LIMITS } from '../../../schemas/protocol.ts';
import { type BenchProcess, Household, until } from '../system/household.ts';

const HERE = process.env.EARLID_MOSQUITTO ? describe : describe.skip;
const GATE = 'earlid/gates/kitchen';
/** The lease, what a process takes to notice, and the look of the test. */
const LEASE_MS = LIMITS.leaseMs.value + 1_000;
const BACK_MS = 30_000;

/** The network between bridge and broker: it can stop without a word. */
class Network {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(port: number, there: number) {
    this.#server = createServer((here) => {
      const away = connect(there, '127.0.0.1');
      for (const [socket, other] of [
        [here, away],
        [away, here],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('data', (chunk) => void other.write(chunk)).on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        if (this.#isCut) socket.pause();
      }
    });
    this.#server.listen(port, '127.0.0.1');
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

HERE('a gate with a key behind a bridge', () => {
  let home: Household;
  let board: BenchProcess;
  let port: number;
  let network: Network;
  let networkPort: number;
  let broker: ChildProcess;
  let bridge: ChildProcess;
  let daemon: ChildProcess;

  const isLive = () => board.level('contact') === 1;
  async function startBroker(): Promise<void> {
    const file = join(home.folder, 'mosquitto.conf');
    const settings = [`user ${userInfo().username}`, `listener ${port} 127.0.0.1`, 'allow_anonymous true'];
    writeFileSync(file, `${settings.join('\n')}\n`);
    broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
    await until(() => publish('nothing', 'x') === 0, 5_000);
  }
  const publish = (topic: string, payload: string) =>
    spawnSync('mosquitto_pub', ['-p', String(port), '-t', topic, '-m', payload]).status;
  const config = (listen = '[]') => `
site: { timezone: UTC, clock: trusted }
mqtt: { url: "mqtt://127.0.0.1:${port}" }
homeassistant: {}
gates:
  kitchen: { link: { mqtt: true }, may_unmute: [button, cli, homeassistant], listen: ${listen} }
`;
  const startBridge = async () => {
    bridge = await home.bridge(
      `mqtt: { url: "mqtt://127.0.0.1:${networkPort}" }\ngates: { kitchen: { link: { serial: ${board.path} } } }\n`,
    );
  };
  const startDaemon = async () => {
    daemon = await home.daemon(config());
  };
  const kill = async (child: ChildProcess) => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  /** Every event of the gate, oldest first. */
  const events = async () =>
    JSON.parse((await home.earlid('events', '--json')).out) as {
      readonly boot: number;
      readonly seq: number;
      readonly kind: string;
      readonly cause: string;
    }[];

  beforeEach(async () => {
    home = new Household();
    [port, networkPort] = [await freePort(0), await freePort(0)];
    network = new Network(networkPort, port);
    await home.pair('kitchen');
    board = await home.bench('kitchen');
    await startBroker();
    await startBridge();
    await startDaemon();
    await home.reaches('kitchen', ({ state }) => state === 'muted', 15_000);
  }, 60_000);
  afterEach(async () => {
    network.end();
    await home.end();
    broker.kill('SIGKILL');
  });

  test('S3 S4 command line, button, lock, Home Assistant and schedule as on a serial port', async () => {
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    expect(isLive()).toBe(true);
    expect((await home.earlid('mute', 'kitchen')).code).toBe(0);
    expect(isLive()).toBe(false);
    expect((await home.earlid('resume', 'kitchen')).code).toBe(0);

    board.line('press 300');
    await until(isLive, 5_000);
    board.line('press 300');
    await until(() => !isLive(), 5_000);
    await home.reaches('kitchen', ({ state }) => state === 'muted');

    expect((await home.earlid('lock', 'kitchen')).code).toBe(0);
    expect((await home.earlid('unmute', 'kitchen')).code).toBe(77);
    board.line('press 4000');
    await home.reaches('kitchen', ({ locked }) => locked === false);
    expect((await home.earlid('resume', 'kitchen')).code).toBe(0);

    publish(`${GATE}/unmute/set`, '10m');
    await until(isLive, 5_000);
    publish(`${GATE}/mute/set`, 'PRESS');
    await until(() => !isLive(), 5_000);
    expect((await home.earlid('resume', 'kitchen')).code).toBe(0);

    writeFileSync(join(home.folder, 'earlid.yaml'), config('[ { schedule: "00:00-24:00" } ]'));
    await until(isLive, 10_000);
    writeFileSync(join(home.folder, 'earlid.yaml'), config());
    await until(() => !isLive(), 10_000);
  });

  test.each(['down', 'up'])('S3 S10 a flood at its topic %s keeps no mute from it', async (topic) => {
    expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
    const flood = connect(port, '127.0.0.1');
    flood.on('error', () => {});
    flood.write(Buffer.from('\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01x', 'latin1'));
    const forged = encodeFrame({ type: 'lock', boot: 1, seq: 1 }, 0, {
      by: { key: new Uint8Array(32).fill(1), gateId: new Uint8Array(8) },
    });
    const place = Buffer.from(`earlid/links/kitchen/${topic}`);
    const packet = Buffer.concat([
      Buffer.of(0x30, 2 + place.length + forged.length, 0, place.length),
      place,
      forged,
    ]);
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => packet));
    const more = () => {
      while (flood.write(block));
      flood.once('drain', more);
    };
    flood.once('data', more);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const asked = home.earlid('mute', 'kitchen');
    await until(() => !isLive(), 5_000);
    flood.destroy();
    await asked;
    await home.reaches('kitchen', ({ state }) => state === 'muted', BACK_MS);
  });

  test.each<[string, () => Promise<void> | void, () => Promise<void> | void]>([
    ['the broker', () => kill(broker), startBroker],
    ['the bridge', () => kill(bridge), startBridge],
    ['the network', () => network.cut(), () => network.mend()],
    ['the controller', () => kill(daemon), startDaemon],
    ['the power of the gate', () => board.line('power off'), () => board.line('power on')],
  ])(
    'S2 S10 %s goes while it is live: open within the lease, and all is back with it',
    async (what, cut, mend) => {
      expect((await home.earlid('unmute', 'kitchen', '--for', '10m')).code).toBe(0);
      expect(isLive()).toBe(true);
      await cut();
      await until(() => !isLive(), LEASE_MS);
      if (what !== 'the controller')
        expect((await home.reaches('kitchen', ({ state }) => state !== 'live')).state).toBe('unknown');
      await mend();
      // The grant stands where the gate has not lost its power.
      const after = what === 'the power of the gate' ? 'muted' : 'live';
      await home.reaches('kitchen', ({ state }) => state === after, BACK_MS);
      expect(isLive()).toBe(after === 'live');
      expect((await home.earlid('mute', 'kitchen')).code).toBe(0);
      expect(isLive()).toBe(false);
      const told = await events();
      for (const [i, event] of told.entries()) {
        const before = told[i - 1];
        if (before && before.boot === event.boot) expect(event.seq).toBe(before.seq + 1);
      }
      if (after === 'live')
        expect(told.map(({ kind, cause }) => `${kind} ${cause}`)).toContain('mute lease-end');
    },
  );
});
