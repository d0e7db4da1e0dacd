/**
 * Every Firmata message aimed at every pin of the guard, by way of the session that keeps a live gate: a gate whose free pins
 * are used like that is compared with one whose free pins nobody uses.
 */
import { describe, expect, test } from '@jest/globals';
import { FirmataDevice } from '../../../controller/accessories/firmata-device.ts';
import { FreePins } from '../../../controller/accessories/free-pins.ts';
import type { PinSender } from '../../../controller/gate/free-pins.ts';
import { PIN_MODES, type PinMessage } from '../../../controller/link/pin-message.ts';
import { encodeFrame } from '../../../schemas/codec.ts';
import { FREE_PINS, pinNumber } from '../../../schemas/pins.ts';
import { FIRMATA_TYPES, firmataMessage } from '../../model/firmata-messages.ts';
import { Kitchen } from '../controller/kitchen.ts';

const ALL_PINS = Array.from({ length: 20 }, (_, pin) => pin);
const FREE = FREE_PINS.map(pinNumber);
const GUARD_PINS = ALL_PINS.filter((pin) => !FREE.includes(pin));
const VALUES = [0, 255, 16_383];
/** The two gates are told the same at the same time; the busy one may take a little longer over it. */
const LATE_MS = 3;

/** A kitchen with a client that has claimed every pin, and a way to send past all of them. */
class BusyKitchen extends Kitchen {
  readonly device: FirmataDevice;
  readonly send: PinSender;
  /** Messages that have gone out on the wire. */
  sent = 0;

  constructor() {
    let send: PinSender = () => {};
    let pins!: FreePins;
    super({
      board: { bounceMs: 0 },
      pins: (clock) => {
        pins = new FreePins({ clock, warn: () => {} });
        return {
          up: (product, sender) => {
            send = sender;
            pins.up(product, (messages) => {
              this.sent += messages.length;
              sender(messages);
            });
          },
          received: (bytes) => pins.received(bytes),
          closing: () => pins.closing(),
          down: () => pins.down(),
        };
      },
    });
    this.send = (messages) => send(messages);
    this.device = new FirmataDevice({ name: 'hostile', pins: ALL_PINS, gate: pins, reply: () => {} });
    pins.attach(this.device);
  }
}

const guarded = ({ board }: Kitchen) => ({
  actuator: board.level('actuator'),
  contact: board.level('contact'),
  drive: board.pin(7),
});
const told = ({ events }: Kitchen) => events.map(({ kind, reason, seq }) => ({ kind, reason, seq }));
const edges = ({ board }: Kitchen) =>
  board.trace.filter(({ signal }) => signal === 'actuator' || signal === 'contact');

describe('S2 S3 S4 the guard', () => {
  test('does not notice what is sent to free pins: leases, actuator and events are the same', async () => {
    const busy = new BusyKitchen();
    const quiet = new Kitchen({ board: { bounceMs: 0 } });
    const both = [busy, quiet];
    for (const kitchen of both) {
      await kitchen.start();
      await kitchen.run('unmute', 60_000);
    }
    const pass = async (ms: number) => {
      for (const kitchen of both) await kitchen.pass(ms);
    };
    for (const type of FIRMATA_TYPES) {
      for (const pin of GUARD_PINS) {
        for (const value of VALUES) busy.device.receive(firmataMessage(type, pin, value));
        await pass(2);
        expect({ type, pin, ...guarded(busy) }).toEqual({ type, pin, ...guarded(quiet) });
      }
    }
    // Messages to the guard, as a script would write them.
    for (const frame of [
      encodeFrame({ type: 'mute', seq: 900_000, reason: 'cli' }, 7),
      encodeFrame({ type: 'lock', boot: 1, seq: 4_000_000_000 }, 7),
    ])
      busy.device.receive(frame);
    // The seam itself, by somebody who knows no types.
    for (const pin of [...GUARD_PINS, -1, 20, 3.5, Number.NaN]) {
      const hostile = [
        ...Object.keys(PIN_MODES).map((mode) => ({ type: 'mode', pin, mode })),
        { type: 'level', pin, high: true },
        { type: 'pwm', pin, duty: 255 },
        { type: 'report-analog', pin, on: true },
        { type: 'sysex', pin },
      ] as PinMessage[];
      for (const message of hostile) expect(() => busy.send([message])).toThrow(RangeError);
    }
    // And all that may be sent, to all that is free.
    for (const type of FIRMATA_TYPES) {
      for (const pin of FREE)
        for (const value of VALUES) busy.device.receive(firmataMessage(type, pin, value));
      await pass(5);
    }
    await pass(1_500);
    expect(busy.sent).toBeGreaterThan(150);
    expect(guarded(busy)).toEqual(guarded(quiet));
    expect(busy.board.level('contact')).toBe(1);
    expect(busy.status).toMatchObject({ state: 'live', evidence: 'sensed', fault: null, locked: false });
    expect(busy.board.starts).toBe(1);

    // The controller is gone: the lease ends by itself, at the same time.
    for (const kitchen of both) kitchen.unplug();
    await pass(10_000);
    const [a, b] = [edges(busy), edges(quiet)];
    expect(a.map(({ signal, level }) => [signal, level])).toEqual(
      b.map(({ signal, level }) => [signal, level]),
    );
    for (const [i, { tUs }] of a.entries()) expect(Math.abs(tUs - b[i]!.tUs) / 1000).toBeLessThan(LATE_MS);
    expect(a.at(-1)).toMatchObject({ signal: 'contact', level: 0 });
    for (const kitchen of both) kitchen.plug();
    await pass(3_000);
    expect(told(busy)).toEqual(told(quiet));
    for (const kitchen of both) await kitchen.stop();
  });
});
