import { describe, expect, test } from '@jest/globals';
import { isAtRest } from '../../controller/gate/status.ts';
import { LISTEN, MUTE, Pair, verdict } from './pair.ts';
import { ScriptedGate } from './scripted-gate.ts';

const types = (pair: Pair) => pair.sent.map(({ message }) => message.type);

describe('handshake', () => {
  test('says hello at once and every 500 ms until the gate identifies itself', () => {
    const pair = new Pair();
    pair.deaf = true;
    pair.up();
    pair.pass(1_600);
    expect(pair.sent.map(({ at, message }) => [at, message.type])).toEqual([
      [1_000, 'hello'],
      [1_500, 'hello'],
      [2_000, 'hello'],
      [2_500, 'hello'],
    ]);
    expect(pair.of('hello')[0]).toMatchObject({ type: 'hello', controller: 7 });
  });

  test('says hello again every 10 s', () => {
    const pair = new Pair().ready();
    pair.pass(30_000);
    expect(pair.of('hello')).toHaveLength(4);
  });

  test('S4: policy has every stored event before the first allow', () => {
    const gate = new ScriptedGate(0);
    gate.record('press', 'not-permitted', 200);
    gate.record('press', 'not-permitted', 300);
    const pair = new Pair({ gate });
    pair.want(LISTEN);
    const allowsAtDelivery: number[] = [];
    pair.onDeliver = () => void allowsAtDelivery.push(pair.of('allow').length);
    pair.ready();
    expect(pair.delivered.map(({ seq }) => seq).slice(0, 3)).toEqual([1, 2, 3]);
    expect(allowsAtDelivery[0]).toBe(0);
    expect(pair.of('allow')[0]).toMatchObject({ boot: 1, seen: 3 });
    expect(pair.gate.phase).toBe('live');
  });

  test('S4: a verdict that policy changed because of the events counts', () => {
    const pair = new Pair();
    pair.want(LISTEN);
    pair.onDeliver = () => MUTE;
    pair.ready();
    pair.pass(5_000);
    expect(pair.of('allow').length).toBeGreaterThan(0);
    expect(pair.of('allow').every(({ liveUntil }) => liveUntil === 0)).toBe(true);
  });

  test('S4: no allow while policy cannot take the events; they are offered again', () => {
    const pair = new Pair();
    pair.want(LISTEN);
    pair.onDeliver = () => 'throw';
    pair.ready();
    pair.pass(5_000);
    expect(pair.of('allow')).toHaveLength(0);
    expect(pair.of('stored')).toHaveLength(0);
    pair.onDeliver = () => undefined;
    pair.pass(2_000);
    expect(pair.delivered.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(pair.gate.phase).toBe('live');
  });

  test('a gate of a protocol version that is not spoken is only ever sent mutes', () => {
    const pair = new Pair();
    pair.want(LISTEN);
    pair.deaf = true;
    pair.mumbling = true;
    pair.up();
    pair.take({ type: 'foreign', version: 9 });
    pair.pass(10_000);
    pair.take({ type: 'mute', reason: 'cli' });
    pair.pass(1_000);
    expect(new Set(types(pair).slice(1))).toEqual(new Set(['mute']));
    expect(pair.status).toMatchObject({ state: 'unknown', problem: { code: 'old-firmware' } });
  });

  test('a reset seen in a state begins the handshake anew', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(1_000);
    pair.gate.reset(false);
    const before = pair.sent.length;
    pair.pass(2_000);
    const after = pair.sent.slice(before).map(({ message }) => message);
    expect(after[0]?.type).toBe('hello');
    const allow = after.find((message) => message.type === 'allow');
    expect(allow).toMatchObject({ boot: 2, seen: pair.gate.events.at(-1)?.seq ?? 3 });
    expect(pair.gate.phase).toBe('live');
  });
});

