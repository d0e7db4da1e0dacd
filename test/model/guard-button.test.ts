/** The reference model against `design.md` section 6 and `docs/protocol.md`: button, lock, settings, faults, contested. */
import { describe, expect, test } from '@jest/globals';
import { gate, started } from './model-driver.ts';

describe('button', () => {
  test('begun while live: mutes at the edge and only that', () => {
    const g = started();
    g.allow();
    g.put({ type: 'button', down: true });
    expect(g.status).toMatchObject({ phase: 'closing', reason: 'press' });
    g.wait(5000);
    g.put({ type: 'button', down: false });
    g.wait(20);
    expect(g.events.slice(1)).toEqual(['live allow', 'mute press']);
    expect(g.status.locked).toBe(false);
  });

  test.each([
    [49, []],
    [50, ['live button']],
    [2999, ['live button']],
    [3000, ['lock press']],
    [9999, ['lock press']],
    [10_000, ['lock press', 'fault button-stuck']],
  ])('begun while muted and %i ms long: %j', (ms, events) => {
    const g = started();
    g.allow({ liveUntil: 0, buttonUntil: g.now + 100_000 });
    g.press(ms);
    expect(g.events.slice(1)).toEqual(events);
  });

  test('grants what was permitted, cut to its end, and ends alone', () => {
    const g = started();
    g.allow({ liveUntil: 0, buttonUntil: g.now + 1120, buttonMs: 5000 });
    g.press(100);
    expect(g.status).toMatchObject({ reason: 'button', leaseEnd: g.now + 1000 });
    g.wait(1000);
    expect(g.status.reason).toBe('lease-end');
  });

  test.each<[string, (g: ReturnType<typeof gate>) => void, string]>([
    ['nothing permits it', () => undefined, 'press not-permitted'],
    [
      'the permission is older than 10 s',
      (g) => {
        g.allow({ liveUntil: 0 });
        g.wait(10_000);
      },
      'press not-permitted',
    ],
    [
      'two controllers speak',
      (g) => {
        g.allow({ liveUntil: 0 });
        g.hello(1);
        g.hello(2);
      },
      'press contested',
    ],
    ['the permission has no length', (g) => g.allow({ liveUntil: 0, buttonMs: 0 }), 'press not-permitted'],
  ])('is refused when %s', (_, prepare, event) => {
    const g = started();
    prepare(g);
    g.press(100);
    expect(g.events.at(-1)).toBe(event);
    expect(g.status.phase).toBe('muted');
  });

  test('a mute during the press overrules it', () => {
    const g = started();
    g.mute(1);
    g.allow({ liveUntil: 0 });
    g.put({ type: 'button', down: true });
    g.wait(50);
    g.mute(1);
    g.wait(50);
    g.put({ type: 'button', down: false });
    g.wait(20);
    expect(g.events.at(-1)).toBe('press overruled');
  });

  test('bounce at either end neither counts twice nor shortens the press', () => {
    const g = started();
    g.allow({ liveUntil: 0 });
    for (const down of [true, false, true, false, true]) {
      g.put({ type: 'button', down });
      g.wait(1);
    }
    g.wait(45);
    for (const down of [false, true, false]) {
      g.put({ type: 'button', down });
      g.wait(1);
    }
    g.wait(20);
    expect(g.events.slice(1)).toEqual(['live button']);
  });

  test('down at a reset counts only after it has been up', () => {
    const g = started();
    g.put({ type: 'button', down: true });
    g.put({ type: 'reset', cause: 'external-reset' });
    g.put({ type: 'committed' });
    g.wait(20_000);
    g.allow();
    g.put({ type: 'button', down: false });
    g.wait(20);
    expect(g.events.slice(1)).toEqual(['boot external-reset']);
    expect(g.naks).toEqual(['button-down']);
  });

  test('alone grants only without a controller for 10 s and never in the first 10 s', () => {
    const g = started();
    g.write(3, 60);
    g.press(100);
    g.press(100);
    g.wait(10_000);
    g.press(100);
    expect(g.events.slice(1)).toEqual(['setting setting', 'press not-permitted', 'live button-alone']);
    expect(g.status.leaseEnd).toBe(g.now + 60_000);
    g.press(100);
    g.allow({ liveUntil: 0, buttonMs: 0 });
    g.wait(9000);
    g.press(100);
    expect(g.events.at(-1)).toBe('press not-permitted');
  });
});

