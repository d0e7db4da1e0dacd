import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DevicePath } from '../../controller/bench/pty.ts';
import { type Connection, LinkError } from '../../controller/link/link.ts';
import { serialLink } from '../../controller/link/serial.ts';
import { openError } from '../../controller/link/serial-errors.ts';

let folder: string;
let path: string;
const devices: DevicePath[] = [];
const connections: Connection[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-serial-'));
  path = join(folder, 'gate');
});
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  for (const device of devices.splice(0)) device.close();
  rmSync(folder, { recursive: true });
});

function plugIn(): DevicePath {
  const device = new DevicePath(path);
  devices.push(device);
  return device;
}
function pullOut(device: DevicePath): void {
  devices.splice(devices.indexOf(device), 1);
  device.close();
}
async function open(): Promise<Connection> {
  const connection = await serialLink(path)();
  connections.push(connection);
  return connection;
}
/** Lets the event loop turn until `look` finds something. */
async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error('it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
/** Everything that arrives; `ended` when nothing more can. */
function listen(connection: Connection) {
  const heard = { bytes: [] as number[], ended: null as 'closed' | unknown };
  void (async () => {
    try {
      for await (const bytes of connection.source) heard.bytes.push(...bytes);
      heard.ended = 'closed';
    } catch (error) {
      heard.ended = error;
    }
  })();
  return heard;
}
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it went well',
    (error) => error,
  );

describe('serial link', () => {
  test('carries bytes both ways, whatever their value', async () => {
    const device = plugIn();
    const connection = await open();
    const heard = listen(connection);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    connection.sink(all);
    const got: number[] = [];
    await until(() => {
      got.push(...(device.poll() ?? []));
      return got.length === 256;
    });
    expect(got).toEqual([...all]);
    device.write(all);
    await until(() => heard.bytes.length === 256);
    expect(heard.bytes).toEqual([...all]);
  });

  test('what is sent is with the operating system when `sink` returns', async () => {
    const device = plugIn();
    const connection = await open();
    device.poll();
    connection.sink(Uint8Array.of(0xf0, 3, 0xf7));
    expect([...(device.poll() ?? [])]).toEqual([0xf0, 3, 0xf7]);
  });

  test('ends when it is closed, and the port is free at once', async () => {
    plugIn();
    const first = await open();
    const heard = listen(first);
    await first.close();
    await until(() => heard.ended === 'closed');
    first.sink(Uint8Array.of(1));
    await first.close();
    await open();
  });

  test('a hang-up breaks it, and the path may come back', async () => {
    const device = plugIn();
    const heard = listen(await open());
    device.poll();
    pullOut(device);
    expect(await until(() => heard.ended)).toMatchObject({ code: 'link-failed' });
    expect(await failure(open())).toMatchObject({ code: 'port-missing' });
    const again = plugIn();
    const connection = await open();
    connection.sink(Uint8Array.of(7));
    expect(await until(() => again.poll())).toEqual(Uint8Array.of(7));
  });

  test('a hang-up right behind bytes is noticed: what a terminal then reads is nothing, without end', async () => {
    const device = plugIn();
    const heard = listen(await open());
    device.poll();
    device.write(Uint8Array.of(1, 2, 3));
    pullOut(device);
    expect(await until(() => heard.ended)).toMatchObject({ code: 'link-failed' });
  });

  test('writing to a port that was hung up harms nobody', async () => {
    const device = plugIn();
    const connection = await open();
    const heard = listen(connection);
    device.poll();
    pullOut(device);
    for (let i = 0; i < 100; i++) connection.sink(Uint8Array.of(1, 2, 3));
    expect(await until(() => heard.ended)).toBeInstanceOf(LinkError);
  });

  test('a device that takes no bytes is given up with a bounded queue', async () => {
    plugIn();
    const connection = await open();
    const heard = listen(connection);
    for (let i = 0; i < 100; i++) connection.sink(new Uint8Array(1_000));
    expect(await until(() => heard.ended)).toMatchObject({
      detail: expect.stringContaining('takes no bytes'),
    });
  });

  test('a port is opened once: the second time it is busy, and its holder is named', async () => {
    plugIn();
    await open();
    const error = await failure(open());
    expect(error).toMatchObject({ code: 'port-busy' });
    if (process.platform === 'linux') expect((error as LinkError).detail).toContain('held by this process');
  });

  test('nothing at the path, and something that is no port', async () => {
    expect(await failure(open())).toMatchObject({ code: 'port-missing', detail: `${path}: no such device` });
    writeFileSync(path, '');
    expect(await failure(open())).toMatchObject({
      code: 'link-failed',
      detail: `${path} is not a serial port`,
    });
  });
});

describe('what the operating system says', () => {
  test.each([
    ['Error: No such file or directory, cannot open /dev/x', 'port-missing'],
    ['Error: No such device or address, cannot open /dev/x', 'port-missing'],
    ['Error: Permission denied, cannot open /dev/x', 'port-forbidden'],
    ['Error Resource temporarily unavailable Cannot lock port', 'port-busy'],
    ['Error: Device or resource busy, cannot open /dev/x', 'port-busy'],
    ['Error: Input/output error, cannot open /dev/x', 'link-failed'],
    ['something else', 'link-failed'],
  ])('%s is %s', async (text, code) => {
    expect(await openError('/dev/x', new Error(text))).toMatchObject({ code });
  });

  test('forbidden names the group of the device', async () => {
    writeFileSync(path, '');
    const error = await openError(path, new Error('Error: Permission denied, cannot open'));
    expect(error.detail).toMatch(/group \w+/);
  });

  test('a failing lookup still gives an error', async () => {
    const error = await openError('/nowhere', new Error('Error: Permission denied'));
    expect(error).toMatchObject({ code: 'port-forbidden', detail: expect.stringContaining('/nowhere') });
  });
});
