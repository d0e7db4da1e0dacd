import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Lane } from '../../controller/bridge/lane.ts';
import { framed, framesIn, GARBLED_MUTE, mayMute, mayPass } from '../../controller/bridge/sieve.ts';
import { decodeFrame, encodeFrame } from '../../schemas/codec.ts';
import { type HostMessage, LIMITS, type Message } from '../../schemas/protocol.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

const KEY = { key: new Uint8Array(32).fill(7), gateId: new Uint8Array(8) };
const hello: HostMessage = { type: 'hello', controller: 7, challenge: new Uint8Array(8) };
const mute: HostMessage = { type: 'mute', seq: 1, reason: 'cli' };
const flags = { night: false, starting: false };
const allow: HostMessage = {
  type: 'allow',
  boot: 1,
  seq: 1,
  seen: 1,
  liveUntil: 9_000,
  buttonUntil: 0,
  buttonMs: 0,
  flags,
  challenge: new Uint8Array(8),
};
const setting = (op: 'read' | 'write'): HostMessage => ({
  type: 'setting',
  boot: 1,
  seq: 1,
  op,
  setting: 2,
  value: new Uint8Array(8),
});
const others: readonly HostMessage[] = [
  allow,
  { type: 'lock', boot: 1, seq: 1 },
  { type: 'stored', boot: 1, event: 1 },
];
const never: readonly HostMessage[] = [setting('write'), { type: 'pair', key: new Uint8Array(32).fill(1) }];
const nak: Message = { type: 'nak', message: 2, seq: 0, reason: 'busy' };

const frame = (message: Message, by: typeof KEY | null = null) => encodeFrame(message, 0, { by });
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

interface Wire {
  readonly lane: Lane;
  readonly clock: VirtualClock;
  /** When each frame was written, its message or `garbled`, and how long it is. */
  readonly sent: { readonly at: number; readonly what: string; readonly bytes: number }[];
}

function wire(isKeyed: boolean): Wire {
  const clock = new VirtualClock();
  const sent: Wire['sent'] = [];
  const write = (bytes: Uint8Array) => {
    const decoded = decodeFrame(bytes.subarray(1, -1));
    const what = 'message' in decoded ? decoded.message.type : 'garbled';
    sent.push({ at: clock.now(), what, bytes: bytes.length });
  };
  return { lane: new Lane({ clock, write, isKeyed: () => isKeyed }), clock, sent };
}

async function passed(isKeyed: boolean, ...payloads: readonly Uint8Array[]): Promise<string[]> {
  const { lane, clock, sent } = wire(isKeyed);
  for (const payload of payloads) {
    lane.take(payload);
    await clock.pass(50);
  }
  return sent.map(({ what }) => what);
}

describe('what a bridge hands on', () => {
  test('to any gate: hello, mutes, and what only reads', async () => {
    for (const isKeyed of [false, true])
      expect(await passed(isKeyed, frame(hello), frame(mute), frame(setting('read')))).toEqual([
        'hello',
        'mute',
        'setting',
      ]);
  });

  test('S4 what could make it live or loosen it: only to a keyed gate, and only with an authenticator', async () => {
    for (const message of others) {
      expect(await passed(false, frame(message), frame(message, KEY))).toEqual([]);
      expect(await passed(true, frame(message))).toEqual([]);
      expect(await passed(true, frame(message, KEY))).toEqual([message.type]);
    }
  });

  test('S5 never a key or a setting, whoever asks', async () => {
    for (const message of never)
      for (const isKeyed of [false, true])
        expect(await passed(isKeyed, frame(message), frame(message, KEY))).toEqual([]);
  });

  test('nothing that is damaged, and nothing that a gate says', async () => {
    const whole = frame(hello);
    const damaged = whole.with(5, whole[5]! ^ 1);
    const payloads = [
      damaged,
      whole.subarray(0, -1),
      whole.subarray(1),
      frame(nak),
      framed(new Uint8Array(80).fill(1)),
    ];
    expect(await passed(true, ...payloads, joined(damaged, frame(hello)))).toEqual(['hello']);
  });

  test('S3 a mute in any state of repair', async () => {
    const whole = frame(mute);
    const cut = whole.subarray(0, 5);
    const long = framed(new Uint8Array(200).fill(3));
    for (const payload of [
      whole.with(6, whole[6]! ^ 1),
      cut,
      joined(cut, Uint8Array.of(0x90)),
      long,
      framed(GARBLED_MUTE),
    ])
      expect(await passed(false, payload)).toEqual(['garbled']);
    expect(await passed(false, joined(Uint8Array.of(0xf0, 2, 9), whole))).toEqual(['mute']);
  });

  test('S3 every sysex with the id of a mute is found, wherever it stands among whatever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const starts = [...bytes].filter((byte, i) => byte === 0xf0 && bytes[i + 1] === 3).length;
        expect(framesIn(bytes).mutes.length).toBe(starts);
        expect(mayMute(bytes)).toBe(starts > 0);
      }),
    );
  });

  test('whatever comes, nothing else than these passes', () => {
    const ids = fc.integer({ min: 0, max: 15 });
    fc.assert(
      fc.property(ids, fc.uint8Array({ maxLength: 62, max: 0x7f }), fc.boolean(), (id, content, isKeyed) => {
        expect(mayPass(Uint8Array.of(id, ...content), isKeyed) && (id < 1 || id > 6 || id === 3)).toBe(false);
      }),
    );
  });
});

