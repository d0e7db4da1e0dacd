import { describe, expect, test } from '@jest/globals';
import { FIRMATA_QUERY } from '../../controller/link/firmata.ts';
import { type Connection, LinkError, type LinkFactory } from '../../controller/link/link.ts';
import { Pipe } from '../../controller/link/pipe.ts';
import { KeptLink } from '../../controller/link/reconnect.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import type { GateMessage } from '../../schemas/protocol.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

const NAK: GateMessage = { type: 'nak', message: 2, seq: 5, reason: 'unseen' };
const FIRMATA_REPORT = Uint8Array.of(0xf9, 2, 5, 0xf0, 0x79, 2, 5, 0x53, 0, 0x46, 0, 0xf7);

/** A device whose openings and bytes are scripted. */
class Device {
  /** How each opening goes, the last one for ever: an error, or what happens to the connection. */
  openings: (LinkError | 'never' | 'open')[] = ['open'];
  readonly opened: { readonly at: number; readonly baud: number | undefined }[] = [];
  readonly written: number[][] = [];
  open = 0;
  mostOpen = 0;
  pipe: Pipe | null = null;
  onBytes: (bytes: Uint8Array, baud: number | undefined) => void = () => {};
  closeNever = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  readonly factory: LinkFactory = async ({ baud } = {}) => {
    this.opened.push({ at: this.#clock.now(), baud });
    const outcome = this.openings.length > 1 ? this.openings.shift()! : this.openings[0]!;
    if (outcome instanceof LinkError) throw outcome;
    if (outcome === 'never') return new Promise<Connection>(() => {});
    return this.connect(baud);
  };

  connect(baud?: number): Connection {
    this.open++;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    const pipe = new Pipe(
      (bytes) => {
        this.written.push([...bytes]);
        this.onBytes(bytes, baud);
      },
      () => {
        this.open--;
      },
    );
    this.pipe = pipe;
    const close = () => (this.closeNever ? new Promise<void>(() => {}) : pipe.close());
    return { source: pipe.source, sink: pipe.sink, close };
  }

  say(): void {
    this.pipe?.deliver(encodeFrame(NAK, 0));
  }
}

function setUp() {
  const clock = new VirtualClock();
  const device = new Device(clock);
  const told: string[] = [];
  const firmata: number[] = [];
  const began = clock.now();
  const link = new KeptLink(device.factory, clock, {
    up: () => {
      told.push('up');
      link.send(Uint8Array.of(1));
    },
    down: ({ code, detail }) => told.push(`down ${code}: ${detail}`),
    message: ({ type }) => told.push(type),
    foreign: (version) => told.push(`foreign ${version}`),
    firmata: (bytes) => firmata.push(...bytes),
    discarded: () => {},
  });
  return { clock, device, told, firmata, link, times: () => device.opened.map(({ at }) => at - began) };
}

describe('kept link', () => {
  test('has no effect before it is started, and passes on what comes', async () => {
    const { clock, device, told, firmata, link } = setUp();
    await clock.pass(1_000);
    expect(device.opened).toHaveLength(0);
    link.start();
    await clock.pass(10);
    device.say();
    device.pipe!.deliver(Uint8Array.of(0xe0, 1, 2));
    await clock.pass(10);
    expect(told).toEqual(['up', 'nak']);
    expect(firmata).toEqual([0xe0, 1, 2]);
    expect(device.written).toEqual([[1]]);
  });

  test('tries again for ever, at most every 5 s', async () => {
    const { clock, device, told, link, times } = setUp();
    device.openings = [new LinkError('port-busy', 'held by process 7')];
    link.start();
    await clock.pass(60_000);
    expect(times().slice(0, 7)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750]);
    expect(times().length).toBeGreaterThan(14);
    expect(new Set(told)).toEqual(new Set(['down port-busy: held by process 7']));
    device.openings = ['open'];
    await clock.pass(5_000);
    expect(told.at(-1)).toBe('up');
  });

  test('a missing device is looked for every second, so that plugging in is noticed soon', async () => {
    const { clock, device, link, told } = setUp();
    device.openings = [new LinkError('port-missing', 'no such device')];
    link.start();
    await clock.pass(60_000);
    device.openings = ['open'];
    await clock.pass(1_000);
    expect(told.at(-1)).toBe('up');
  });

  test('unplugged amid a command: told at once, opened again, never two at a time', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(10);
    device.say();
    await clock.pass(10);
    device.openings = [new LinkError('port-missing', 'gone'), new LinkError('port-busy', 'held'), 'open'];
    device.pipe!.deliver(Uint8Array.of(0xf0, 9, 1));
    device.pipe!.end(new LinkError('link-failed', 'hung up'));
    link.send(Uint8Array.of(2));
    await clock.pass(5_000);
    expect(told.slice(2)).toEqual([
      'down link-failed: hung up',
      'down port-missing: gone',
      'down port-busy: held',
      'up',
    ]);
    device.say();
    await clock.pass(10);
    expect(told.at(-1)).toBe('nak');
    expect(device.mostOpen).toBe(1);
    expect(device.written).toEqual([[1], [1]]);
  });

  test('an opening that never ends, and one that ends too late, wedge nothing', async () => {
    const { clock, device, told, link } = setUp();
    device.openings = ['never', 'open'];
    link.start();
    await clock.pass(10_300);
    expect(told[0]).toMatch(/^down link-failed: opening took longer/);
    expect(told.at(-1)).toBe('up');
  });

  test('a factory that throws, and a connection that cannot be closed, wedge nothing', async () => {
    const clock = new VirtualClock();
    const device = new Device(clock);
    const told: string[] = [];
    let fails = 2;
    const factory: LinkFactory = (options) => {
      if (fails-- > 0) throw new TypeError('not a LinkError');
      return device.factory(options);
    };
    const link = new KeptLink(factory, clock, {
      up: () => told.push('up'),
      down: ({ code }) => told.push(code),
      message: () => {
        throw new Error('a handler fell over');
      },
      foreign: () => {},
      firmata: () => {},
      discarded: () => {},
    });
    link.start();
    await clock.pass(1_000);
    device.closeNever = true;
    device.say();
    await clock.pass(3_000);
    expect(told).toEqual(['link-failed', 'link-failed', 'up', 'link-failed', 'up']);
  });

  test('silence is told as silence, and the board is tried again later', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(8_100);
    expect(told.slice(0, 3)).toEqual([
      'up',
      'down port-silent: nothing came',
      'down port-silent: nothing came',
    ]);
    expect(device.opened.map(({ baud }) => baud).slice(0, 2)).toEqual([undefined, 57_600]);
    expect(device.written.filter((bytes) => bytes.length === FIRMATA_QUERY.length).length).toBeGreaterThan(2);
    await clock.pass(5_000);
    expect(told[3]).toBe('up');
    expect(device.mostOpen).toBe(1);
  });

