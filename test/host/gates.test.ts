/** The host build in real time behind a broker. Runs where `EARLID_GATES` names it (`make -C firmware host`). */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeFrame, encodeFrame, SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { LINK_LIMITS, type LinkTopic, linkOfTopic, linkTopic } from '../../schemas/link-mqtt.ts';
import type { GateMessage, HostMessage, MessageOf } from '../../schemas/protocol.ts';
import { until } from '../homeassistant/foreign.ts';
import { Broker } from '../presence/broker.ts';

const GATES = process.env.EARLID_GATES;
const HERE = GATES ? describe : describe.skip;
const CHALLENGE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

let broker: Broker;
let gates: ChildProcess;
/** Lines of the process, and what came on the topics of each gate. */
let lines: string[];
let heard: { readonly gate: string; readonly topic: LinkTopic; readonly payload: Buffer }[];

function listen(): void {
  broker.aedes.on('publish', ({ topic, payload }) => {
    const of = linkOfTopic('earlid', topic);
    if (of) heard.push({ ...of, payload: Buffer.from(payload) });
  });
}

function serve(...args: string[]): void {
  gates = spawn(GATES!, ['--port', String(broker.port), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  gates.stdout!.on('data', (chunk) => {
    text += chunk;
    const whole = text.split('\n');
    text = whole.pop()!;
    lines.push(...whole);
  });
}

const framesOf = (payload: Buffer): GateMessage[] => {
  const messages: GateMessage[] = [];
  for (let at = 0; at < payload.length; ) {
    expect(payload[at]).toBe(SYSEX_START);
    const end = payload.indexOf(SYSEX_END, at);
    const decoded = decodeFrame(payload.subarray(at + 1, end));
    if ('message' in decoded) messages.push(decoded.message as GateMessage);
    at = end + 1;
  }
  return messages;
};

const said = (gate: string): GateMessage[] =>
  heard.flatMap((item) => (item.gate === gate && item.topic === 'up' ? framesOf(item.payload) : []));
const state = (gate: string) =>
  said(gate).findLast((message) => message.type === 'state') as MessageOf<'state'> | undefined;
const online = (gate: string) =>
  heard.findLast((item) => item.gate === gate && item.topic === 'online')?.payload.toString();
const contacts = (gate: string) =>
  lines.filter((line) => line.split(' ')[1] === gate).map((line) => line.at(-1));

function publish(gate: string, payload: Uint8Array, retain = false): void {
  const topic = linkTopic('earlid', gate, 'down');
  broker.aedes.publish(
    { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain, dup: false },
    () => {},
  );
}

function allow(gate: string, seq: number, liveMs: number): Uint8Array {
  const { boot, uptime, newest } = state(gate)!;
  const message: HostMessage = {
    type: 'allow',
    boot,
    seq,
    seen: newest,
    liveUntil: uptime + liveMs,
    buttonUntil: 0,
    buttonMs: 0,
    flags: { night: false, starting: false },
    challenge: CHALLENGE,
  };
  return encodeFrame(message, seq);
}
const mute = encodeFrame({ type: 'mute', seq: 1, reason: 'cli' }, 0);

beforeEach(async () => {
  broker = await Broker.start();
  lines = [];
  heard = [];
  if (GATES) listen();
});

afterEach(async () => {
  if (gates?.exitCode === null && gates.signalCode === null) {
    gates.kill('SIGTERM');
    await new Promise((resolve) => gates.once('exit', resolve));
  }
  await broker.stop();
});

HERE('gates behind a broker', () => {
  test('are served one by one, and each obeys its own topic alone', async () => {
    serve('--gates', '3', '--name', 'room');
    await until(() => lines.includes('ready 3'));
    await until(() => ['room0001', 'room0002', 'room0003'].every((gate) => state(gate)?.phase === 'muted'));
    expect(heard.every(({ payload }) => payload.length <= LINK_LIMITS.payloadBytes.value)).toBe(true);
    publish('room0002', allow('room0002', 1, 20_000));
    await until(() => state('room0002')?.phase === 'live');
    expect([contacts('room0001'), contacts('room0002'), contacts('room0003')]).toEqual([[], ['1'], []]);
    publish('room0002', mute);
    await until(() => contacts('room0002').length === 2);
    expect(state('room0002')).toMatchObject({ reason: 'cli' });
    gates.kill('SIGTERM');
    await until(() => online('room0003') === '0');
  });

  test('S2, S7: end a lease alone, and neither what a broker kept nor a copy opens them', async () => {
    serve('--name', 'kitchen');
    await until(() => state('kitchen')?.phase === 'muted');
    const frame = allow('kitchen', 1, 400);
    publish('kitchen', frame, true);
    gates.kill('SIGKILL');
    await until(() => online('kitchen') === '0');
    heard = [];
    serve('--name', 'kitchen');
    await until(() => online('kitchen') === '1' && state('kitchen')?.phase === 'muted');
    publish('kitchen', allow('kitchen', 5, 400));
    await until(() => contacts('kitchen').length === 2);
    publish('kitchen', frame);
    publish('kitchen', mute);
    await until(() => said('kitchen').some(({ type }) => type === 'nak'));
    expect(contacts('kitchen')).toEqual(['1', '0']);
  });

  test('come back by themselves when the broker does', async () => {
    serve('--name', 'kitchen');
    await until(() => state('kitchen')?.phase === 'muted');
    const { port } = broker;
    await broker.stop();
    broker = await Broker.start({ port });
    heard = [];
    listen();
    await until(() => online('kitchen') === '1' && state('kitchen') !== undefined);
    expect(state('kitchen')).toMatchObject({ phase: 'muted', boot: expect.any(Number) });
  });
});
