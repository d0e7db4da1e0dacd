/** Home Assistant over real sockets: what answers, what does not, and whom to trust. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { homeAssistantSource } from '../../controller/presence/homeassistant/source.ts';
import type { FactSource } from '../../controller/presence/source.ts';
import type { HomeAssistantApi } from '../../schemas/homeassistant.ts';
import { factName, type Source } from '../../schemas/sources.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { CERTIFICATE } from './broker.ts';
import { FakeHomeAssistant, type FakeOptions } from './fake-homeassistant.ts';
import { tellings, waiting } from './tellings.ts';

const ANNA: Source = {
  kind: 'homeassistant',
  entity: 'person.anna',
  attribute: null,
  compare: { is: 'home' },
};
const CA = fileURLToPath(CERTIFICATE);

let folder: string;
let ha: FakeHomeAssistant;
let source: FactSource | null;
let told: ReturnType<typeof tellings>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  writeFileSync(join(folder, 'token'), 'open-sesame\n', { mode: 0o600 });
  ha = new FakeHomeAssistant();
  ha.set('person.anna', 'home');
  source = null;
});
afterEach(async () => {
  await source?.stop();
  await ha.stop();
  rmSync(folder, { recursive: true });
});

/** Pauses are shortened, and instants are not looked at. */
function follow(url: string, change: Partial<HomeAssistantApi> = {}): void {
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms / 20);
    return () => clearTimeout(timer);
  };
  told = { ...tellings(new VirtualClock()), after };
  const api = { url: `${url}/api/websocket`, tokenFile: join(folder, 'token'), ca: null, ...change };
  source = homeAssistantSource([{ fact: factName(ANNA), source: ANNA }] as never, api, told);
  source.start();
}
async function ask(options: FakeOptions = {}, change: Partial<HomeAssistantApi> = {}): Promise<void> {
  await ha.listen(options);
  follow(`${options.tls ? 'wss' : 'ws'}://127.0.0.1:${ha.port}`, change);
}

const { until, isUp, problem } = waiting(() => told);
const last = () => told.told.at(-1)?.slice(0, 2);

describe('Home Assistant on the network', () => {
  test('is followed, and again after it was away', async () => {
    await ask();
    await isUp();
    expect(last()).toEqual([factName(ANNA), true]);
    ha.set('person.anna', 'not_home');
    await until(() => last()?.[1] === false);
    const { port } = ha;
    await ha.stop();
    await problem('homeassistant-unreachable', 'ECONNREFUSED');
    ha.set('person.anna', 'home');
    await ha.listen({ port });
    await isUp(2);
    expect(last()?.[1]).toBe(true);
    expect(told.problems.size).toBe(0);
  });

  test('that refuses the token is named, and the token is not', async () => {
    ha.token = 'another';
    await ask();
    await problem('homeassistant-token', `127.0.0.1:${ha.port}`);
    expect(JSON.stringify([told.lines, [...told.problems]])).not.toContain('sesame');
  });

  test('that has no such name is said to be unreachable', async () => {
    follow('ws://nobody.invalid:8123');
    await problem('homeassistant-unreachable', 'nobody.invalid');
  });

  test('S10 that sends ten megabytes is left before anybody keeps them, and is followed again', async () => {
    await ask();
    await isUp();
    ha.say(JSON.stringify({ type: 'event', id: 1, event: { a: {}, x: 'x'.repeat(10 * 1024 * 1024) } }));
    await problem('homeassistant-garbled', 'far too large');
    await isUp(2);
    expect(told.problems.size).toBe(0);
  });
});

describe('an encrypted Home Assistant', () => {
  test('is trusted by the certificate that the configuration names', async () => {
    await ask({ tls: true }, { ca: CA });
    await isUp();
    expect(last()?.[1]).toBe(true);
  });

  test('S4 is not trusted otherwise, and does not get the token', async () => {
    await ask({ tls: true });
    await problem('homeassistant-tls', 'SELF_SIGNED');
    expect(ha.connections).toBe(0);
  });

  test('is not trusted by a file that holds no certificate', async () => {
    writeFileSync(join(folder, 'ca'), 'nothing of the kind');
    await ask({ tls: true }, { ca: join(folder, 'ca') });
    await problem('homeassistant-tls');
  });

  test('is none where no TLS is spoken', async () => {
    await ha.listen();
    follow(`wss://127.0.0.1:${ha.port}`, { ca: CA });
    await problem('homeassistant-tls');
  });
});

describe('S10 whatever answers in place of Home Assistant', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  async function answer(bytes: string | Buffer | null): Promise<void> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).resume();
      if (bytes !== null) socket.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    follow(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  }

  test.each([
    ['a web page', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', 'homeassistant-garbled'],
    ['a way elsewhere', 'HTTP/1.1 301 Moved\r\nLocation: ws://127.0.0.1:1/\r\n\r\n', 'homeassistant-garbled'],
    ['another protocol', Buffer.alloc(100, 0xff), 'homeassistant-garbled'],
    [
      'half a WebSocket',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'homeassistant-garbled',
    ],
    ['nothing, and hangs up', Buffer.alloc(0), 'homeassistant-unreachable'],
    ['nothing for ever', null, 'homeassistant-unreachable'],
  ])('ends nothing: %s', async (_, bytes, code) => {
    await answer(bytes);
    await problem(code, '127.0.0.1');
    const before = sockets.size;
    await until(() => sockets.size > before);
    expect(told.told).toEqual([]);
  });
});
