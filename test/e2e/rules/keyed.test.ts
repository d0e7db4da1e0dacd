/** A gate with a key, on the bytes of its link: what it takes, what it says, and what nobody can do without the key. */
import { describe, expect, test } from '@jest/globals';
import { CONTROLLER, Rig } from '../../../controller/bench/rig.ts';
import { encodeFrame } from '../../../schemas/codec.ts';
import { type HostMessage, MESSAGES, type MessageOf, type Unsent } from '../../../schemas/protocol.ts';
import { SETTINGS } from '../../../schemas/settings.ts';
import { type Build, onEachBuild } from '../../builds/builds.ts';
import { isThorough } from '../../thorough.ts';
import {
  contentBits,
  KITCHEN,
  OTHER_GATE,
  OTHER_KEY,
  put,
  refusals,
  shortened,
  tampered,
} from './keyed-gates.ts';

/** Every n-th bit of a frame; all of them in the full check. */
const BITS_APART = isThorough ? 1 : 29;

const keyed = (build: Build): Rig => Rig.keyed(KITCHEN, build.options());

/** Everything that opens, loosens or forgets, as it would be right for this gate now. */
function orders(rig: Rig): Unsent<HostMessage>[] {
  const { boot, newest } = rig.last('state')!;
  const write = (setting: number, value: number): Unsent<HostMessage> => ({
    type: 'setting',
    boot,
    seq: rig.sequence(),
    op: 'write',
    setting,
    value: Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0),
  });
  return [
    rig.allow({ liveMs: 9000 }),
    rig.allow({ buttonMs: 60_000, buttonLeftMs: 60_000 }),
    { type: 'lock', boot, seq: rig.sequence() },
    write(SETTINGS.led_day.id, 9),
    write(SETTINGS.button_alone.id, 60),
    write(SETTINGS.gate_id.id, 0x41),
    { type: 'stored', boot, event: newest },
  ];
}

/** Nothing was opened, nothing was written, no event was forgotten, and no press grants. */
function untouched(rig: Rig, eeprom: Uint8Array): void {
  rig.board.press(200);
  rig.board.runFor(400);
  rig.goneDark();
  expect(rig.board.eeprom.bytes).toEqual(eeprom);
  rig.received.length = 0;
  rig.hello();
  rig.board.runFor(200);
  expect(rig.events()[0]).toMatchObject({ seq: 1, kind: 'boot' });
  expect(rig.state().flags).toMatchObject({ locked: false, confirming: false });
}

