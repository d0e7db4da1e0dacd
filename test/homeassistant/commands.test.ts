import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Asked, CommandReader } from '../../controller/homeassistant/commands.ts';

const WALL = Date.parse('2026-11-26T07:00:00Z');
const bytes = (text: string) => new TextEncoder().encode(text);

/** A reader whose clock is moved by hand. */
function reader() {
  const commands = new CommandReader('earlid');
  let at = 0;
  return {
    pass: (ms: number) => {
      at += ms;
    },
    read: (
      topic: string,
      payload: string | null,
      flags: { retained?: true; repeated?: true; transitMs?: number } = {},
    ) =>
      commands.read(
        {
          topic: `earlid/${topic}`,
          payload: payload === null ? null : bytes(payload),
          retained: false,
          repeated: false,
          transitMs: 0,
          ...flags,
        },
        { wall: WALL + at, counted: 5_000 + at },
      ),
  };
}
const kitchen = (command: string) => `gates/kitchen/${command}/set`;
const why = (asked: Asked | null) => (asked?.ask === 'nothing' ? asked.why : asked?.ask);

describe('commands from the broker', () => {
  test.each([
    ['microphone', 'ON', { ask: 'unmute', forMs: null }],
    ['microphone', 'OFF', { ask: 'mute', forMs: null }],
    ['microphone', 'off', { ask: 'mute', forMs: null }],
    ['mute', 'PRESS', { ask: 'mute', forMs: null }],
    ['mute', '2h', { ask: 'mute', forMs: 7_200_000 }],
    ['unmute', '20m', { ask: 'unmute', forMs: 1_200_000 }],
    [
      'unmute',
      '{"for":"20m","sent":"2026-11-26T08:00:05+01:00","id":"a"}',
      { ask: 'unmute', forMs: 1_200_000 },
    ],
    ['unmute', '{}', { ask: 'unmute', forMs: null }],
    ['mode', 'auto', { ask: 'resume' }],
    ['mode', 'muted', { ask: 'mute', forMs: null }],
    ['mode', 'unmuted', { ask: 'unmute', forMs: null }],
  ])('%s %s', (command, payload, asked) => {
    expect(reader().read(kitchen(command), payload)).toEqual({ gate: 'kitchen', ...asked });
  });

  test('S3 on a topic that mutes every payload mutes, also one that is far too large', () => {
    for (const payload of ['', '\0', '{', 'ON', '-5m', 'x'.repeat(5_000), null]) {
      expect(reader().read(kitchen('mute'), payload)).toEqual({ ask: 'mute', gate: 'kitchen', forMs: null });
      expect(reader().read('mute_everything/set', payload)).toEqual({ ask: 'mute', gate: null, forMs: null });
    }
  });

  test.each([
    ['microphone', ['on', 'ON!', 'TRUE', '1', '', null, ' '.repeat(300)]],
    ['unmute', ['', '600', '0s', '25h', 'ON', 'null', '[]', '{"for":5}', '{"for":"20m","x":1}', null]],
    ['unmute', ['{"sent":"yesterday"}', '{"sent":5}', '{"id":""}', `{"id":"${'x'.repeat(65)}"}`]],
    ['mode', ['AUTO', 'live', '', null]],
  ])('S7 what cannot be read on %s unmutes nothing', (command, payloads) => {
    for (const payload of payloads) expect(why(reader().read(kitchen(command), payload))).toBe('malformed');
  });

  test('S7 what the broker kept is no command', () => {
    const { read } = reader();
    expect(why(read(kitchen('microphone'), 'ON', { retained: true }))).toBe('retained');
    expect(why(read(kitchen('mode'), 'auto', { retained: true }))).toBe('retained');
    expect(why(read(kitchen('unmute'), '20m', { retained: true }))).toBe('retained');
    expect(read(kitchen('mute'), 'PRESS', { retained: true })).toBe(null);
    expect(read('mute_everything/set', 'PRESS', { retained: true })).toBe(null);
  });

  test('S7 copies of an unmute unmute nothing, also after a mute', () => {
    const { read, pass } = reader();
    expect(why(read(kitchen('microphone'), 'ON'))).toBe('unmute');
    expect(why(read(kitchen('microphone'), 'OFF'))).toBe('mute');
    pass(2_900);
    expect(why(read(kitchen('microphone'), 'ON'))).toBe('duplicate');
    pass(200);
    expect(why(read(kitchen('microphone'), 'ON'))).toBe('unmute');
    pass(60_000);
    expect(why(read(kitchen('microphone'), 'ON', { repeated: true }))).toBe('duplicate');
  });

  test('S7 an id is taken once, however late its copy comes', () => {
    const { read, pass } = reader();
    const payload = '{"for":"20m","id":"a1"}';
    expect(why(read(kitchen('unmute'), payload))).toBe('unmute');
    pass(3_600_000);
    expect(why(read(kitchen('unmute'), payload))).toBe('duplicate');
    expect(why(read(kitchen('unmute'), '{"for":"20m","id":"a2"}'))).toBe('unmute');
  });

  test.each(['2026-11-26T06:59:49Z', '2026-11-26T07:00:11Z', '2026-11-26T08:30:00+01:00'])(
    'S7 an unmute that was sent at %s is not believed at 07:00:00Z',
    (sent) => {
      expect(why(reader().read(kitchen('unmute'), JSON.stringify({ for: '20m', sent })))).toBe('expired');
    },
  );

  test('S3 S7 what may have been on its way for long unmutes nothing, and mutes all the same', () => {
    const late = { transitMs: 10_001 } as const;
    for (const [command, payload] of [
      ['microphone', 'ON'],
      ['unmute', '20m'],
      ['mode', 'unmuted'],
      ['mode', 'auto'],
    ] as const) {
      expect(why(reader().read(kitchen(command), payload, late))).toBe('expired');
      expect(why(reader().read(kitchen(command), payload, { transitMs: 9_000 }))).toMatch(/unmute|resume/);
    }
    expect(reader().read(kitchen('microphone'), 'OFF', late)).toMatchObject({ ask: 'mute', late: true });
    expect(why(reader().read(kitchen('mute'), 'PRESS', late))).toBe('mute');
    expect(why(reader().read('mute_everything/set', 'PRESS', late))).toBe('mute');
  });

  test('topics of others are none of ours', () => {
    const { read } = reader();
    for (const topic of ['gates/kitchen/state', 'gates/a/b/c/set', 'gates/Kitchen/mute/set', 'status', ''])
      expect(read(topic, 'ON')).toBe(null);
    expect(
      new CommandReader('other').read(
        {
          topic: 'earlid/gates/kitchen/microphone/set',
          payload: bytes('ON'),
          retained: false,
          repeated: false,
          transitMs: 0,
        },
        { wall: WALL, counted: 0 },
      ),
    ).toBe(null);
  });

  test('S4 whatever comes: it never fails, and unmutes only by the words that unmute', () => {
    const topic = fc.constantFrom('microphone', 'mute', 'unmute', 'mode', 'lock', '');
    fc.assert(
      fc.property(topic, fc.uint8Array({ maxLength: 300 }), (command, payload) => {
        const commands = new CommandReader('earlid');
        const asked = commands.read(
          { topic: `earlid/${kitchen(command)}`, payload, retained: false, repeated: false, transitMs: 0 },
          { wall: WALL, counted: 0 },
        );
        if (asked?.ask !== 'unmute' && asked?.ask !== 'resume') return;
        expect(new TextDecoder().decode(payload).trim()).toMatch(/^(ON|auto|unmuted|(\d+[dhms])+|\{.*\})$/s);
      }),
      { numRuns: 300 },
    );
  });
});
