import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EXCHANGE_MS } from '../../controller/gate/exchange.ts';
import type { Verdict } from '../../controller/policy/verdict.ts';
import {
  EVENT_KINDS,
  type EventKind,
  type GateMessage,
  type HostMessage,
  PHASES,
  type Phase,
  REASONS,
  type Reason,
} from '../../schemas/protocol.ts';
import { Pair, verdict } from './pair.ts';
import { ScriptedGate } from './scripted-gate.ts';

type Action =
  | {
      readonly do: 'want';
      readonly listen: boolean;
      readonly untilIn: number | null;
      readonly buttonMs: number;
    }
  | { readonly do: 'mute' | 'lock' | 'unlock' | 'up' | 'down' | 'press' | 'reset' | 'power loss' }
  | { readonly do: 'grant' | 'pass'; readonly ms: number }
  | { readonly do: 'deaf' | 'mumbling'; readonly on: boolean }
  | { readonly do: 'sink'; readonly outcome: 'throw' | 'fail' | undefined }
  | { readonly do: 'ask'; readonly op: 'read' | 'write'; readonly setting: number }
  | { readonly do: 'trust'; readonly product: 'uno-relay' | 'uno-servo' | null }
  | { readonly do: 'hear'; readonly message: GateMessage };

const want = fc.record({
  do: fc.constant('want' as const),
  listen: fc.boolean(),
  untilIn: fc.option(fc.integer({ min: -100, max: 12_000 })),
  buttonMs: fc.constantFrom(0, 5_000, 900_000, 2_000_000),
});
const plain = fc.record({
  do: fc.constantFrom('mute', 'lock', 'unlock', 'up', 'down', 'press', 'reset', 'power loss'),
}) as fc.Arbitrary<Action>;
const lasting = fc.record({
  do: fc.constantFrom('grant', 'pass', 'pass', 'pass'),
  ms: fc.integer({ min: 1, max: 5_000 }),
}) as fc.Arbitrary<Action>;
const faulty = fc.record({
  do: fc.constantFrom('deaf', 'mumbling'),
  on: fc.boolean(),
}) as fc.Arbitrary<Action>;
const sink = fc.record({
  do: fc.constant('sink' as const),
  outcome: fc.constantFrom('throw' as const, 'fail' as const, undefined, undefined),
});
const ask = fc.record({
  do: fc.constant('ask' as const),
  op: fc.constantFrom('read' as const, 'write' as const),
  setting: fc.integer({ min: 0, max: 13 }),
});
const trust = fc.record({
  do: fc.constant('trust' as const),
  product: fc.constantFrom('uno-relay' as const, 'uno-servo' as const, null),
});
const honest: fc.Arbitrary<Action> = fc.oneof(want, plain, lasting, lasting, faulty, sink, ask, trust);