describe('lease', () => {
  test('is 9 s and renewed every 3 s', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    const began = pair.now;
    pair.pass(9_500);
    const leases = pair.sent.filter(({ at, message }) => at >= began && message.type === 'allow');
    expect(leases.map(({ at }) => Math.round((at - began) / 1_000))).toEqual([0, 3, 6, 9]);
    for (const { at, message } of leases) {
      const uptime = at - 1_000 + 60_000;
      expect(message).toMatchObject({ type: 'allow', buttonMs: 0, buttonUntil: 0 });
      if (message.type === 'allow') {
        expect(message.liveUntil).toBeLessThanOrEqual(uptime + 9_000);
        expect(message.liveUntil).toBeGreaterThan(uptime + 8_900);
      }
    }
  });

  test('sequence numbers rise', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(20_000);
    const numbers = pair.of('allow').map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('never reaches beyond `until`, also when the clock of the gate is slow', () => {
    const gate = new ScriptedGate(0);
    gate.rate = 0.992;
    const pair = new Pair({ gate }).ready();
    const until = pair.at.utc + 7_000;
    pair.want(verdict({ listen: true, until }));
    let lastLive = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      pair.pass(1);
      if (gate.phase === 'live') lastLive = pair.at.utc;
    }
    expect(lastLive).toBeLessThanOrEqual(until);
    expect(lastLive).toBeGreaterThan(until - 300);
  });

  test('a verdict that says mute keeps the gate served, with what the button may grant', () => {
    const pair = new Pair().ready();
    pair.want(verdict({ buttonMs: 90_000, buttonUntil: pair.at.utc + 60_000 }));
    pair.pass(6_500);
    const allows = pair.of('allow');
    expect(allows.length).toBeGreaterThanOrEqual(3);
    const last = pair.gate.lastAllow!;
    expect(last).toMatchObject({ liveUntil: 0, buttonMs: 90_000 });
    expect(last.buttonUntil).toBeLessThanOrEqual(pair.gate.uptime + 60_000);
    expect(pair.status).toMatchObject({ desired: 'mute', commanded: 'mute' });
  });

  test('a permission of the button stays below the ceiling of the gate', () => {
    const pair = new Pair().ready();
    pair.want(verdict({ buttonMs: 3_600_000 }));
    pair.pass(1_000);
    expect(pair.gate.lastAllow).toMatchObject({ buttonMs: 900_000 });
    expect(pair.gate.lastAllow!.buttonUntil).toBeGreaterThan(pair.gate.uptime + 890_000);
    expect(pair.status.problem).toBeNull();
  });

  test('a press that the button was permitted is not muted, policy hears of it first', () => {
    const pair = new Pair().ready();
    pair.want(verdict({ buttonMs: 5_000 }));
    pair.pass(1_000);
    pair.onDeliver = (events) =>
      events.some(({ kind }) => kind === 'live')
        ? verdict({ listen: true, until: pair.at.utc + 5_000 })
        : undefined;
    pair.hear(pair.gate.grant(5_000));
    pair.pass(3_000);
    expect(pair.gate.phase).toBe('live');
    expect(pair.of('mute')).toHaveLength(0);
    pair.pass(3_000);
    expect(pair.gate.phase).toBe('muted');
  });

  test('a gate that is live although policy knows all and wants it muted is muted', () => {
    const pair = new Pair().ready();
    pair.hear(pair.gate.grant(60_000));
    pair.pass(200);
    expect(pair.gate.phase).toBe('muted');
    expect(pair.of('mute')[0]).toMatchObject({ reason: 'policy' });
  });

  test('a gate that has muted itself by a press is not told to mute as well', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(1_000);
    pair.onDeliver = () => MUTE;
    pair.hear(pair.gate.press());
    pair.pass(2_000);
    expect(pair.of('mute')).toHaveLength(0);
    expect(pair.status).toMatchObject({ state: 'muted', desired: 'mute', commanded: 'mute' });
  });

  test('nor is one that was pressed while the link was down', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(1_000);
    pair.down();
    pair.gate.press();
    pair.pass(1_000);
    pair.onDeliver = () => MUTE;
    pair.up();
    pair.pass(2_000);
    expect(pair.of('mute')).toHaveLength(0);
    expect(pair.status).toMatchObject({ state: 'muted', desired: 'mute', commanded: 'mute' });
  });
});

