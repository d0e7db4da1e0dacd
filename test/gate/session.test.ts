import { describe, expect, test } from '@jest/globals';
import type { EventSink, GateEvent, GateStatus } from '../../controller/gate/gate.ts';
import type { GateOptions } from '../../controller/gate/options.ts';
import { createGate } from '../../controller/gate/session.ts';
import { LinkError } from '../../controller/link/link.ts';
import { GateOnWire } from './gate-on-wire.ts';
import { LISTEN, MUTE, verdict } from './pair.ts';
import { VirtualClock } from './virtual-clock.ts';

function setUp(options: Partial<GateOptions> = {}) {
  const clock = new VirtualClock();
  const wire = new GateOnWire(clock);
  const events: GateEvent[] = [];
  const lines: string[] = [];
  const sink: EventSink = {
    async deliver(delivered) {
      events.push(...delivered);
    },
    newest: () => null,
  };
  const gate = createGate({
    name: 'kitchen',
    link: wire.link.open,
    controllerId: 0xdeadbeef,
    sink,
    clock,
    log: { info: (text) => lines.push(text), warn: (text) => lines.push(`! ${text}`), debug: () => {} },
    ...options,
  });
  return { clock, wire, gate, events, lines };
}

describe('session', () => {
  test('has no effect before it is started', async () => {
    const { clock, wire, gate } = setUp();
    const timers = clock.pending;
    gate.want(verdict({ listen: true, until: clock.utc() + 1_000 }));
    await clock.pass(2_000);
    expect(clock.pending).toBe(timers);
    expect(wire.link.connected).toBe(false);
    expect(gate.status()).toMatchObject({ gate: 'kitchen', link: 'down', state: 'unknown', commanded: null });
  });

  test('connects, hands over events, gives a lease, mutes, and proves it', async () => {
    const { clock, wire, gate, events } = setUp();
    gate.want(MUTE);
    gate.start();
    await clock.pass(200);
    expect(gate.status()).toMatchObject({ state: 'muted', evidence: 'sensed', link: 'up', problem: null });
    expect(events.map(({ kind }) => kind)).toEqual(['boot']);
    expect(wire.gate.events).toEqual([]);
    gate.want(LISTEN);
    await clock.pass(100);
    expect(gate.status()).toMatchObject({ state: 'live', desired: 'listen', commanded: 'listen' });
    await clock.pass(60_000);
    expect(gate.status().lease!.leftMs).toBeGreaterThan(5_000);
    gate.mute('cli');
    gate.want(MUTE);
    await clock.pass(100);
    expect(gate.status()).toMatchObject({ state: 'muted', commanded: 'mute', lease: null });
    expect(events.at(-1)).toMatchObject({ kind: 'mute', reason: 'cli', gate: 'kitchen' });
    await gate.stop(1_000);
  });

  test('policy may answer an event at once: its verdict counts before the next allow', async () => {
    const clockAndAll = setUp({
      sink: {
        async deliver(events) {
          if (events.some(({ kind }) => kind === 'press')) clockAndAll.gate.want(MUTE);
        },
        newest: () => null,
      },
    });
    const { clock, wire, gate } = clockAndAll;
    wire.gate.record('press', 'not-permitted');
    gate.want(LISTEN);
    gate.start();
    await clock.pass(5_000);
    expect(wire.gate.received.some((message) => message.type === 'allow' && message.liveUntil > 0)).toBe(
      false,
    );
  });

  test('a sink that throws or rejects stops nothing', async () => {
    let calls = 0;
    const { clock, wire, gate } = setUp({
      sink: {
        deliver: () => {
          calls++;
          if (calls === 1) throw new Error('policy fell over');
          return calls === 2 ? Promise.reject(new Error('ENOSPC')) : Promise.resolve();
        },
        newest: () => null,
      },
    });
    gate.start();
    await clock.pass(1_000);
    expect(wire.gate.events).toHaveLength(1);
    await clock.pass(3_000);
    expect(calls).toBe(3);
    expect(wire.gate.events).toHaveLength(0);
  });

  test('listeners hear of changes, and one that throws harms nobody', async () => {
    const { clock, gate } = setUp();
    const heard: GateStatus[] = [];
    gate.onChange(() => {
      throw new Error('a listener fell over');
    });
    const remove = gate.onChange((status) => heard.push(status));
    gate.start();
    await clock.pass(500);
    expect(heard.map(({ link }) => link)).toContain('up');
    expect(heard.at(-1)?.state).toBe('muted');
    remove();
    const count = heard.length;
    gate.want(LISTEN);
    await clock.pass(500);
    expect(heard).toHaveLength(count);
  });

  test('the link goes, a mute is commanded, the link comes back: the mute comes first', async () => {
    const { clock, wire, gate } = setUp();
    gate.want(LISTEN);
    gate.start();
    await clock.pass(500);
    wire.link.unplug(new LinkError('port-missing', '/dev/ttyX: no such device'));
    await clock.pass(1_000);
    expect(gate.status()).toMatchObject({
      link: 'down',
      state: 'unknown',
      problem: { code: 'port-missing' },
    });
    gate.mute('cli');
    gate.want(MUTE);
    const before = wire.gate.received.length;
    wire.link.plug();
    await clock.pass(1_500);
    expect(wire.gate.received[before]).toMatchObject({ type: 'mute', reason: 'cli' });
    expect(gate.status().state).toBe('muted');
  });

  test('stop mutes first and waits for the proof', async () => {
    const { clock, wire, gate } = setUp();
    gate.want(LISTEN);
    gate.start();
    await clock.pass(500);
    expect(wire.gate.phase).toBe('live');
    let stopped = false;
    wire.deaf = true;
    const stopping = gate.stop(5_000).then(() => {
      stopped = true;
    });
    await clock.pass(1_000);
    expect(stopped).toBe(false);
    wire.deaf = false;
    await clock.pass(300);
    await stopping;
    expect(wire.gate.phase).toBe('muted');
    expect(wire.gate.received).toContainEqual({ type: 'mute', seq: expect.any(Number), reason: 'stop' });
    expect(wire.link.connected).toBe(false);
  });

  test('stop waits no longer than it was told, also when nothing answers', async () => {
    const { clock, wire, gate, lines } = setUp();
    gate.want(LISTEN);
    gate.start();
    await clock.pass(500);
    wire.deaf = true;
    const stopping = gate.stop(700);
    await clock.pass(800);
    await stopping;
    expect(lines.at(-1)).toMatch(/link down/);
    expect(lines.some((line) => line.startsWith('! stopped without proof'))).toBe(true);
  });

  test('a gate that is muted is left as soon as it answers, twice as well', async () => {
    const { clock, wire, gate } = setUp();
    gate.start();
    await clock.pass(500);
    const before = wire.gate.received.length;
    const began = clock.now();
    await Promise.all([gate.stop(5_000), gate.stop(5_000)]);
    expect(clock.now()).toBe(began);
    const sent = wire.gate.received.slice(before).filter(({ type }) => type !== 'stored');
    expect(sent).toMatchObject([{ type: 'mute', reason: 'stop' }]);
  });

  test('can be started again', async () => {
    const { clock, gate } = setUp();
    gate.start();
    await clock.pass(500);
    await gate.stop(1_000);
    gate.want(LISTEN);
    gate.start();
    // Nothing is on disk and the gate has forgotten its events: it is asked three times for them.
    await clock.pass(3_000);
    expect(gate.status().state).toBe('live');
  });

  test('tells who mutes and unmutes, why and until when', async () => {
    const { clock, gate, lines } = setUp();
    gate.start();
    await clock.pass(500);
    const until = clock.utc() + 60_000;
    gate.want(
      verdict({ listen: true, until, reason: { code: 'grant', text: 'granted at the command line', until } }),
    );
    await clock.pass(100);
    gate.mute('homeassistant');
    await clock.pass(100);
    expect(lines).toContain(`may listen until ${new Date(until).toISOString()}: granted at the command line`);
    expect(lines).toContain('mute by homeassistant');
    expect(lines.some((line) => line.startsWith('mute (homeassistant) at '))).toBe(true);
  });

  test('Firmata bytes pass through, garbage harms nothing', async () => {
    const firmata: number[] = [];
    const pins = {
      up() {},
      received: (bytes: Uint8Array) => firmata.push(...bytes),
      closing() {},
      down() {},
    };
    const { clock, wire, gate } = setUp({ pins });
    gate.start();
    await clock.pass(200);
    wire.raw(Uint8Array.of(0xf7, 0xf0, 0x09, 0x55, 0xe0, 0x01, 0x02, 0xf0, 0x79, 0x02, 0x05, 0xf7));
    wire.raw(Uint8Array.from({ length: 5_000 }, (_, i) => (i * 37) & 0x7f));
    await clock.pass(1_000);
    expect(firmata.slice(0, 8)).toEqual([0xe0, 0x01, 0x02, 0xf0, 0x79, 0x02, 0x05, 0xf7]);
    expect(gate.status()).toMatchObject({ state: 'muted', link: 'up' });
  });

  test.each([
    ['known to be muted', true, 1],
    ['of which nothing proves that it is muted', false, 0],
  ])('lamps over a gate %s: when it stops they are put out %s', async (_, sensePresent, times) => {
    let put = 0;
    const pins = {
      up() {},
      received() {},
      closing() {
        put++;
      },
      down() {},
    };
    const { clock, wire, gate } = setUp({ pins });
    wire.gate.flags.sensePresent = sensePresent;
    gate.start();
    await clock.pass(1_500);
    const stopped = gate.stop(500);
    await clock.pass(1_000);
    await stopped;
    expect(put).toBe(times);
  });
});