describe('lock', () => {
  test('by a long press is released only by another', () => {
    const g = started();
    g.press(3000);
    expect(g.status).toMatchObject({ locked: true, reason: 'lock' });
    g.allow();
    g.write(3, 60);
    g.press(100);
    g.press(3000);
    expect(g.naks).toEqual(['locked', 'locked']);
    expect(g.events.slice(1)).toEqual(['lock press', 'press locked', 'unlock press']);
  });

  test('takes the permission of the button along', () => {
    const g = started();
    g.allow({ liveUntil: 0 });
    g.press(3000);
    g.press(3000);
    g.press(100);
    expect(g.events.at(-1)).toBe('press not-permitted');
  });

  test('received during a press keeps its release from unlocking', () => {
    const g = started();
    g.press(3000);
    g.put({ type: 'button', down: true });
    g.wait(3500);
    g.put({ type: 'message', message: { type: 'lock', boot: 1, seq: 99 }, authenticator: 'none' });
    g.put({ type: 'button', down: false });
    g.wait(20);
    g.put({ type: 'unlocked' });
    expect(g.events.slice(1)).toEqual(['lock press']);
    expect(g.status.locked).toBe(true);
  });

  test('by the controller acts while starting, and survives the supply', () => {
    const g = gate();
    g.put({ type: 'power', on: true });
    g.put({ type: 'message', message: { type: 'lock', boot: 1, seq: 1 }, authenticator: 'none' });
    g.put({ type: 'power', on: false });
    g.start();
    expect(g.status).toMatchObject({ boot: 2, locked: true, newest: 1 });
  });
});

describe('settings', () => {
  test('that need a press wait 30 s for it', () => {
    const g = started();
    g.write(2, 500);
    g.wait(30_000);
    g.press(100);
    expect(g.events.slice(1)).toEqual(['press not-permitted']);
    g.write(2, 500);
    expect(g.status.confirming).toBe(true);
    g.press(100);
    expect(g.status).toMatchObject({ confirming: false, reason: 'setting', phase: 'closing' });
    g.wait(500);
    expect(g.status.phase).toBe('muted');
  });

  test('are dropped by a lease, and confirmed only by a press that began while they waited and was not overruled', () => {
    const g = started();
    g.write(2, 500);
    g.allow({ liveUntil: g.now + 100, buttonMs: 0 });
    expect(g.status.confirming).toBe(false);
    g.wait(200);
    g.put({ type: 'button', down: true });
    g.write(2, 500);
    g.put({ type: 'button', down: true });
    g.wait(100);
    g.put({ type: 'button', down: false });
    g.wait(20);
    expect(g.status.confirming).toBe(true);
    g.put({ type: 'button', down: true });
    g.mute(1);
    g.wait(100);
    g.put({ type: 'button', down: false });
    g.wait(20);
    expect(g.events.at(-1)).toBe('press overruled');
    g.press(100);
    expect(g.events.at(-1)).toBe('setting setting');
  });

  test('are refused while live, out of range or unknown', () => {
    const g = started();
    g.allow();
    g.write(2, 500);
    g.write(99, 1);
    g.write(6, 10);
    g.mute(1);
    g.wait(50);
    g.write(2, 5001);
    g.write(6, 0);
    expect(g.naks).toEqual(['not-muted', 'unknown-setting', 'range', 'range']);
    expect(g.events).toContain('setting setting');
  });
});

describe('sense and faults', () => {
  const sensed = () => {
    const g = started();
    g.write(1, 1);
    g.press(100);
    g.wait(100);
    return g;
  };

  test('hearing for longer than the travel time while off is a fault that a press clears after a second of agreement', () => {
    const g = sensed();
    g.put({ type: 'sense', high: true });
    g.wait(55);
    expect(g.status.fault).toBe('none');
    g.wait(1);
    expect(g.status).toMatchObject({ fault: 'sense-live', reason: 'fault', senseHears: true });
    g.press(100);
    g.put({ type: 'sense', high: false });
    g.wait(900);
    g.press(60);
    g.press(60);
    expect(g.events.slice(2)).toEqual(['fault sense-live', 'press faulty', 'press faulty', 'cleared press']);
  });

  test('deaf for longer than the travel time while on is a fault; the first one stays', () => {
    const g = sensed();
    g.allow();
    g.wait(51);
    expect(g.status).toMatchObject({ fault: 'sense-deaf', phase: 'closing' });
    g.put({ type: 'sense', high: true });
    g.wait(1000);
    expect(g.status.fault).toBe('sense-deaf');
    expect(g.events.slice(2)).toEqual(['live allow', 'mute fault', 'fault sense-deaf']);
  });

  test('a fault survives every reset but power loss', () => {
    const g = started();
    g.press(10_000);
    g.put({ type: 'reset', cause: 'watchdog' });
    expect(g.status).toMatchObject({ fault: 'button-stuck', locked: true, newest: 4 });
    g.put({ type: 'power', on: false });
    g.put({ type: 'power', on: true });
    expect(g.status).toMatchObject({ fault: 'none', locked: true, newest: 1 });
  });
});

describe('contested', () => {
  test('a second controller mutes the gate for 30 s after its last rival hello', () => {
    const g = started();
    g.hello(1);
    g.allow();
    g.wait(5000);
    g.hello(2);
    expect(g.status).toMatchObject({ contested: true, reason: 'contested', phase: 'closing' });
    g.wait(20_000);
    g.hello(2);
    g.wait(9_999);
    g.allow();
    g.wait(1);
    g.allow();
    expect(g.naks).toEqual(['contested']);
    expect(g.status.phase).toBe('opening');
  });

  test('not when the first one has been silent for 30 s', () => {
    const g = started();
    g.hello(1);
    g.wait(30_001);
    g.hello(2);
    expect(g.status.contested).toBe(false);
  });
});