describe('mute (S3)', () => {
  const live = () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(500);
    expect(pair.gate.phase).toBe('live');
    return pair;
  };

  test('a verdict that turns to mute is sent at once', () => {
    const pair = live();
    pair.want(MUTE);
    expect(pair.sent.at(-1)?.at).toBe(pair.now);
    expect(pair.of('mute')[0]).toMatchObject({ reason: 'policy' });
    expect(pair.gate.phase).toBe('muted');
  });

  test('is resent every 100 ms with the same number until a later state shows it', () => {
    const pair = live();
    pair.deaf = true;
    pair.take({ type: 'mute', reason: 'cli' });
    pair.want(MUTE);
    pair.pass(550);
    const mutes = pair.sent.filter(({ message }) => message.type === 'mute');
    expect(mutes.map(({ at }) => at - mutes[0]!.at)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(new Set(pair.of('mute').map(({ seq }) => seq)).size).toBe(1);
    expect(pair.status).toMatchObject({ state: 'live', commanded: 'mute' });
    pair.deaf = false;
    pair.pass(150);
    const count = pair.of('mute').length;
    pair.pass(2_000);
    expect(pair.of('mute')).toHaveLength(count);
    expect(pair.status).toMatchObject({ state: 'muted', evidence: 'sensed' });
  });

  test('is resent less often while the computer is too busy to read what the gate has answered, but never given up', () => {
    const pair = live();
    pair.deaf = true;
    pair.lateMs = 150;
    pair.take({ type: 'mute', reason: 'cli' });
    pair.want(MUTE);
    const sentAt = () => pair.sent.flatMap(({ at, message }) => (message.type === 'mute' ? [at] : []));
    const gaps = (times: number[]) => times.slice(1).map((at, i) => at - times[i]!);
    pair.pass(4_000);
    expect(sentAt()[0]).toBe(pair.now - 4_000);
    expect(Math.min(...gaps(sentAt()).slice(1))).toBeGreaterThanOrEqual(500);
    expect(Math.max(...gaps(sentAt()))).toBeLessThanOrEqual(1_300);
    pair.lateMs = 0;
    pair.pass(2_000);
    const before = sentAt().length;
    pair.pass(1_000);
    expect(sentAt().length - before).toBeGreaterThanOrEqual(9);
  });

  test('an old state that says muted proves nothing', () => {
    const pair = new Pair().ready();
    const old = pair.gate.state();
    pair.deaf = true;
    pair.mumbling = true;
    pair.pass(50);
    pair.take({ type: 'mute', reason: 'cli' });
    pair.mumbling = false;
    pair.hear([old]);
    pair.pass(250);
    expect(pair.of('mute')).toHaveLength(3);
  });

  test('while the link is down it stays commanded and is the first thing sent', () => {
    const pair = live();
    pair.down();
    pair.take({ type: 'mute', reason: 'homeassistant' });
    pair.want(MUTE);
    expect(pair.status).toMatchObject({ commanded: 'mute', state: 'unknown', link: 'down' });
    const before = pair.sent.length;
    pair.up();
    expect(pair.sent[before]?.message).toMatchObject({ type: 'mute', reason: 'homeassistant' });
    expect(pair.gate.phase).toBe('muted');
    pair.pass(1_000);
    expect(pair.status.state).toBe('muted');
  });

  test('needs no handshake', () => {
    const pair = new Pair();
    pair.deaf = true;
    pair.up();
    pair.take({ type: 'mute', reason: 'cli' });
    expect(types(pair)).toEqual(['hello', 'mute']);
  });

  test('no allow while a mute is not proven', () => {
    const pair = live();
    pair.mumbling = true;
    pair.take({ type: 'mute', reason: 'cli' });
    const before = pair.of('allow').length;
    pair.pass(8_000);
    expect(pair.of('allow')).toHaveLength(before);
    pair.mumbling = false;
    pair.pass(3_000);
    // The verdict still says listen: the next lease follows.
    expect(pair.of('allow').length).toBeGreaterThan(before);
  });

  test('a mute that the gate takes for a resend is given another number', () => {
    const pair = new Pair().ready();
    pair.gate.lastMuteSeq = pair.twin.muteSeq + 1;
    pair.take({ type: 'mute', reason: 'cli' });
    pair.pass(2_500);
    expect(pair.twin.mute).toBeNull();
    expect(new Set(pair.of('mute').map(({ seq }) => seq)).size).toBe(2);
  });

  test('stopping mutes a gate that may be live, and gives no lease after it', () => {
    const pair = live();
    pair.take({ type: 'stop' });
    expect(pair.of('mute')[0]).toMatchObject({ reason: 'stop' });
    const before = pair.of('allow').length;
    pair.pass(4_000);
    expect(pair.of('allow')).toHaveLength(before);
    expect(pair.gate.phase).toBe('muted');
  });

  test('S4: stopping also mutes a muted gate, so that its button grants nothing any more', () => {
    const pair = new Pair().ready();
    pair.want(verdict({ buttonMs: 90_000 }));
    pair.pass(200);
    pair.take({ type: 'stop' });
    expect(pair.of('mute')).toMatchObject([{ reason: 'stop' }]);
    // Proven by the answer: nothing is waited for.
    expect(isAtRest(pair.twin, pair.at)).toBe(true);
  });

  test('stopping waits for no proof of a gate that was never greeted', () => {
    const pair = new Pair();
    pair.take({ type: 'stop' });
    expect(isAtRest(pair.twin, pair.at)).toBe(true);
  });
});

