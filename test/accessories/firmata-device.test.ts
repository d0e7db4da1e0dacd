import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FirmataDevice } from '../../controller/accessories/firmata-device.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import { FIRMATA_TYPES, firmataMessage } from '../model/firmata-messages.ts';
import { BareGate } from './bare-gate.ts';

const [INPUT, OUTPUT, ANALOG, PWM, PULLUP] = [0, 1, 2, 3, 11];
const OWN = [5, 8, 9, 12, 15];

async function setUp(pins = OWN) {
  const gate = new BareGate().up();
  const replies: number[] = [];
  const device = new FirmataDevice({
    name: 'Earlid kitchen',
    pins,
    gate: gate.pins,
    reply: (bytes) => replies.push(...bytes),
  });
  gate.pins.attach(device);
  await gate.news();
  const tell = async (...bytes: number[]) => {
    replies.length = 0;
    device.receive(Uint8Array.from(bytes));
    return gate.news();
  };
  return { gate, device, replies, tell };
}

describe('a Firmata board of some free pins', () => {
  test('says what it is by itself', async () => {
    const { replies, tell, device } = await setUp();
    await tell(0xf9);
    expect(replies).toEqual([0xf9, 2, 6]);
    await tell(0xf0, 0x69, 0xf7);
    expect(replies.slice(16, -1)).toEqual([0, 1, 2, 3, 4, 5]);
    await tell(0xf0, 0x6b, 0xf7);
    const pins: number[][] = [[]];
    for (const byte of replies.slice(2, -1)) byte === 0x7f ? pins.push([]) : pins.at(-1)!.push(byte);
    const modes = pins.map((list) => list.filter((_, i) => i % 2 === 0));
    expect(modes[5]).toEqual([INPUT, PULLUP, OUTPUT]);
    expect(modes[9]).toEqual([INPUT, PULLUP, OUTPUT, PWM]);
    expect(modes[15]).toEqual([INPUT, PULLUP, OUTPUT, ANALOG]);
    expect([0, 1, 2, 3, 4, 6, 7, 10, 11, 14, 19].map((pin) => modes[pin])).toEqual(Array(11).fill([]));
    replies.length = 0;
    device.announce();
    expect(replies.slice(0, 7)).toEqual([0xf9, 2, 6, 0xf0, 0x79, 2, 6]);
  });

  test('a port is written pin by pin, and only its own outputs', async () => {
    const { tell } = await setUp();
    expect(await tell(0xf4, 5, OUTPUT, 0x90, 0x7f, 0x01)).toEqual([
      { type: 'mode', pin: 5, mode: 'output' },
      { type: 'level', pin: 5, high: true },
    ]);
    expect(await tell(0x90, 0x7f, 0x01)).toEqual([]);
    expect(await tell(0x90, 0, 0)).toEqual([{ type: 'level', pin: 5, high: false }]);
  });

  test('an input written high gets its pull-up, one that reads high does not', async () => {
    const { tell, gate, replies } = await setUp();
    expect(await tell(0xf4, 8, INPUT, 0x91, 1, 0)).toEqual([
      { type: 'mode', pin: 8, mode: 'input' },
      { type: 'mode', pin: 8, mode: 'pullup' },
    ]);
    await tell(0xf4, 12, INPUT, 0xd1, 1);
    gate.pins.received(Uint8Array.of(0x91, 0x7f, 0x01));
    expect(replies).toEqual([0x91, 0x11, 0]);
    expect(await tell(0x91, 0x11, 0)).toEqual([]);
  });

  test('reports reach only those who asked, for their own pins', async () => {
    const { tell, gate, replies } = await setUp();
    await tell(0xf4, 12, INPUT);
    gate.pins.received(Uint8Array.of(0x91, 0x7f, 0x01, 0xe1, 1, 2));
    expect(replies).toEqual([]);
    expect(await tell(0xc1, 1)).toEqual([{ type: 'report-analog', pin: 15, on: true }]);
    expect(await tell(0xc2, 1)).toEqual([]);
    gate.pins.received(Uint8Array.of(0xe1));
    gate.pins.received(Uint8Array.of(1, 2, 0xe2, 3, 4));
    expect(replies).toEqual([0xe1, 1, 2]);
  });

  test('after a reset of the gate everything is as it was', async () => {
    const { tell, gate } = await setUp();
    const bytes = [0xf4, 5, OUTPUT, 0xf5, 5, 1, 0xf4, 9, PWM, 0xe9, 40, 0, 0xf4, 8, PULLUP, 0xd1, 1, 0xc1, 1];
    const asked = await tell(...bytes);
    gate.pins.down();
    expect(await tell(0x90, 0, 0)).toEqual([]);
    gate.up();
    const again = await gate.news();
    expect(again[0]).toEqual({ type: 'reset' });
    expect(new Set(again.slice(1))).toEqual(new Set(asked.filter((message) => message.type !== 'level')));
  });

  test('who lets go leaves only inputs behind', async () => {
    const { tell, device, gate } = await setUp();
    await tell(0xf4, 5, OUTPUT, 0xd0, 1, 0xc1, 1);
    device.release();
    expect(await gate.news()).toEqual([
      { type: 'mode', pin: 5, mode: 'input' },
      { type: 'report-analog', pin: 15, on: false },
      { type: 'report-digital', port: 0, on: false },
    ]);
    expect(device.wanted()).toEqual([]);
  });

  test('two clients have their own pins and share what a port reports', async () => {
    const { gate, tell } = await setUp([5]);
    const heard: number[] = [];
    const other = new FirmataDevice({
      name: 'other',
      pins: [4, 6],
      gate: gate.pins,
      reply: (bytes) => heard.push(...bytes),
    });
    gate.pins.attach(other);
    other.receive(Uint8Array.of(0xf4, 4, INPUT, 0xd0, 1, 0xf4, 5, OUTPUT, 0xf5, 5, 1));
    heard.length = 0;
    await tell(0xf4, 5, OUTPUT, 0xf5, 5, 1, 0xd0, 1);
    expect(await tell(0xd0, 0)).toEqual([]);
    expect(await tell(0xff)).toEqual([{ type: 'mode', pin: 5, mode: 'input' }]);
    gate.pins.received(Uint8Array.of(0x90, 0x7f, 1));
    expect(heard).toEqual([0x90, 0x10, 0]);
  });

  test('S4 S5 guard messages, cut up and mixed with others, reach nothing', async () => {
    const { gate, device } = await setUp();
    const frames = [
      encodeFrame({ type: 'mute', seq: 1, reason: 'cli' }, 0),
      encodeFrame({ type: 'lock', boot: 1, seq: 9 }, 1),
      ...FIRMATA_TYPES.map((type) => firmataMessage(type, 7, 255)),
    ].map((frame) => [...frame]);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...frames), fc.array(fc.integer({ min: 0, max: 255 })))),
        (parts) => {
          for (const part of parts) device.receive(Uint8Array.from(part));
          return true;
        },
      ),
    );
    // `BareGate` has encoded all of it: no bytes but those of pin messages can come out.
    for (const message of await gate.news()) if ('pin' in message) expect(OWN).toContain(message.pin);
  });
});
