import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isThorough } from '../thorough.ts';
import { Adversary, type Forgery } from './adversary.ts';
import { LISTEN, MUTE, verdict } from './pair.ts';

type Action =
  | { readonly do: 'hold' | 'let pass' | 'drop'; readonly side: 'up' | 'down' }
  | { readonly do: 'let go'; readonly side: 'up' | 'down'; readonly turn: number; readonly most: number }
  | { readonly do: 'tell twin'; readonly which: number; readonly forgery: Forgery }
  | { readonly do: 'tell gate' | 'greet'; readonly which: number }
  | { readonly do: 'pass' | 'grant'; readonly ms: number }
  | {
      readonly do:
        | 'listen'
        | 'mute'
        | 'cli mute'
        | 'lock'
        | 'unlock'
        | 'press'
        | 'reset'
        | 'power loss'
        | 'reconnect'
        | 'restart';
    };

const side = fc.constantFrom('up' as const, 'down' as const);
const any = fc.nat(10_000);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('hold' as const, 'let pass' as const, 'drop' as const),
      side,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('let go' as const),
      side,
      turn: any,
      most: fc.constantFrom(1, 1, 2, 5, 100),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('tell twin' as const),
      which: any,
      forgery: fc.constantFrom<Forgery>('as it is', 'as it is', 'muted now', 'with the newest challenge'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('tell gate' as const, 'greet' as const), which: any }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 400, max: 12_000 }),
        fc.constant(180_000),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('grant' as const), ms: fc.constantFrom(2_000, 60_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Action>({ do: 'listen' }, { do: 'mute' }, { do: 'cli mute' }, { do: 'press' }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Action>(
      { do: 'lock' },
      { do: 'unlock' },
      { do: 'reset' },
      { do: 'power loss' },
      { do: 'reconnect' },
      { do: 'restart' },
    ),
  },
);

function act(adversary: Adversary, action: Action): void {
  const { pair } = adversary;
  const { gate } = pair;
  const say = (messages: Parameters<typeof pair.carryUp>[0]) => pair.carryUp(messages);
  switch (action.do) {
    case 'hold':
    case 'let pass':
      if (action.side === 'up') adversary.holdsUp = action.do === 'hold';
      else adversary.holdsDown = action.do === 'hold';
      break;
    case 'drop':
      adversary.drop(action.side);
      break;
    case 'let go':
      adversary.letGo(action.side, action.turn, action.most);
      break;
    case 'tell twin':
      adversary.tellTwin(action.which, action.forgery);
      break;
    case 'tell gate':
      adversary.tellGate(action.which);
      break;
    case 'greet':
      adversary.greet(action.which);
      break;
    case 'pass':
      pair.pass(action.ms, 50);
      break;
    case 'grant':
      if (!gate.flags.locked && gate.phase === 'muted') say(gate.grant(action.ms));
      break;
    case 'listen':
      pair.want(LISTEN);
      break;
    case 'mute':
      pair.want(MUTE);
      break;
    case 'cli mute':
      pair.want(MUTE);
      pair.take({ type: 'mute', reason: 'cli' });
      break;
    case 'lock':
      pair.take({ type: 'lock' });
      break;
    case 'unlock':
      gate.flags.locked = false;
      break;
    case 'press':
      say(gate.press());
      break;
    case 'reset':
    case 'power loss':
      gate.reset(action.do === 'power loss');
      break;
    case 'reconnect':
      pair.down();
      pair.up();
      break;
    case 'restart':
      adversary.restart();
      break;
    default:
      action satisfies never;
  }
}

/** Looks after every step and every bit of time at what is said of the microphone, and at what it is. */
function watch({ pair }: Adversary): void {
  let liveSince = Number.POSITIVE_INFINITY;
  const look = () => {
    const { gate, now } = pair;
    const isLive = gate.phase === 'live';
    liveSince = isLive ? Math.min(liveSince, now) : Number.POSITIVE_INFINITY;
    if (!isLive || pair.status.state !== 'muted') return;
    // Nobody can know of a press before the gate has told of it: what was proved counts for 3 s.
    expect({ leased: gate.isLeased, forMs: now - liveSince }).toEqual({
      leased: false,
      forMs: expect.any(Number),
    });
    expect(now - liveSince).toBeLessThanOrEqual(3_000 + 50);
  };
  pair.onStep = look;
  const { pass } = pair;
  pair.pass = (ms, grain) => {
    for (let left = ms; left > 0; left -= 50) {
      pass.call(pair, Math.min(50, left), grain);
      look();
    }
  };
}

