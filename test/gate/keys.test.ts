/** A controller and gates with and without keys, on a wire in virtual time: who is believed, and who is given what. */
import { describe, expect, test } from '@jest/globals';
import type { EventSink, GateEvent } from '../../controller/gate/gate.ts';
import type { GateOptions } from '../../controller/gate/options.ts';
import type { KeyRing, KeyringState } from '../../controller/gate/seal.ts';
import { Secret } from '../../controller/gate/secret.ts';
import { createGate } from '../../controller/gate/session.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import { SETTINGS } from '../../schemas/settings.ts';
import { GateOnWire } from './gate-on-wire.ts';
import { LISTEN, MUTE } from './pair.ts';
import { VirtualClock } from './virtual-clock.ts';

const [OURS, OLD, THEIRS] = [Secret.random(), Secret.random(), Secret.random()];

class Ring implements KeyRing {
  held: readonly Secret[];
  readonly seen: Secret[] = [];
  now: KeyringState;
  constructor(...held: readonly Secret[]) {
    this.held = held;
    this.now = held.length > 0 ? 'held' : 'none';
  }
  state = () => this.now;
  keys = () => this.held;
  shown = (key: Secret) => void this.seen.push(key);
}

function setUp(ring: KeyRing, held: Secret | null, options: Partial<GateOptions> = {}) {
  const clock = new VirtualClock();
  const wire = new GateOnWire(clock);
  wire.key = held?.reveal() ?? null;
  wire.gate.keyed = held !== null;
  wire.gateId = 'k7f3a2';
  const events: GateEvent[] = [];
  const lines: string[] = [];
  const sink: EventSink = { deliver: async (told) => void events.push(...told), newest: () => null };
  const say = (text: string) => void lines.push(text);
  const log = { info: say, warn: say, debug: say };
  const gate = createGate({
    name: 'kitchen',
    link: wire.link.open,
    controllerId: 7,
    sink,
    clock,
    log,
    keys: ring,
    ...options,
  });
  gate.want(LISTEN);
  gate.start();
  return { clock, wire, gate, events, lines };
}
type House = ReturnType<typeof setUp>;
const allowed = ({ wire }: House) => wire.gate.received.filter(({ type }) => type === 'allow');

