import { describe, expect, test } from '@jest/globals';
import { buttonEvent, decisionEvent, type Seen, stateOf } from '../../controller/homeassistant/state.ts';
import type { GateView } from '../../schemas/api.ts';
import { REASON_STATES } from '../../schemas/homeassistant-mqtt.ts';
import { gateView } from '../daemon/gate-view.ts';

const AT = '2026-11-26T07:00:00.000Z';
const MUTED = gateView({ reported: { state: 'muted', at: AT } });
const seen = (change: Partial<GateView>): Seen => ({
  view: { ...MUTED, ...change },
  firmware: '0.1.0',
  rules: [],
  listensUntil: null,
  exposure: { live: 40, unknown: 2 },
  lastRefusal: null,
  refusals: 0,
});

describe('the state of a gate for Home Assistant', () => {
  test.each([
    ['muted and sensed', {}, 'OFF', 'OFF'],
    ['muted, relay verified', { evidence: 'driven' }, 'OFF', 'OFF'],
    ['live under a lease', { state: 'live', desired: 'listen' }, 'ON', 'ON'],
    ['live although mute is wanted', { state: 'live' }, 'ON', 'ON'],
    ['on its way to muted', { state: 'unknown', evidence: 'none' }, 'ON', null],
    ['not verified, or silent', { state: 'unknown', evidence: 'none', link: 'silent' }, 'ON', null],
    ['about to open', { desired: 'listen' }, 'OFF', 'ON'],
    ['unknown while it may listen', { state: 'unknown', evidence: 'none', desired: 'listen' }, 'ON', 'ON'],
  ] as const)('S6 %s: only a proven muted is called not live', (_, change, live, microphone) => {
    expect(stateOf(seen(change))).toMatchObject({ live, microphone });
  });

  test('unknown counts as live: the time of today is that of both, and each for itself', () => {
    expect(stateOf(seen({}))).toMatchObject({ exposure_today: 42, exposure: { live: 40, unknown: 2 } });
  });

  test('a lock that is locked is safe in the words of Home Assistant', () => {
    expect([true, false, null].map((locked) => stateOf(seen({ locked })).lock)).toEqual(['OFF', 'ON', null]);
  });

  test('the mode names who decides', () => {
    const override = (kind: 'hold' | 'grant') => ({ kind, until: null, source: 'cli' });
    expect(stateOf(seen({})).mode).toBe('auto');
    expect(stateOf(seen({ override: override('hold') })).mode).toBe('muted');
    expect(stateOf(seen({ override: override('grant') })).mode).toBe('unmuted');
  });

  test('the end is that of listening, and the reason is always one that was announced', () => {
    const reason = { code: 'grant', text: 'unmuted from Home Assistant', until: AT };
    const starting = { code: 'starting', text: 'the speaker is starting', until: '2026-11-26T06:15:45.000Z' };
    const view = seen({ reason: starting, state: 'live', desired: 'listen' });
    expect(stateOf({ ...view, listensUntil: AT })).toMatchObject({
      listens_until: AT,
      attributes: { until: starting.until },
    });
    expect(stateOf(seen({ reason: { ...reason, code: 'hold' } })).listens_until).toBe(null);
    for (const code of ['port-silent', 'button-down', 'something-new', 'never-rule'])
      expect(Object.keys(REASON_STATES)).toContain(stateOf(seen({ reason: { ...reason, code } })).reason);
    expect(stateOf(seen({ reason: { ...reason, code: 'port-silent' } })).reason).toBe('link');
  });

  test('a fault is told while the gate is heard, and not known otherwise', () => {
    expect(stateOf(seen({ fault: 'sense-live' })).fault).toBe('ON');
    expect(stateOf(seen({})).fault).toBe('OFF');
    expect(stateOf(seen({ link: 'silent' })).fault).toBe(null);
  });
});

describe('events for Home Assistant', () => {
  const event = (kind: 'live' | 'mute' | 'press' | 'lock' | 'unlock', reason: string) =>
    buttonEvent({
      gate: 'kitchen',
      boot: 1,
      seq: 1,
      kind,
      reason: reason as never,
      detail: 0,
      uptimeMs: 0,
      at: Date.parse(AT),
      atErrorMs: 0,
    });

  test('what happens at the button, in words for buttons', () => {
    expect(event('mute', 'press')).toEqual({ event_type: 'press_start', at: AT, granted: false });
    expect(event('live', 'button')).toEqual({ event_type: 'press_end', at: AT, granted: true });
    expect(event('press', 'not-permitted')).toEqual({ event_type: 'press_end', at: AT, granted: false });
    expect(event('lock', 'press')?.event_type).toBe('long_press_start');
    expect(event('unlock', 'press')?.event_type).toBe('long_press_end');
    expect([event('mute', 'cli'), event('live', 'allow'), event('lock', 'lock')]).toEqual([null, null, null]);
  });

  test('a state that has changed is told once, and the first one is no event', () => {
    const live = { ...MUTED, state: 'live' as const };
    expect(decisionEvent(null, live, AT)).toBe(null);
    expect(decisionEvent(live, live, AT)).toBe(null);
    expect(decisionEvent(live, MUTED, AT)).toEqual({
      event_type: 'muted',
      at: AT,
      reason: 'no-rule',
      explanation: 'no rule lets it listen',
    });
  });

  test('that it moves is no decision; that it is not heard is one, and so is what comes of it', () => {
    const unknown = (code: string): GateView => ({
      ...MUTED,
      state: 'unknown',
      evidence: 'none',
      reason: { code, text: code, until: null },
    });
    const live = { ...MUTED, state: 'live' as const };
    for (const code of ['moving', 'opening', 'closing'])
      expect(decisionEvent(live, unknown(code), AT)).toBe(null);
    for (const code of ['silent', 'fault', 'unverified', 'contested'])
      expect(decisionEvent(live, unknown(code), AT)?.event_type).toBe('unknown');
    expect(decisionEvent(unknown('silent'), MUTED, AT)?.event_type).toBe('muted');
  });
});
