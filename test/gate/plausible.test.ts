import { describe, expect, test } from '@jest/globals';
import { LISTEN, Pair } from './pair.ts';

const HOUR = 3_600_000;

describe('a state that cannot be true', () => {
  test('S10: with a leap of its uptime is one of a kind: the gate is heard on', () => {
    const pair = new Pair().ready();
    pair.hear([{ ...pair.gate.state(), uptime: pair.gate.uptime + 24 * HOUR, phase: 'live' }]);
    expect(pair.status.state).toBe('muted');
    pair.pass(4_000);
    expect(pair.status).toMatchObject({ state: 'muted', link: 'up' });
    pair.want(LISTEN);
    pair.pass(100);
    expect(pair.gate.phase).toBe('live');
    expect(pair.logged.some((line) => /a state with uptime/.test(line))).toBe(true);
  });

  test('S10: as the first of a connection does not make the true ones unbelievable for ever', () => {
    const pair = new Pair().ready();
    pair.down();
    pair.pass(1_000);
    pair.connected = true;
    pair.take({ type: 'up' });
    pair.twin = { ...pair.twin, report: null, track: { offset: null, anchors: [] } };
    pair.hear([{ ...pair.gate.state(), uptime: pair.gate.uptime + 24 * HOUR }]);
    pair.pass(4_500);
    expect(pair.status).toMatchObject({ state: 'muted', link: 'up' });
    pair.want(LISTEN);
    pair.pass(1_000);
    expect(pair.gate.phase).toBe('live');
  });

  test('is believed when others confirm it: a clock that really leapt wedges nothing', () => {
    const pair = new Pair().ready();
    pair.gate.leap(10 * 60_000);
    pair.pass(2_500);
    expect(pair.status.state).not.toBe('live');
    pair.pass(3_000);
    expect(pair.status).toMatchObject({ state: 'muted', link: 'up' });
    pair.take({ type: 'mute', reason: 'cli' });
    pair.pass(2_000);
    expect(pair.twin.mute).toBeNull();
    pair.want(LISTEN);
    pair.pass(3_500);
    expect(pair.gate.phase).toBe('live');
  });

  test('S7: three copies at once confirm nothing', () => {
    const pair = new Pair().ready();
    const forged = { ...pair.gate.state(), uptime: pair.gate.uptime + 24 * HOUR };
    for (let i = 0; i < 20; i++) pair.hear([forged]);
    pair.pass(2_000);
    expect(pair.twin.report!.message.uptime).toBeLessThan(24 * HOUR);
  });
});
