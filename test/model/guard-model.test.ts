/** The reference model against sentences of `design.md` section 6 and `docs/protocol.md`: messages, lease, events. */
import { describe, expect, test } from '@jest/globals';
import { gate, started } from './model-driver.ts';

describe('lease', () => {
  test('begins with an allow and ends alone at its time', () => {
    const g = started();
    g.allow({ liveUntil: g.now + 5000 });
    expect(g.status.phase).toBe('opening');
    g.wait(4999);
    expect(g.status.phase).toBe('live');
    g.wait(1);
    expect(g.status).toMatchObject({ phase: 'closing', reason: 'lease-end', leaseEnd: null });
    expect(g.events).toEqual(['boot power-on', 'live allow', 'mute lease-end']);
  });

  test('is replaced, longer or shorter, without another event', () => {
    const g = started();
    g.allow();
    g.allow({ liveUntil: g.now + 100 });
    g.wait(100);
    expect(g.events.slice(1)).toEqual(['live allow', 'mute lease-end']);
  });

  test('an allow without a lease ends it and is the keep-alive of a muted gate', () => {
    const g = started();
    g.allow({ liveUntil: 0 });
    g.allow();
    g.allow({ liveUntil: 0 });
    expect(g.status.reason).toBe('withdrawn');
    expect(g.events.slice(1)).toEqual(['live allow', 'mute withdrawn']);
  });
});

describe('allow is refused in this order', () => {
  test('starting', () => {
    const g = gate();
    g.put({ type: 'power', on: true });
    g.wait(100);
    g.allow({ boot: 77 });
    g.put({ type: 'committed' });
    g.allow();
    expect(g.naks).toEqual(['starting']);
    expect(g.status.phase).toBe('opening');
  });

  test('wrong-boot, old-sequence, unseen, locked, faulty, contested, button-down, past, ceiling', () => {
    const g = started();
    g.mute(1);
    const bad = { seq: 0, seen: 0, liveUntil: 1 };
    g.allow({ ...bad, boot: 2 });
    g.allow(bad);
    g.allow({ ...bad, seq: 1 });
    g.hello(1);
    g.hello(2);
    g.press(3000);
    g.allow({ liveUntil: 1 });
    g.press(3000);
    g.wait(30_000);
    g.allow();
    g.put({ type: 'button', down: true });
    g.wait(10_000);
    g.hello(3);
    g.allow({ liveUntil: 1 });
    g.put({ type: 'button', down: false });
    g.wait(1100);
    g.press(100);
    g.put({ type: 'button', down: true });
    g.allow({ liveUntil: 1 });
    expect(g.naks).toEqual(['wrong-boot', 'old-sequence', 'unseen', 'locked', 'faulty', 'contested']);
  });

  test('button-down only with a lease, then past and ceiling', () => {
    const g = started();
    g.put({ type: 'button', down: true });
    g.allow();
    g.allow({ liveUntil: 0 });
    g.put({ type: 'button', down: false });
    g.wait(20);
    g.allow({ liveUntil: g.now });
    g.allow({ liveUntil: g.now + 30_001 });
    g.allow({ buttonMs: 900_001 });
    g.allow({ buttonUntil: g.now + 900_001, liveUntil: 0 });
    g.allow({ liveUntil: g.now + 30_000, buttonMs: 900_000 });
    expect(g.naks).toEqual(['button-down', 'past', 'ceiling', 'ceiling', 'ceiling']);
    expect(g.status.phase).toBe('opening');
  });

  test('unseen also for what has not happened yet, and for the boot', () => {
    const g = started();
    g.allow({ seen: 2 });
    g.allow({ seen: 0 });
    expect(g.naks).toEqual(['unseen', 'unseen']);
  });

  test('and a refused one changes nothing, not even the sequence', () => {
    const g = started();
    const seen = g.state.newest;
    g.mute(1);
    g.allow({ seq: 500, seen });
    g.allow({ seq: 500 });
    expect(g.naks).toEqual(['unseen']);
    expect(g.status.phase).toBe('opening');
  });
});