const small = fc.integer({ min: 0, max: 6 });
const bit = fc.boolean();
const reason = fc.constantFrom(...(Object.keys(REASONS) as Reason[]));
const message: fc.Arbitrary<GateMessage> = fc.oneof(
  fc.record({
    type: fc.constant('state' as const),
    boot: small,
    uptime: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constant(2 ** 40 - 1)),
    phase: fc.constantFrom(...(Object.keys(PHASES) as Phase[])),
    reason,
    leaseLeftMs: fc.constantFrom(0, 0, 5_000),
    flags: fc.record({
      locked: bit,
      contested: bit,
      sensePresent: bit,
      senseHears: bit,
      buttonDown: bit,
      confirming: bit,
      attemptsSpent: bit,
      verifying: bit,
    }),
    fault: fc.constantFrom<Reason[]>('none', 'none', 'sense-live'),
    inputs: fc.integer({ min: 0, max: 255 }),
    newest: fc.oneof(small, fc.constant(0xffffff)),
    liveMs: small,
    lost: small,
    challenge: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant('event' as const),
    boot: small,
    seq: small,
    uptime: fc.integer({ min: 0, max: 90_000 }),
    kind: fc.constantFrom(...(Object.keys(EVENT_KINDS) as EventKind[])),
    reason,
    detail: small,
  }),
  fc.record({
    type: fc.constant('nak' as const),
    message: small,
    seq: fc.integer({ min: 0, max: 0xffffffff }),
    reason,
  }),
  fc.record({
    type: fc.constant('value' as const),
    setting: fc.integer({ min: 0, max: 255 }),
    status: fc.constant('current' as const),
    value: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    challenge: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  small.map((boot) => ({ ...new ScriptedGate(0).identity(), boot })),
);
const hostile: fc.Arbitrary<Action> = fc.oneof(
  honest,
  message.map((heard) => ({ do: 'hear' as const, message: heard })),
);

let asked = 0;

function act(pair: Pair, action: Action): void {
  const { gate } = pair;
  switch (action.do) {
    case 'want':
      pair.want(wanted(pair, action));
      break;
    case 'mute':
      pair.take({ type: 'mute', reason: 'cli' });
      break;
    case 'lock':
      pair.take({ type: 'lock' });
      break;
    case 'unlock':
      gate.flags.locked = false;
      break;
    case 'up':
      if (!pair.connected) pair.up();
      break;
    case 'down':
      pair.down();
      break;
    case 'press':
      pair.hear(gate.press());
      break;
    case 'reset':
    case 'power loss':
      gate.reset(action.do === 'power loss');
      break;
    case 'grant':
      pair.hear(gate.grant(action.ms));
      break;
    case 'pass':
      pair.pass(action.ms, 20);
      break;
    case 'deaf':
    case 'mumbling':
      pair[action.do] = action.on;
      break;
    case 'sink':
      pair.onDeliver = () => action.outcome;
      break;
    case 'ask':
      // The session asks one after the other.
      if (!pair.twin.exchange)
        pair.take({ type: 'setting', id: ++asked, ask: { ...action, value: new Uint8Array(8) } });
      break;
    case 'trust':
      pair.take({ type: 'wiring', wiring: action.product && { product: action.product, gateId: '' } });
      break;
    case 'hear':
      pair.hear([action.message]);
      break;
    default:
      action satisfies never;
  }
}

function wanted(pair: Pair, { listen, untilIn, buttonMs }: Extract<Action, { do: 'want' }>): Verdict {
  return verdict({ listen, buttonMs, until: untilIn === null ? null : pair.at.utc + untilIn });
}

/** Looks at everything the twin sends and says, as it happens. */
function watch(pair: Pair, isHostile: boolean): void {
  let looked = 0;
  let heardMutedAt = Number.NEGATIVE_INFINITY;
  let lastMuteSent = Number.NEGATIVE_INFINITY;
  pair.onStep = () => {
    const { report } = pair.twin;
    if (report?.message.phase === 'muted') heardMutedAt = report.at.now;
    for (const { at, message: sent } of pair.sent.slice(looked)) {
      if (sent.type === 'mute') lastMuteSent = at;
      if (sent.type === 'allow') checkAllow(pair, sent, isHostile);
    }
    looked = pair.sent.length;
    if (pair.twin.mute && pair.connected) expect(pair.now - lastMuteSent).toBeLessThanOrEqual(130);
    if (pair.status.state === 'muted') {
      expect(pair.connected).toBe(true);
      expect(pair.now - heardMutedAt).toBeLessThanOrEqual(3_000);
      // What the controller itself has opened it never calls muted, whatever it hears.
      if (!isHostile) expect(pair.gate.isLeased).toBe(false);
    }
  };
}

function checkAllow(pair: Pair, allow: Extract<HostMessage, { type: 'allow' }>, isHostile: boolean): void {
  const { twin, gate } = pair;
  // S4: everything that the gate has announced is with policy.
  expect(allow.seen).toBeGreaterThanOrEqual(twin.report!.message.newest);
  expect(twin.mute).toBeNull();
  expect(allow.boot).toBe(twin.identity!.boot);
  if (allow.liveUntil > 0) expect(twin.verdict.listen).toBe(true);
  if (isHostile || gate.boot !== allow.boot) return;
  const known = new Set(pair.delivered.map(({ boot, seq }) => `${boot}/${seq}`));
  expect(gate.events.filter(({ boot, seq }) => seq <= allow.seen && !known.has(`${boot}/${seq}`))).toEqual(
    [],
  );
  const { until } = twin.verdict;
  const last = (utc: number) => gate.uptime + 1 + (utc - pair.at.utc) * gate.rate;
  if (until !== null && allow.liveUntil > 0) expect(allow.liveUntil).toBeLessThanOrEqual(last(until));
  if (until !== null && allow.buttonUntil > 0) expect(allow.buttonUntil).toBeLessThanOrEqual(last(until));
  expect(allow.liveUntil).toBeLessThanOrEqual(gate.uptime + 9_001);
}

describe('whatever happens', () => {
  const rate = fc.double({ min: 0.991, max: 1.009, noNaN: true });

  test('S2, S3, S4: no allow before the events or beyond `until`; mutes are resent; muted is said of proof only', () => {
    fc.assert(
      fc.property(fc.array(honest, { minLength: 5, maxLength: 40 }), rate, (actions, gateRate) => {
        const pair = new Pair();
        pair.gate.rate = gateRate;
        watch(pair, false);
        pair.up();
        for (const action of actions) act(pair, action);
      }),
      { numRuns: 100 },
    );
  });

  test('afterwards, on a sound link, a mute is proven within 2 s and a verdict to listen comes through', () => {
    fc.assert(
      fc.property(fc.array(honest, { maxLength: 30 }), rate, (actions, gateRate) => {
        const pair = new Pair();
        pair.gate.rate = gateRate;
        for (const action of actions) act(pair, action);
        pair.deaf = false;
        pair.mumbling = false;
        pair.onDeliver = () => undefined;
        pair.gate.flags.locked = false;
        pair.twin = { ...pair.twin, lockWanted: false };
        if (!pair.connected) pair.up();
        pair.want(verdict());
        pair.take({ type: 'mute', reason: 'cli' });
        expect(pair.gate.phase).toBe('muted');
        pair.pass(7_000, 20);
        expect(pair.twin.mute).toBeNull();
        expect(pair.status).toMatchObject({ state: 'muted', commanded: 'mute' });
        pair.want(verdict({ listen: true }));
        pair.pass(3_100, 20);
        expect(pair.gate.phase).toBe('live');
      }),
      { numRuns: 60 },
    );
  });

  test('every question about a setting is answered once, in time', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 20, maxLength: 60 }), (actions) => {
        const pair = new Pair();
        pair.up();
        let questions = 0;
        for (const action of actions) {
          const isOpen = pair.twin.exchange !== null;
          act(pair, action);
          if (action.do === 'ask' && !isOpen) questions++;
        }
        pair.pass(EXCHANGE_MS + 20, 20);
        expect(pair.twin.exchange).toBeNull();
        expect(pair.answers).toHaveLength(questions);
      }),
      { numRuns: 60 },
    );
  });

  test('nothing that is heard makes it throw, flood the gate, or say muted without a state that says so', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 20, maxLength: 80 }), (actions) => {
        const pair = new Pair();
        watch(pair, true);
        pair.up();
        const began = pair.now;
        for (const action of actions) act(pair, action);
        const allowed = 60 + 3 * actions.length + (pair.now - began) / 15;
        expect(pair.sent.length).toBeLessThan(allowed);
        expect(pair.twin.backlog.queue.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 60 },
    );
  });
});