describe('refusals', () => {
  test('old-sequence: jumps ahead of what the gate knows, in a few steps', () => {
    const pair = new Pair();
    pair.gate.lastSeq = pair.twin.seq + 40_000_000;
    pair.want(LISTEN);
    pair.ready();
    pair.pass(3_000);
    expect(pair.gate.phase).toBe('live');
    expect(pair.of('allow').length).toBeLessThan(30);
  });

  test('old-sequence at the end of the numbers does not loop', () => {
    const pair = new Pair();
    pair.gate.lastSeq = 0xffffffff;
    pair.want(LISTEN);
    pair.ready();
    pair.pass(30_000);
    expect(pair.of('allow').length).toBeLessThan(40);
    expect(pair.status.problem?.code).toBe('old-sequence');
  });

  test('unseen: the events are fetched, then it is tried again', () => {
    const pair = new Pair().ready();
    // An event that neither arrived nor was announced.
    pair.mumbling = true;
    pair.gate.record('press', 'not-permitted', 100);
    pair.mumbling = false;
    pair.want(LISTEN);
    pair.pass(400);
    expect(pair.gate.phase).toBe('live');
    expect(pair.delivered.map(({ kind }) => kind)).toEqual(['boot', 'press', 'live']);
  });

  test('locked: shown, retried at the next renewal, and at once when it is over', () => {
    const pair = new Pair().ready();
    pair.gate.flags.locked = true;
    pair.hear([pair.gate.state()]);
    pair.want(LISTEN);
    const began = pair.of('allow').length;
    pair.pass(6_500);
    expect(pair.of('allow').length - began).toBeLessThanOrEqual(3);
    expect(pair.status).toMatchObject({ locked: true, problem: { code: 'locked' }, state: 'muted' });
    pair.gate.flags.locked = false;
    pair.hear([pair.gate.state()]);
    expect(pair.gate.phase).toBe('live');
  });

  test('the same refusal again and again asks for nothing', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    const { seq } = pair.of('allow').at(-1)!;
    const before = pair.sent.length;
    for (const reason of ['unseen', 'wrong-boot', 'old-sequence', 'ceiling'] as const) {
      for (let i = 0; i < 100; i++) pair.hear([{ type: 'nak', message: 2, seq, reason }]);
    }
    expect(pair.sent.length - before).toBeLessThan(5);
  });
});

describe('lock', () => {
  test('is sent again until the gate shows it, without a lease meanwhile', () => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.deaf = true;
    pair.take({ type: 'lock' });
    const allows = pair.of('allow').length;
    pair.pass(1_200);
    expect(pair.of('lock')).toHaveLength(3);
    expect(pair.of('allow')).toHaveLength(allows);
    pair.deaf = false;
    pair.pass(600);
    expect(pair.status.locked).toBe(true);
    expect(pair.twin.lockWanted).toBe(false);
  });

  test('an old state that says locked proves nothing', () => {
    const pair = new Pair().ready();
    pair.gate.flags.locked = true;
    const old = pair.gate.state();
    pair.gate.flags.locked = false;
    pair.deaf = true;
    pair.mumbling = true;
    pair.pass(100);
    pair.take({ type: 'lock' });
    pair.mumbling = false;
    pair.hear([old]);
    expect(pair.status).toMatchObject({ locked: true, pending: { lock: true } });
    pair.deaf = false;
    pair.pass(600);
    expect(pair.status).toMatchObject({ locked: true, pending: { lock: false } });
  });

  test('on a link that is down: muted first, locked after the handshake', () => {
    const pair = new Pair();
    pair.take({ type: 'lock' });
    pair.ready();
    expect(types(pair).slice(0, 2)).toEqual(['mute', 'hello']);
    expect(pair.gate.flags.locked).toBe(true);
  });
});

describe('what is said', () => {
  test('silence is unknown after 3 s, never muted', () => {
    const pair = new Pair().ready();
    expect(pair.status).toMatchObject({ state: 'muted', link: 'up' });
    pair.mumbling = true;
    pair.pass(4_100);
    expect(pair.status).toMatchObject({ state: 'unknown', link: 'silent', problem: { code: 'port-silent' } });
  });

  test('a state that lay in a buffer is as old as its uptime says', () => {
    const pair = new Pair().ready();
    const stale = [pair.gate.state()];
    pair.mumbling = true;
    pair.pass(10_000);
    pair.mumbling = false;
    pair.hear(stale);
    expect(pair.status.state).toBe('unknown');
  });

  test('nothing is known of a gate while the link is down', () => {
    const pair = new Pair().ready();
    pair.down();
    expect(pair.status).toMatchObject({ state: 'unknown', evidence: 'none', link: 'down', locked: null });
    expect(pair.status.reported).toMatchObject({ state: 'muted' });
  });

  test('a computer that slept does not take an old report for a new one', () => {
    const pair = new Pair().ready();
    pair.utcOffset += 3_600_000;
    expect(pair.status.state).toBe('unknown');
  });
});

describe('sequence numbers', () => {
  test('S10: numbers used up in one boot of the gate are no harm to the next', () => {
    const pair = new Pair().ready();
    pair.gate.lastSeq = 2 ** 32 - 1;
    pair.want(LISTEN);
    pair.pass(20_000);
    expect(pair.gate.phase).not.toBe('live');
    pair.gate.reset(false);
    pair.pass(5_000);
    expect(pair.gate.phase).toBe('live');
  });
});