  test('StandardFirmata is told from silence, by its name', async () => {
    const { clock, device, told, link } = setUp();
    device.onBytes = (bytes, baud) => {
      if (baud === 57_600 && bytes[0] === 0xf9) device.pipe!.deliver(FIRMATA_REPORT);
    };
    link.start();
    await clock.pass(5_000);
    expect(told).toContain('down wrong-firmware: SF 2.5');
    // It stays told while the board is asked again.
    await clock.pass(20_000);
    expect(told.filter((line) => line.startsWith('down')).slice(1)).toEqual(
      told
        .filter((line) => line.startsWith('down'))
        .slice(1)
        .map(() => 'down wrong-firmware: SF 2.5'),
    );
  });

  test('Firmata at our own speed as well', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(100);
    device.pipe!.deliver(FIRMATA_REPORT);
    await clock.pass(4_000);
    expect(told).toContain('down wrong-firmware: SF 2.5');
    expect(device.opened.every(({ baud }) => baud !== 57_600)).toBe(true);
  });

  test('bytes that are no frames are silence with a remark', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(100);
    device.pipe!.deliver(Uint8Array.from({ length: 400 }, (_, i) => i % 7));
    await clock.pass(8_500);
    expect(told[2]).toMatch(/port-silent: bytes came/);
  });

  test('a gate of another version is heard: the connection is kept', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    for (let i = 0; i < 20; i++) {
      await clock.pass(1_000);
      device.pipe!.deliver(encodeFrame(NAK, 0, { version: 9 }));
    }
    expect(device.opened).toHaveLength(1);
    expect(new Set(told)).toEqual(new Set(['up', 'foreign 9']));
  });

  test('a connection that falls silent for 10 s is opened anew', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(10);
    device.say();
    await clock.pass(9_900);
    expect(device.opened).toHaveLength(1);
    await clock.pass(600);
    expect(told.slice(2)).toEqual(['down link-failed: nothing valid came for 10 s', 'up']);
  });

  test.each(['while open', 'while opening', 'while waiting', 'while asking for Firmata'])(
    'stops %s',
    async (when) => {
      const { clock, device, told, link } = setUp();
      let late: ((connection: Connection) => void) | null = null;
      if (when === 'while waiting') device.openings = [new LinkError('port-busy', '')];
      const factory: LinkFactory =
        when === 'while opening' ? () => new Promise((resolve) => (late = resolve)) : device.factory;
      const kept = when === 'while opening' ? new KeptLink(factory, clock, handlers(told)) : link;
      kept.start();
      await clock.pass(when === 'while asking for Firmata' ? 5_000 : 100);
      const count = told.length;
      await kept.stop();
      // What opens after the stop is closed at once.
      (late as ((connection: Connection) => void) | null)?.(device.connect());
      await clock.pass(30_000);
      expect(device.open).toBe(0);
      expect(told).toHaveLength(count);
      expect(clock.pending).toBe(0);
    },
  );

  test('starts again after a stop', async () => {
    const { clock, device, told, link } = setUp();
    link.start();
    await clock.pass(10);
    await link.stop();
    link.start();
    link.start();
    await clock.pass(10);
    expect(told).toEqual(['up', 'up']);
    expect(device.mostOpen).toBe(1);
  });
});

function handlers(told: string[]) {
  return {
    up: () => void told.push('up'),
    down: () => void told.push('down'),
    message: () => {},
    foreign: () => {},
    firmata: () => {},
    discarded: () => {},
  };
}