onEachBuild('a gate with a key', (build) => {
  test('S4, S5: takes nothing without an authenticator that opens, locks, sets or forgets', () => {
    const rig = keyed(build);
    const before = rig.board.eeprom.bytes.slice();
    refusals(rig);
    const asked = orders(rig);
    for (const order of asked) put(rig, rig.frame(order, null));
    expect(refusals(rig)).toEqual(asked.map(() => 'unauthenticated'));
    untouched(rig, before);
  });

  test.each([
    ['another key', OTHER_KEY],
    ['another gate’s id', OTHER_GATE],
    ['a key of zeros', { ...KITCHEN, key: new Uint8Array(32) }],
    ['a key as an erased EEPROM holds it', { ...KITCHEN, key: new Uint8Array(32).fill(0xff) }],
  ])('S4, S5: takes nothing with an authenticator by %s', (_, by) => {
    const rig = keyed(build);
    const before = rig.board.eeprom.bytes.slice();
    const asked = [
      ...orders(rig),
      { type: 'hello', controller: 9 } as const,
      { type: 'setting', boot: 1, seq: 0, op: 'read', setting: 2, value: new Uint8Array(8) } as const,
    ];
    refusals(rig);
    for (const order of asked) put(rig, rig.frame(order, by));
    expect(refusals(rig)).toEqual(asked.map(() => 'bad-authenticator'));
    expect(rig.last('state')!.flags.contested).toBe(false);
    untouched(rig, before);
  });

  test('S4: no bit of an authentic allow can be changed, nor its end cut off', () => {
    const rig = keyed(build);
    const allow = rig.frame(rig.allow({ liveMs: 25_000 }));
    for (let bit = 0; bit < contentBits(allow); bit += BITS_APART) {
      rig.board.send(tampered(allow, bit));
      rig.board.runFor(35);
    }
    for (const by of [1, 8, 15, 16, 17]) put(rig, shortened(allow, by));
    rig.goneDark();
    const reasons = new Set(refusals(rig));
    reasons.delete('malformed');
    reasons.delete('busy');
    expect([...reasons]).toEqual(['bad-authenticator']);
    put(rig, allow);
    expect(rig.board.level('actuator')).toBe(1);
  });

  test('takes all of it with its authenticator', () => {
    const rig = keyed(build);
    rig.goLive();
    rig.tell({ type: 'mute', seq: 1, reason: 'cli' });
    rig.board.runFor(100);
    rig.configure('button_alone', 5);
    rig.send({ type: 'stored', boot: rig.last('state')!.boot, event: 2 });
    rig.board.runFor(100);
    rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
    rig.next('state', ({ flags }) => flags.locked);
    rig.received.length = 0;
    rig.tell({ type: 'hello', controller: CONTROLLER });
    rig.board.runFor(300);
    expect(rig.events()[0]!.seq).toBe(3);
  });

  test('S3: a mute needs no key: bare, garbled, or with an authenticator that is wrong', () => {
    const rig = keyed(build);
    const mute = { type: 'mute', seq: 1, reason: 'homeassistant' } as const;
    const frames = [
      rig.frame(mute).subarray(0, -1),
      encodeFrame({ ...mute, seq: 3 }, 0, { by: OTHER_KEY }).subarray(0, -1),
      rig
        .frame(mute)
        .map((byte, i) => (i === 4 ? byte ^ 1 : byte))
        .subarray(0, -1),
      rig.frame({ ...mute, seq: 2 }).subarray(0, 6),
    ];
    for (const frame of frames) {
      rig.hello();
      rig.goLive();
      rig.board.send(Uint8Array.from([...frame, 0xf7]));
      rig.board.runUntil(() => rig.board.level('actuator') === 0, 5, 0.1);
      expect(rig.board.level('actuator')).toBe(0);
      rig.board.runFor(200);
    }
  });

  test('S3: a mute that comes while an allow is verified ends it, also when it has been said before', () => {
    const rig = keyed(build);
    const mute = rig.frame({ type: 'mute', seq: 7, reason: 'cli' });
    rig.board.send(mute);
    rig.state();
    rig.send(rig.allow({ liveMs: 9000 }));
    rig.board.send(mute);
    expect(rig.next('nak')).toMatchObject({ message: MESSAGES.allow.id, reason: 'unseen' });
    rig.goneDark();
    rig.goLive();
  });

  test('S5: locked, it takes nothing with an authenticator either', () => {
    const rig = keyed(build);
    rig.lockByHand();
    const before = rig.board.eeprom.bytes.slice();
    refusals(rig);
    for (const order of orders(rig).filter(({ type }) => type === 'allow' || type === 'setting'))
      put(rig, rig.frame(order));
    expect(new Set(refusals(rig))).toEqual(new Set(['locked']));
    rig.goneDark();
    expect(rig.board.eeprom.bytes).toEqual(before);
  });

  test('S7: a recorded session opens nothing: in the same boot, after a reset, after a power cut, at another gate', () => {
    const rig = keyed(build);
    const recorded: Uint8Array[] = [];
    const send = (message: Unsent<HostMessage>): void => {
      const frame = rig.frame(message);
      recorded.push(frame);
      put(rig, frame);
    };
    send({ type: 'hello', controller: CONTROLLER });
    send(rig.allow({ liveMs: 2000, buttonMs: 30_000, buttonLeftMs: 60_000 }));
    send(rig.allow({ liveMs: 2500, buttonMs: 30_000, buttonLeftMs: 60_000 }));
    expect(rig.edges('actuator', 1)).toHaveLength(1);
    const replay = (to: Rig): void => {
      for (const frame of [...recorded, ...recorded.toReversed()]) put(to, frame);
      to.board.runFor(500);
    };
    replay(rig);
    rig.board.runFor(3000);
    expect(rig.board.level('actuator')).toBe(0);
    replay(rig);
    rig.board.reset();
    rig.hello();
    replay(rig);
    rig.board.power(false);
    rig.board.runFor(50);
    rig.board.power(true);
    rig.hello();
    replay(rig);
    expect(rig.edges('actuator', 1)).toHaveLength(1);
    for (const by of [OTHER_GATE, OTHER_KEY]) {
      const other = Rig.keyed(by, build.options());
      replay(other);
      expect(new Set(refusals(other))).toEqual(new Set(['bad-authenticator']));
      other.goneDark();
    }
  });

  test('says everything but a refusal with its authenticator', () => {
    const rig = keyed(build);
    rig.goLive();
    rig.tell({ type: 'lock', boot: 99, seq: 1 });
    rig.tell({ type: 'mute', seq: 1, reason: 'cli' });
    rig.board.runFor(100);
    rig.configure('led_day', 20);
    const kinds = (authentic: boolean): string[] =>
      [
        ...new Set(
          rig.received.filter((heard) => heard.authentic === authentic).map(({ message }) => message.type),
        ),
      ].sort();
    expect(kinds(false)).toEqual(['nak']);
    expect(kinds(true)).toEqual(['event', 'identity', 'state', 'value']);
  });

  test('echoes the newest challenge of a hello, and of an allow it has accepted', () => {
    const rig = keyed(build);
    const challenge = (n: number): Uint8Array => new Uint8Array(8).fill(n);
    const echoed = (): number => rig.state().challenge[3]!;
    rig.send({ type: 'hello', controller: CONTROLLER, challenge: challenge(1) });
    expect(rig.next('identity').challenge).toEqual(challenge(1));
    expect(echoed()).toBe(1);
    put(rig, rig.frame(rig.allow({ liveMs: 9000, challenge: challenge(2) }), null));
    put(rig, rig.frame(rig.allow({ liveMs: 9000, challenge: challenge(3) }), OTHER_KEY));
    put(rig, rig.frame(rig.allow({ liveMs: 90_000, challenge: challenge(4) })));
    expect(echoed()).toBe(1);
    put(rig, rig.frame(rig.allow({ liveMs: 9000, challenge: challenge(5) })));
    expect(echoed()).toBe(5);
    rig.board.reset();
    expect(rig.next('state', ({ boot }) => boot === 2).challenge).toEqual(challenge(0));
  });

  test('who only asks is no controller: events are told to one that says hello', () => {
    const rig = keyed(build);
    rig.board.runFor(3500);
    rig.received.length = 0;
    rig.tell({
      type: 'setting',
      boot: 1,
      seq: 0,
      op: 'read',
      setting: SETTINGS.travel.id,
      value: new Uint8Array(8),
    });
    rig.board.send(
      rig.frame({ type: 'setting', boot: 1, seq: 0, op: 'read', setting: 2, value: new Uint8Array(8) }, null),
    );
    rig.board.runFor(1500);
    expect(rig.last('value')).toBeDefined();
    expect(rig.events().length).toBeGreaterThan(0);
    rig.board.runFor(3500);
    rig.received.length = 0;
    rig.board.send(
      rig.frame({ type: 'setting', boot: 1, seq: 0, op: 'read', setting: 2, value: new Uint8Array(8) }, null),
    );
    rig.board.runFor(1500);
    expect(rig.last('value')).toBeDefined();
    expect(rig.events()).toEqual([]);
  });
});

describe('a gate without a key', () => {
  test('S4: refuses every frame with an authenticator, so that half a pairing is never live', () => {
    const rig = new Rig();
    rig.hello();
    rig.board.runFor(300);
    const asked = [...orders(rig), { type: 'hello', controller: 9 } as const];
    for (const order of asked) put(rig, rig.frame(order, KITCHEN));
    expect(refusals(rig)).toEqual(asked.map(() => 'bad-authenticator'));
    rig.goneDark();
    const allow = rig.allow({ liveMs: 9000 }) as MessageOf<'allow'>;
    put(rig, rig.frame(allow));
    expect(rig.board.level('actuator')).toBe(1);
  });
});