const runs = isThorough ? 3_000 : 40;

/** A controller and a gate that is muted; both have shaken hands. */
function met(): Adversary {
  const adversary = new Adversary();
  watch(adversary);
  adversary.pair.ready();
  adversary.pair.pass(200, 10);
  expect(adversary.pair.status).toMatchObject({ state: 'muted', evidence: 'sensed' });
  return adversary;
}

/** An allow is sent and held back from now on; which of the messages that were commanded it is. */
function heldAllow(adversary: Adversary): number {
  adversary.holdsDown = true;
  adversary.pair.want(LISTEN);
  adversary.pair.pass(20, 5);
  const held = adversary.commanded.length - 1;
  expect(adversary.commanded[held]).toMatchObject({ type: 'allow' });
  return held;
}

describe('S7: a gate that is made live behind the back of the controller', () => {
  test('an allow is held back, the gate echoes its challenge out of a forged greeting, then it arrives', () => {
    const adversary = met();
    const { pair } = adversary;
    const held = heldAllow(adversary);
    adversary.holdsDown = false;
    adversary.greet(-1);
    pair.pass(600, 10);
    expect(pair.gate.phase).toBe('muted');
    expect(pair.status.state).toBe('unknown');
    adversary.holdsUp = true;
    adversary.tellGate(held);
    expect(pair.gate.phase).toBe('live');
    pair.pass(5_000, 10);
  });

  test('an allow is said to be refused, and arrives later', () => {
    const adversary = met();
    const { pair } = adversary;
    heldAllow(adversary);
    const { seq } = pair.of('allow').at(-1)!;
    pair.hear([{ type: 'nak', message: 2, seq, reason: 'past' }]);
    pair.pass(500, 10);
    adversary.holdsUp = true;
    adversary.letGo('down', 0);
    expect(pair.gate.phase).toBe('live');
    pair.pass(1_000, 10);
  });

  test('what it says comes late, to a controller that has just started', () => {
    const adversary = met();
    const { pair } = adversary;
    adversary.holdsUp = true;
    adversary.restart();
    pair.pass(2_500, 10);
    pair.carryUp(pair.gate.grant(60_000));
    pair.pass(1_500, 10);
    for (let i = 0; i < 60; i++) {
      adversary.letGo('up', 0, 1);
      pair.pass(100, 10);
    }
  });

  test('everything of the last minutes is told again to a controller that has just started', () => {
    const adversary = met();
    const { pair } = adversary;
    pair.pass(120_000, 50);
    const before = adversary.said.length;
    adversary.restart();
    adversary.holdsUp = true;
    pair.carryUp(pair.gate.grant(600_000));
    pair.pass(10_000, 50);
    for (let i = 0; i < before; i++) {
      pair.hear([adversary.said[i]!]);
      pair.pass(300, 50);
    }
    expect(pair.status.state).toBe('unknown');
  });

  test('what it said within the ms in which it became live is told again', () => {
    const adversary = met();
    const { pair } = adversary;
    const muted = pair.gate.state();
    pair.want(LISTEN);
    expect(pair.gate.isLeased).toBe(true);
    pair.hear([muted]);
    expect(pair.status.state).toBe('live');
    expect(pair.doubts).toEqual([]);
    pair.pass(5_000, 10);
    expect(pair.status.state).toBe('live');
  });

  test('a lease that has ended is shown late, while another with the same end is on its way', () => {
    const adversary = met();
    const { pair } = adversary;
    adversary.holdsUp = true;
    pair.want(verdict({ listen: true, until: pair.at.utc + 5_000 }));
    pair.pass(20, 5);
    expect(pair.gate.phase).toBe('live');
    const live = pair.gate.state();
    pair.carryUp(pair.gate.press());
    // The events are told at once, the states are not.
    pair.hear(pair.gate.events);
    adversary.holdsDown = true;
    pair.want(verdict({ listen: true, until: pair.twin.verdict.until, buttonMs: 1_000 }));
    pair.pass(110, 10);
    const second = adversary.commanded.findLastIndex(({ type }) => type === 'allow');
    expect(adversary.commanded[second]).toMatchObject({ seen: pair.gate.newest });
    pair.hear([live]);
    pair.hear([pair.gate.state()]);
    expect(pair.status.state).toBe('unknown');
    adversary.tellGate(second);
    expect(pair.gate.phase).toBe('live');
    pair.pass(100, 10);
  });

  test('two leases are held back, and the first lasts longer', () => {
    const adversary = met();
    const { pair } = adversary;
    const first = heldAllow(adversary);
    pair.want(verdict({ listen: true, until: pair.at.utc + 1_000 }));
    pair.pass(60, 10);
    // What the verdict no longer allows is muted, and that is held back as well.
    adversary.drop('down');
    pair.take({ type: 'verdict', verdict: verdict({ listen: true, until: pair.at.utc + 900 }) });
    pair.pass(850, 10);
    adversary.holdsDown = false;
    adversary.greet(-1);
    pair.pass(300, 10);
    expect(pair.status.state).not.toBe('muted');
    adversary.tellGate(first);
    pair.pass(100, 10);
  });

  test('a mute is dropped, and something else that the gate records is taken for it', () => {
    const adversary = met();
    const { pair } = adversary;
    const held = heldAllow(adversary);
    pair.want(MUTE);
    pair.take({ type: 'mute', reason: 'cli' });
    pair.carryUp([pair.gate.record('unlock', 'press'), pair.gate.state()]);
    pair.pass(200, 10);
    expect(pair.status.pending.mute).toBe(true);
    adversary.drop('down');
    adversary.holdsDown = false;
    adversary.tellGate(held);
    pair.pass(3_000, 10);
    expect(pair.gate.phase).toBe('muted');
  });
});

