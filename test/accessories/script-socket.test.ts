import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ScriptSocket } from '../../controller/accessories/script-socket.ts';
import { BareGate } from './bare-gate.ts';

const [OUTPUT, STEPS] = [1, 3_000];
const folder = mkdtempSync(join(tmpdir(), 'earlid-'));
const path = join(folder, 'script.sock');
let gate: BareGate;
let server: ScriptSocket;
let scripts: Socket[];

beforeEach(async () => {
  gate = new BareGate().up();
  scripts = [];
  server = new ScriptSocket({
    gate: 'kitchen',
    own: [6],
    pins: gate.pins,
    log: { info() {}, warn: (text) => void gate.warnings.push(text) },
    open: (made) => new Promise((resolve) => void made.listen(path, resolve)),
  });
  await server.start();
});
afterEach(async () => {
  for (const script of scripts) script.destroy();
  await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function script(): Promise<Socket> {
  const socket = connect(path);
  scripts.push(socket);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** Lets the time of the gate and the sockets go on until the condition holds. */
async function reaches(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition() && Date.now() < end) await gate.clock.pass(10);
  expect(condition()).toBe(true);
}

/** Sets D6 and switches it on and off. */
const flashes = Uint8Array.from([
  0xf4,
  6,
  OUTPUT,
  ...Array.from({ length: STEPS }, (_, i) => [0xf5, 6, (i + 1) & 1]).flat(),
]);

describe('a script at its socket', () => {
  test('is slowed down to what the wire takes, and every step arrives in order', async () => {
    const socket = await script();
    socket.write(flashes);
    await reaches(() => gate.sent.filter(({ type }) => type === 'level').length === STEPS);
    const levels = gate.sent.flatMap((message) => (message.type === 'level' ? [message.high] : []));
    expect(levels.every((high, i) => high === (i % 2 === 0))).toBe(true);
    for (const { count } of gate.bursts) expect(count).toBeLessThanOrEqual(10);
  });

  test('goes on when the gate goes away in the middle, and what it wanted last is set up again', async () => {
    const socket = await script();
    socket.write(flashes);
    await reaches(() => gate.pins.isBusy);
    gate.pins.down();
    let isTaken = false;
    socket.write(Uint8Array.of(0xf5, 6, 1, 0xf9), () => {});
    socket.on('data', (bytes) => {
      isTaken ||= bytes.includes(0xf9);
    });
    await reaches(() => isTaken);
    gate.sent.length = 0;
    gate.up();
    await reaches(() => gate.sent.length >= 3);
    expect(gate.sent).toEqual([
      { type: 'reset' },
      { type: 'mode', pin: 6, mode: 'output' },
      { type: 'level', pin: 6, high: true },
    ]);
  });

  test('that sends garbage is told so, and keeps its place', async () => {
    const socket = await script();
    const heard: number[] = [];
    socket.on('data', (bytes) => heard.push(...bytes));
    socket.write(Uint8Array.from({ length: 4_000 }, (_, i) => (i * 73 + (i >> 3)) & 0xff));
    socket.write(Uint8Array.of(0xf7, 0xf9));
    await reaches(() => heard.lastIndexOf(0xf9) === heard.length - 3 && heard.length > 2);
    for (const message of gate.sent) if ('pin' in message) expect(message.pin).toBe(6);
  });

  test.each([
    ['questions with long answers', [0xf0, 0x6b, 0xf7]],
    ['questions with short answers', [0xf9]],
    ['nothing that means anything', [0]],
  ])('S3, S10: that sends a flood of %s holds up nothing else', async (_, unit) => {
    const socket = await script();
    const flood = Buffer.alloc(60_000);
    for (let i = 0; i < flood.length; i++) flood[i] = unit[i % unit.length]!;
    let [last, longestUs] = [process.cpuUsage(), 0];
    const timer = setInterval(() => {
      longestUs = Math.max(longestUs, process.cpuUsage(last).user);
      last = process.cpuUsage();
    }, 1);
    for (let i = 0; i < 5; i++) socket.write(flood);
    await new Promise((resolve) => setTimeout(resolve, 300));
    clearInterval(timer);
    expect(longestUs).toBeLessThan(100_000);
  });

  test('leaves its pins as inputs; a second one waits outside', async () => {
    const socket = await script();
    socket.write(Uint8Array.of(0xf4, 6, OUTPUT));
    await reaches(() => gate.sent.length === 2);
    const second = connect(path);
    scripts.push(second);
    second.on('error', () => {});
    await new Promise((resolve) => second.once('close', resolve));
    expect(gate.warnings).toEqual(['a second script was refused: the free pins are for one at a time']);
    socket.destroy();
    await reaches(() => gate.sent.length === 3);
    expect(gate.sent.at(-1)).toEqual({ type: 'mode', pin: 6, mode: 'input' });
    await script();
  });
});
