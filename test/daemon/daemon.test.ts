import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../controller/cli/program.ts';
import type { Daemon } from '../../controller/daemon/daemon.ts';
import { socketPath } from '../../controller/daemon/places.ts';
import { configOf, gateConfig, House } from '../cli/harness.ts';

let house: House;
let others: Daemon[];
beforeEach(() => {
  house = new House();
  others = [];
});
afterEach(async () => {
  for (const daemon of others) await daemon.stop();
  await house.end();
});

const kitchen = () => configOf(gateConfig('kitchen'));
const overrides = () => join(house.folder, 'overrides.json');
/** A state that cannot be written, also for root: the name of the next file is taken by a folder. */
const blockWriting = async () => {
  mkdirSync(`${overrides()}.next`);
};

async function restart(): Promise<Daemon> {
  await house.daemon?.stop();
  return house.start(kitchen());
}

describe('a state folder', () => {
  test('belongs to one daemon; a second one is told who has it', async () => {
    await house.start(kitchen());
    const first = house.daemon;
    await expect(house.start(kitchen())).rejects.toMatchObject({
      code: 'second-daemon',
      exit: 69,
      message: `another Earlid daemon (process ${process.pid}) already runs on ${house.folder}`,
    });
    house.daemon = first;
    expect((await house.earlid('status', '--json')).code).toBe(0);
  });

  test('is for its owner only, also the socket', async () => {
    await house.start(kitchen());
    await house.gate('kitchen').event('boot', 'power-on');
    await house.earlid('mute', 'kitchen');
    for (const name of readdirSync(house.folder)) {
      if (name.startsWith('daemon.lock')) continue;
      expect([name, statSync(join(house.folder, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  test('keeps the id of this controller', async () => {
    const ids: number[] = [];
    const { FakeGate } = await import('./fake-gate.ts');
    for (let i = 0; i < 2; i++) {
      await house.daemon?.stop();
      await house.start(kitchen(), undefined, {
        createGate: (options) => {
          ids.push(options.controllerId);
          return new FakeGate(options);
        },
      });
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toBeGreaterThan(0);
  });

  test('leads no write elsewhere by a link that somebody has put into it', async () => {
    const { symlinkSync } = await import('node:fs');
    const { writeDurably } = await import('../../controller/daemon/durable-file.ts');
    const [victim, file] = [join(house.folder, 'victim'), join(house.folder, 'controller-id')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${file}.next`);
    await writeDurably(file, 'cafe');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readFileSync(file, 'utf8')).toBe('cafe');
  });

  test('shows nothing to somebody who has the file open that is laid in its place beforehand', async () => {
    const { closeSync, openSync, readSync } = await import('node:fs');
    const { writeDurably } = await import('../../controller/daemon/durable-file.ts');
    const file = join(house.folder, 'keys.json');
    const theirs = openSync(`${file}.next`, 'w+', 0o666);
    await writeDurably(file, 'precious');
    expect(readSync(theirs, Buffer.alloc(16), 0, 16, 0)).toBe(0);
    closeSync(theirs);
  });

  test('may have a path that is too long for a socket', async () => {
    const folder = `/x/${'long/'.repeat(30)}`;
    const socket = socketPath(folder, { platform: 'linux', uid: 1000 });
    expect(socket).toMatch(/^\/tmp\/earlid-1000\/[0-9a-f]{16}\.sock$/);
    expect(socketPath(`${folder}b`, { platform: 'linux', uid: 1000 })).not.toBe(socket);
  });
});

describe('a socket that had to go to /tmp', () => {
  test('S4: is not used by the command line where somebody else may have put it there', async () => {
    const [uid, long] = [4_242_424, join(house.folder, 'long/'.repeat(30))];
    const around = { env: { EARLID_HOME: long }, uid };
    const socket = socketPath(long, { platform: process.platform, uid });
    const told = () => run(['mute', 'kitchen', '--json'], house.io(out, [], around));
    const out: string[] = [];
    mkdirSync(dirname(socket), { mode: 0o700 });
    const theirs = createServer((_, response) => response.end('{"results":[]}'));
    try {
      expect(await told()).toBe(69);
      chmodSync(dirname(socket), 0o777);
      await new Promise<void>((resolve) => theirs.listen(socket, resolve));
      expect(await told()).toBe(78);
      expect(out.join('')).toContain('socket-path');
    } finally {
      theirs.close();
      rmSync(dirname(socket), { recursive: true });
    }
  });
});

describe('a restart', () => {
  test('keeps a grant until its end, and a hold', async () => {
    await house.start(kitchen());
    const { until } = (await house.earlid('unmute', 'kitchen', '--for', '5m', '--json')).json() as {
      until: string;
    };
    await restart();
    const [gate] = (await house.earlid('status', '--json')).json() as { override: { until: string } }[];
    expect(gate).toMatchObject({ state: 'live', override: { kind: 'grant', source: 'cli' } });
    expect(gate?.override.until).toBe(until);
    await house.earlid('mute', 'kitchen');
    await restart();
    expect((await house.earlid('status', '--json')).json()).toMatchObject([
      { state: 'muted', override: { kind: 'hold', source: 'cli' } },
    ]);
  });

  test('with a state that cannot be read holds every gate, keeps the file, and says so', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    await house.daemon?.stop();
    writeFileSync(overrides(), 'not at all');
    await house.start(kitchen());
    expect((await house.earlid('status', '--json')).json()).toMatchObject([
      { state: 'muted', override: { kind: 'hold', source: 'daemon' }, reason: { code: 'hold' } },
    ]);
    expect(house.gate('kitchen').calls).not.toContain('listen');
    const kept = readdirSync(house.folder).find((name) => name.includes('unreadable'))!;
    expect(readFileSync(join(house.folder, kept), 'utf8')).toBe('not at all');
    expect((await house.earlid('status')).err).toContain(
      'Earlid cannot read its own state (it is damaged), so every gate is held muted',
    );
    expect(house.log.join('\n')).toContain('cannot read its own state');
    await restart();
    expect((await house.earlid('status', '--json')).json()).toMatchObject([
      { override: { source: 'daemon' } },
    ]);
    expect((await house.earlid('resume', 'kitchen', '--json')).json()).toMatchObject({ override: null });
  });
});

describe('S10: an impossible instant', () => {
  test('in the overrides holds the gates, and everything is still told of all', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    await house.daemon?.stop();
    writeFileSync(overrides(), readFileSync(overrides(), 'utf8').replace(/"until": \d+/, '"until": 1e300'));
    await house.start(kitchen());
    expect((await house.earlid('status', '--json')).json()).toMatchObject([
      { state: 'muted', override: { kind: 'hold', source: 'daemon', until: null } },
    ]);
    expect(house.log.filter((line) => line.includes('cannot read its own state'))).toHaveLength(1);
  });

  test('in the journal is left out, and said once', async () => {
    await house.start(kitchen());
    await house.gate('kitchen').event('boot', 'power-on');
    await house.daemon?.stop();
    const file = join(house.folder, 'events.jsonl');
    appendFileSync(file, readFileSync(file, 'utf8').replace(/"at":\d+/, '"at":1e300'));
    await house.start(kitchen());
    expect((await house.earlid('status', '--json')).code).toBe(0);
    expect((await house.earlid('events', '--json')).json()).toHaveLength(1);
    expect(house.log.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
  });
});

describe('a state that cannot be written', () => {
  test('is admitted by every command, which acts all the same', async () => {
    await house.start(kitchen());
    await blockWriting();
    const { code, json } = await house.earlid('mute', 'kitchen', '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      ok: true,
      state: 'muted',
      override: { kind: 'hold' },
      warning: {
        code: 'state-unwritable',
        message: expect.stringContaining('muted, but this will not survive a restart'),
      },
    });
    const human = await house.earlid('unmute', 'kitchen');
    expect(human.out).toContain('kitchen: live, sensed, until');
    expect(human.err).toContain('live, but this will not survive a restart');
    expect((await house.earlid('status')).err).toContain('Earlid cannot write its state');
    expect(house.log.filter((line) => line.includes('cannot write its state'))).toHaveLength(1);
  });
});

describe('events', () => {
  test('S8: a press at the gate grants, is on disk before it is called stored, and ends by the next press', async () => {
    await house.start(kitchen());
    const gate = house.gate('kitchen');
    await gate.event('live', 'button', { detail: 90_000 });
    expect(readFileSync(join(house.folder, 'events.jsonl'), 'utf8')).toContain('"reason":"button"');
    expect(gate.wanted).toMatchObject({ listen: true, reason: { code: 'grant' } });
    await gate.event('mute', 'press');
    expect(gate.wanted).toMatchObject({ listen: false });
  });

  test('S7: handed over again after a restart do not grant again', async () => {
    await house.start(kitchen());
    const old = house.gate('kitchen');
    const live = await old.event('live', 'button', { detail: 90_000 });
    await house.earlid('resume', 'kitchen');
    await restart();
    await house.gate('kitchen').sink.deliver([live]);
    expect(house.gate('kitchen').wanted?.listen).toBe(false);
    expect(house.gate('kitchen').sink.newest('kitchen')).toEqual(live);
  });

  test('marked as repeated are only written', async () => {
    await house.start(kitchen());
    const gate = house.gate('kitchen');
    await gate.event('live', 'button', { detail: 90_000, repeated: true });
    expect(gate.wanted?.listen).toBe(false);
    expect(gate.sink.newest('kitchen')?.kind).toBe('live');
  });
});

describe('S10: a gate', () => {
  test('that fails to stop, or to say anything, keeps nothing from the others', async () => {
    await house.start(configOf(gateConfig('broken'), gateConfig('kitchen')), (gate) => {
      gate.deaf = gate.name === 'broken';
      if (gate.deaf) gate.stop = () => Promise.reject(new Error('stuck'));
    });
    expect((await house.earlid('unmute', 'kitchen', '--json')).code).toBe(0);
    await house.daemon?.stop();
    expect(house.gate('kitchen').stopped).toBe(true);
    expect(house.gate('kitchen').calls.at(-1)).toBe('mute now (stop)');
  });
});

describe('the local API', () => {
  const call = (method: string, path: string, body = ''): Promise<{ status: number; json: unknown }> =>
    new Promise((resolve, reject) => {
      const socketPath = join(house.folder, 'earlid.sock');
      const sent = request({ socketPath, method, path, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, json: JSON.parse(text) }));
      });
      sent.once('error', reject);
      sent.end(body);
    });

  test.each([
    ['GET', '/nothing', '', 400, 'bad-request'],
    ['GET', '//', '', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/open', '{}', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/constructor', '{}', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/mute', '{"timeoutMs":-1}', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/mute', '{"source":"button"}', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/mute', '{', 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/mute', `"${'x'.repeat(5_000)}"`, 400, 'bad-request'],
    ['POST', '/v1/gates/kitchen/mute', ' '.repeat(1_000_000), 400, 'bad-request'],
    ['POST', '/v1/gates/%E0/mute', '{}', 400, 'bad-request'],
    ['POST', '/v1/gates/attic/mute', '{}', 404, 'no-such-gate'],
    ['GET', '/v1/events?limit=0', '', 400, 'bad-request'],
    ['GET', '/v1/events?limit=99999999', '', 400, 'bad-request'],
    ['GET', '/v1/events?gate=attic', '', 404, 'no-such-gate'],
  ] as const)('refuses case %#: %s %s', async (method, path, body, status, code) => {
    await house.start(kitchen());
    expect(await call(method, path, body)).toMatchObject({ status, json: { error: { code } } });
    expect(house.gate('kitchen').calls.filter((each) => each.startsWith('mute now'))).toEqual([]);
  });

  test('S4: a request that was cut off asks for nothing', async () => {
    await house.start(kitchen());
    const socketPath = join(house.folder, 'earlid.sock');
    const headers = { 'content-length': 15 };
    const sent = request({ socketPath, method: 'POST', path: '/v1/gates/kitchen/unmute', headers });
    sent.once('error', () => {});
    sent.write('{"forMs":');
    await new Promise((resolve) => setTimeout(resolve, 50));
    sent.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await call('GET', '/v1/status')).json).toMatchObject({ gates: [{ override: null }] });
    expect(house.gate('kitchen').calls).not.toContain('listen');
  });
});

describe('watch', () => {
  test('tells every change as it happens, and ends with the daemon', async () => {
    await house.start(kitchen());
    const out: string[] = [];
    const err: string[] = [];
    let end = () => {};
    const io = house.io(out, err, {
      onEnd: (stop) => {
        end = () => stop('SIGINT');
        return () => {};
      },
    });
    const watching = run(['watch'], io);
    const until = async (text: string) => {
      while (!out.join('').includes(text)) await new Promise((resolve) => setImmediate(resolve));
    };
    await until('no rule lets it listen');
    await house.earlid('unmute', 'kitchen');
    await until('live, sensed');
    await house.earlid('mute', 'kitchen');
    await until('held muted');
    end();
    expect(await watching).toBe(0);
    expect(err).toEqual([]);

    const again = run(['watch', '--json'], house.io(out, err));
    await until('"state":"muted"');
    await house.daemon?.stop();
    expect(await again).toBe(69);
    expect(JSON.parse(out.at(-1)!)).toMatchObject({ error: { code: 'daemon-lost' } });
  });
});

test('a state folder that cannot be made is told plainly', async () => {
  const blocked = join(house.folder, 'file');
  writeFileSync(blocked, '');
  await expect(house.start(kitchen(), undefined, { folder: join(blocked, 'state') })).rejects.toMatchObject({
    code: 'state-unwritable',
    exit: 78,
  });
  renameSync(blocked, `${blocked}2`);
  rmSync(`${blocked}2`);
});