describe('the way down the wire', () => {
  const BYTE_MS = 10_000 / LIMITS.baud.value;

  test('S3 a flood keeps no mute waiting, and at most one other frame is ahead of it', async () => {
    const { lane, clock, sent } = wire(true);
    const flood = joined(
      frame(allow, KEY),
      frame(hello),
      frame(setting('read')),
      frame({ type: 'lock', boot: 1, seq: 1 }, KEY),
    );
    for (let ms = 0; ms < 1_000; ms++) {
      for (let i = 0; i < 20; i++) lane.take(flood);
      if (ms % 100 === 50) {
        const before = sent.length;
        lane.take(frame(mute));
        expect(sent.slice(before).map(({ what }) => what)).toEqual(['mute']);
      }
      await clock.pass(1);
    }
    const rest = sent.filter(({ what }) => what !== 'mute');
    expect(rest.length).toBeLessThanOrEqual(51);
    // Each kind has its turn.
    for (const what of ['allow', 'hello', 'setting', 'lock'])
      expect(rest.filter((each) => each.what === what).length).toBeGreaterThan(10);
    let freeAt = 0;
    for (const { at, what, bytes } of sent) {
      if (what !== 'mute') expect(at).toBeGreaterThanOrEqual(Math.floor(freeAt));
      freeAt = Math.max(freeAt, at) + bytes * BYTE_MS;
    }
  });

  test('S3 a flood of mutes fills the wire and nothing more; the last one comes through', async () => {
    const { lane, clock, sent } = wire(true);
    for (let ms = 0; ms < 200; ms++) {
      for (let seq = 0; seq < 50; seq++) lane.take(frame({ ...mute, seq }));
      await clock.pass(1);
    }
    const spent = sent.reduce((sum, { bytes }) => sum + bytes * BYTE_MS, 0);
    expect(spent).toBeLessThan(210);
    expect(sent.length).toBeGreaterThan(80);
    await clock.pass(10);
    expect(sent.at(-1)!.at).toBeGreaterThan(clock.now() - 12);
  });

  test('the newest of a kind is sent', async () => {
    const { lane, clock, sent } = wire(true);
    lane.take(frame(hello));
    const bytes: number[] = [];
    for (const seq of [1, 2, 3]) {
      const next = frame({ ...allow, seq }, KEY);
      bytes.push(next.length);
      lane.take(next);
    }
    await clock.pass(100);
    expect(sent.map(({ what }) => what)).toEqual(['hello', 'allow']);
  });

  test('S1 while the bridge stops nothing passes but mutes', async () => {
    const { lane, clock, sent } = wire(true);
    lane.take(joined(frame(hello), frame(allow, KEY)));
    lane.mutesOnly();
    lane.take(joined(frame(allow, KEY), frame(mute)));
    await clock.pass(100);
    expect(sent.map(({ what }) => what)).toEqual(['hello', 'mute']);
  });
});