describe('mute', () => {
  test('advances the number to be seen also on a muted gate, but not by a resend', () => {
    const g = started();
    g.mute(1);
    g.mute(1);
    const seen = g.state.newest;
    g.allow({ seen });
    g.mute(1);
    expect(g.events.slice(1)).toEqual(['mute cli', 'live allow', 'mute cli']);
  });

  test('counts as a resend for 2 s only', () => {
    const g = started();
    g.mute(1);
    g.wait(1999);
    g.mute(1);
    g.wait(2000);
    g.mute(1);
    expect(g.events.slice(1)).toEqual(['mute cli', 'mute cli']);
  });

  test('by a controller that stops takes the permission of the button', () => {
    const g = started();
    g.allow({ liveUntil: 0 });
    g.put({ type: 'message', message: { type: 'mute', seq: 2, reason: 'stop' }, authenticator: 'none' });
    g.press(100);
    expect(g.events.at(-1)).toBe('press not-permitted');
  });

  test('leaves the reason of a gate that is not live', () => {
    const g = started();
    g.mute(1);
    expect(g.status.reason).toBe('power-on');
    g.allow();
    g.mute(1);
    g.put({ type: 'message', message: { type: 'mute', seq: 2, reason: 'policy' }, authenticator: 'none' });
    expect(g.status.reason).toBe('cli');
  });

  test('whose reason is none of a host is garbled', () => {
    const g = started();
    g.put({ type: 'message', message: { type: 'mute', seq: 2, reason: 'lease-end' }, authenticator: 'none' });
    expect(g.events.at(-1)).toBe('mute garbled');
  });

  test('garbled acts and is always recorded', () => {
    const g = started();
    g.allow();
    g.put({ type: 'garbled-mute' });
    g.put({ type: 'garbled-mute' });
    expect(g.status).toMatchObject({ phase: 'closing', reason: 'garbled' });
    expect(g.events.slice(2)).toEqual(['mute garbled', 'mute garbled']);
  });

  test('a renewal on its way cannot reopen a gate that was pressed or muted', () => {
    const g = started();
    g.allow();
    const seen = g.state.newest;
    g.press(100);
    g.allow({ seen });
    g.mute(1);
    g.allow({ seen: seen + 1 });
    expect(g.naks).toEqual(['unseen', 'unseen']);
  });
});

describe('events', () => {
  test('are numbered over resets, overflow into a count, and go when stored', () => {
    const g = started();
    for (let i = 0; i < 40; i++) g.mute(i);
    expect(g.state.ring.map(({ seq }) => seq)).toEqual(Array.from({ length: 32 }, (_, i) => i + 10));
    expect(g.status).toMatchObject({ newest: 41, lost: 9 });
    g.put({ type: 'reset', cause: 'external-reset' });
    expect(g.status).toMatchObject({ boot: 2, newest: 42, lost: 10 });
    const { boot, newest } = g.status;
    for (const event of [newest + 1, newest - 2])
      g.put({ type: 'message', message: { type: 'stored', boot, event }, authenticator: 'none' });
    expect(g.state.ring.map(({ seq }) => seq)).toEqual([41, 42]);
    g.put({ type: 'message', message: { type: 'stored', boot: 1, event: newest }, authenticator: 'none' });
    expect(g.state.ring).toHaveLength(2);
  });
});

test('stepping in one piece or millisecond by millisecond is the same', () => {
  const run = (pieces: number) => {
    const g = started();
    g.allow();
    g.put({ type: 'button', down: true });
    for (let i = 0; i < 12_000; i += pieces) g.wait(pieces);
    g.put({ type: 'button', down: false });
    for (let i = 0; i < 3000; i += pieces) g.wait(pieces);
    return { effects: g.effects, state: g.state };
  };
  expect(run(1)).toEqual(run(3000));
});