describe('a gate with a key', () => {
  test('is given leases, told its events and locked, all of it signed', async () => {
    const house = setUp(new Ring(OURS), OURS);
    const { clock, wire, gate, events } = house;
    await clock.pass(500);
    expect(gate.status()).toMatchObject({ state: 'live', link: 'up', problem: null });
    expect(events.map(({ kind }) => kind)).toEqual(['boot', 'live']);
    expect(wire.gate.events).toEqual([]);
    await clock.pass(60_000);
    expect(gate.status().state).toBe('live');
    // Policy takes back what a locked gate may do.
    gate.lock();
    gate.want(MUTE);
    await clock.pass(300);
    expect(gate.status()).toMatchObject({ state: 'muted', locked: true });
    await gate.stop(1_000);
  });

  test('S7: locked, it goes on proving how fresh its reports are', async () => {
    const { clock, gate, wire } = setUp(new Ring(OURS), OURS);
    wire.gate.flags.locked = true;
    gate.want(MUTE);
    await clock.pass(1_000);
    for (let i = 0; i < 100; i++) {
      await clock.pass(300);
      expect(gate.status()).toMatchObject({ state: 'muted', locked: true });
    }
  });

  test('takes another id, and is known under it', async () => {
    const { clock, wire, gate } = setUp(new Ring(OURS), OURS);
    await clock.pass(500);
    const value = new TextEncoder().encode('attic');
    const padded = Uint8Array.from({ length: 8 }, (_, i) => value[i] ?? 0);
    const asked = gate.exchange({ op: 'write', setting: SETTINGS.gate_id.id, value: padded });
    wire.gate.settings.set(SETTINGS.gate_id.id, 0);
    wire.gateId = 'attic';
    wire.say([wire.gate.record('setting', 'setting', SETTINGS.gate_id.id)]);
    await clock.pass(5_000);
    await asked;
    expect(gate.status()).toMatchObject({ state: 'live', identity: { gateId: 'attic' } });
  });

  test('half rotated: both keys are tried, and which one it holds is told', async () => {
    const ring = new Ring(OLD, OURS);
    const { clock, gate } = setUp(ring, OURS);
    await clock.pass(500);
    expect(gate.status().state).toBe('live');
    expect(ring.seen.map((key) => key.equals(OURS))).toEqual([true]);
  });

  test('is never talked into a version that knows no keys', async () => {
    const { clock, wire, gate } = setUp(new Ring(OURS), OURS);
    await clock.pass(500);
    wire.raw(encodeFrame(wire.gate.state(), 0, { version: 1 }));
    wire.raw(encodeFrame(wire.gate.state(), 0, { version: 5 }));
    await clock.pass(4_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });

  test('of which the keys change while it is connected', async () => {
    const ring = new Ring();
    const house = setUp(ring, OURS, { needsKey: true });
    const { clock, gate } = house;
    await clock.pass(3_000);
    expect(gate.status()).toMatchObject({ state: 'unknown', problem: { code: 'gate-keyed' } });
    expect(allowed(house)).toEqual([]);
    ring.held = [OURS];
    ring.now = 'held';
    gate.keysChanged();
    await clock.pass(1_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });

  test('no key of it is in any line of the log', async () => {
    const { clock, gate, lines } = setUp(new Ring(OURS, OLD), OURS);
    await clock.pass(5_000);
    gate.lock();
    await clock.pass(1_000);
    expect(lines.length).toBeGreaterThan(20);
    const shapes = [OURS, OLD].flatMap((key) => {
      const bytes = Buffer.from(key.reveal());
      return [key.toBase64(), bytes.toString('hex'), [...bytes].join(','), [...bytes].join(', ')];
    });
    for (const shape of shapes) expect(lines.join('\n')).not.toContain(shape.slice(0, 20));
  });
});

describe('S4: what does not prove to be the gate', () => {
  test.each<[string, string, KeyRing, Secret | null, Partial<GateOptions>]>([
    ['has no key although it was paired', 'gate-unpaired', new Ring(OURS), null, {}],
    ['has another key', 'gate-unauthenticated', new Ring(OURS), THEIRS, {}],
    ['has a key that is not known here', 'gate-keyed', new Ring(), THEIRS, {}],
    ['has a key that is not known here, over MQTT', 'gate-keyed', new Ring(), THEIRS, { needsKey: true }],
    ['has no key, over MQTT', 'gate-needs-key', new Ring(), null, { needsKey: true }],
    [
      'may have had a key, which cannot be read',
      'keys-unusable',
      Object.assign(new Ring(), { now: 'unusable' as const }),
      null,
      {},
    ],
  ])(
    '%s: %s, unknown, muted, given nothing, and nothing it says is recorded',
    async (_, code, ring, held, options) => {
      const house = setUp(ring, held, options);
      const { clock, wire, gate, events } = house;
      await clock.pass(20_000);
      expect(gate.status()).toMatchObject({
        state: 'unknown',
        evidence: 'none',
        link: 'up',
        problem: { code },
      });
      gate.mute('cli');
      await clock.pass(100);
      expect(wire.gate.received.findLast(({ type }) => type === 'mute')).toMatchObject({ reason: 'cli' });
      expect(allowed(house)).toEqual([]);
      expect(wire.gate.phase).toBe('muted');
      expect(events).toEqual([]);
      expect(wire.gate.events.length).toBeGreaterThan(0);
      // It is not flooded with questions either.
      expect(wire.gate.received.length).toBeLessThan(30);
    },
  );

  test('speaks beside the gate itself: that is told, and the gate goes on', async () => {
    const { clock, wire, gate } = setUp(new Ring(OURS), OURS);
    await clock.pass(500);
    for (let i = 0; i < 5; i++) {
      wire.raw(encodeFrame({ ...wire.gate.state(), phase: 'muted' }, 0));
      await clock.pass(200);
    }
    expect(gate.status()).toMatchObject({ state: 'live', problem: { code: 'gate-twice' } });
    await clock.pass(12_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });

  test('has its key as well: muted is said of neither, and no lease is given', async () => {
    const house = setUp(new Ring(OURS), OURS);
    const { clock, wire, gate } = house;
    await clock.pass(4_000);
    const by = { key: OURS.reveal(), gateId: new TextEncoder().encode('k7f3a2') };
    for (let i = 0; i < 20; i++) {
      const state = wire.gate.state();
      wire.raw(
        encodeFrame({ ...state, phase: 'muted', leaseLeftMs: 0, uptime: state.uptime - 50_000 }, 0, { by }),
      );
      await clock.pass(100);
      expect(gate.status().state).not.toBe('muted');
    }
    expect(gate.status()).toMatchObject({ problem: { code: 'gate-twice' } });
    const before = allowed(house).length;
    await clock.pass(8_000);
    expect(allowed(house)).toHaveLength(before);
    await clock.pass(14_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });
});

describe('a gate without a key', () => {
  test('whose firmware is of the protocol before is spoken to in that', async () => {
    const { clock, wire, gate } = setUp(new Ring(), null);
    wire.version = 1;
    await clock.pass(3_000);
    expect(gate.status()).toMatchObject({ state: 'live', problem: null });
  });
});