describe('between controller and gate sits somebody without the key', () => {
  test('S7: whatever is held back, repeated, reordered or made up, muted is never said of a gate that is live', () => {
    let attempts = 0;
    let said = { muted: 0, live: 0 };
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 80 }), (actions) => {
        const adversary = new Adversary();
        const { pair } = adversary;
        watch(adversary);
        pair.ready();
        for (const each of actions) {
          act(adversary, each);
          const { state } = pair.status;
          if (state !== 'unknown') said = { ...said, [state]: said[state] + 1 };
        }
        attempts += adversary.attempts;
      }),
      { numRuns: runs },
    );
    expect(attempts).toBeGreaterThan(isThorough ? 10_000 : 200);
    // The property would hold for a controller that says nothing as well.
    expect(said.muted).toBeGreaterThan(runs);
    expect(said.live).toBeGreaterThan(runs / 2);
  });

  test('once nobody meddles any more, all is known and done within seconds', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const adversary = new Adversary();
        const { pair } = adversary;
        pair.ready();
        for (const each of actions) act(adversary, each);
        adversary.drop('up');
        adversary.drop('down');
        adversary.holdsUp = false;
        adversary.holdsDown = false;
        pair.gate.flags.locked = false;
        pair.twin = { ...pair.twin, lockWanted: false };
        pair.want(MUTE);
        pair.take({ type: 'mute', reason: 'cli' });
        expect(pair.gate.phase).toBe('muted');
        pair.pass(10_000, 20);
        expect(pair.status).toMatchObject({ state: 'muted', commanded: 'mute', pending: { mute: false } });
        pair.want(LISTEN);
        pair.pass(3_100, 20);
        expect(pair.gate.phase).toBe('live');
        expect(pair.status.state).toBe('live');
      }),
      { numRuns: isThorough ? 500 : 25 },
    );
  });
});
