/** The random commands of the property test: plain data, so that a failing sequence prints and shrinks. */
import fc from 'fast-check';

/** Without a key, or with another than the gate’s. */
export type KeyFlaw = 'no-key' | 'wrong-key';
export type OrderFlaw = 'none' | 'stale-seq' | 'wrong-boot' | KeyFlaw;
export type AllowFlaw = OrderFlaw | 'unseen';
export type ContactFault = 'none' | 'welded' | 'open';

export type Command =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'down' | 'up'; readonly bounce: readonly number[] }
  | { readonly do: 'press'; readonly ms: number; readonly bounce: readonly number[] }
  | {
      readonly do: 'allow';
      /** Length of the lease in ms; 0: none; negative: its end has passed. */
      readonly lease: number;
      readonly buttonMs: number;
      readonly buttonFor: number;
      readonly flaw: AllowFlaw;
      /** Keeps the frame back until a `deliver`. */
      readonly later: boolean;
    }
  | { readonly do: 'deliver' }
  /** Sends the frame before the last, second last, … once more. */
  | { readonly do: 'copy'; readonly back: number }
  | {
      readonly do: 'mute';
      readonly again: boolean;
      readonly reason: 'policy' | 'cli' | 'homeassistant' | 'stop';
    }
  /** So many new mutes in a row: with enough of them the events overflow. */
  | { readonly do: 'mutes'; readonly count: number }
  /** A mute with one bit flipped, cut to a part, ended by another byte or swollen beyond a frame. */
  | { readonly do: 'garble'; readonly how: 'bit' | 'cut' | 'end' | 'long'; readonly at: number }
  | { readonly do: 'lock'; readonly flaw: OrderFlaw }
  | { readonly do: 'hello'; readonly who: number }
  | { readonly do: 'stored'; readonly back: number; readonly wrongBoot: boolean }
  | {
      readonly do: 'write';
      readonly setting: number;
      readonly value: number;
      readonly flaw: OrderFlaw;
    }
  | { readonly do: 'read'; readonly setting: number }
  | { readonly do: 'contact'; readonly fault: ContactFault }
  | { readonly do: 'reset' }
  /** Makes the program hang, so that the watchdog resets it. */
  | { readonly do: 'hang' }
  | { readonly do: 'power'; readonly offMs: number }
  /** Powered up with the button held for so long. */
  | { readonly do: 'hold-power'; readonly ms: number }
  /** Gives one of the keys of `host.ts`; 0: none. */
  | { readonly do: 'pair'; readonly key: 0 | 1 | 2 };

/** A command and the ms that pass after it; often none, so that things come at once. */
export interface TimedCommand {
  readonly command: Command;
  readonly gap: number;
}

const around = (...values: number[]) =>
  fc.tuple(fc.constantFrom(...values), fc.integer({ min: -4, max: 4 })).map(([value, off]) => value + off);

const bounce = fc.oneof(
  { weight: 2, arbitrary: fc.constant<number[]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.integer({ min: 1, max: 9 }).map((n) => n / 4),
      { minLength: 2, maxLength: 6 },
    ),
  },
);

/** Mostly short ones: a locked or faulty gate does little else. */
const pressMs = fc.oneof(
  { weight: 16, arbitrary: fc.integer({ min: 60, max: 2900 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 45 }) },
  { weight: 3, arbitrary: around(50) },
  { weight: 3, arbitrary: around(3000, 10_000) },
  { weight: 4, arbitrary: fc.integer({ min: 3100, max: 9900 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10_100, max: 12_000 }) },
);

const wait = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 3, arbitrary: fc.integer({ min: 60, max: 1500 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1500, max: 12_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 12_000, max: 40_000 }) },
  { weight: 2, arbitrary: around(1000, 3000, 9000, 10_000, 30_000) },
);

const lease = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 100, max: 15_000 }) },
  { weight: 3, arbitrary: fc.constant(9000) },
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 1, arbitrary: around(30_000) },
  { weight: 1, arbitrary: fc.integer({ min: 30_100, max: 1_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 4 }) },
);

const flaw = <F extends string>(...flaws: F[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...flaws) },
  );

const allow = fc.record({
  do: fc.constant('allow' as const),
  lease,
  buttonMs: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 300, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 900_000, 900_001) },
  ),
  buttonFor: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 500, max: 60_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(-1000, 899_900, 900_100) },
  ),
  flaw: flaw('stale-seq', 'wrong-boot', 'unseen', 'no-key', 'wrong-key'),
  later: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const setting = fc.oneof(
  fc.record({ setting: fc.constant(1), value: fc.constantFrom(0, 1, 1, 2, 3) }),
  fc.record({ setting: fc.constant(2), value: fc.constantFrom(4, 30, 50, 100, 700, 2000, 5001) }),
  fc.record({ setting: fc.constant(3), value: fc.constantFrom(0, 1, 5, 60, 901) }),
  fc.record({ setting: fc.constant(6), value: fc.constantFrom(0, 1, 255) }),
  fc.record({ setting: fc.constantFrom(0, 13, 200), value: fc.constant(1) }),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: wait }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('press' as const), ms: pressMs, bounce }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('down' as const), bounce }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('up' as const), bounce }) },
  { weight: 24, arbitrary: allow },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('copy' as const), back: fc.integer({ min: 0, max: 5 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('mute' as const),
      again: fc.boolean(),
      reason: fc.constantFrom('policy' as const, 'cli' as const, 'homeassistant' as const, 'stop' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('mutes' as const), count: fc.integer({ min: 2, max: 45 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('garble' as const),
      how: fc.constantFrom('bit' as const, 'cut' as const, 'end' as const, 'long' as const),
      at: fc.nat({ max: 1000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lock' as const),
      flaw: flaw('stale-seq', 'wrong-boot', 'no-key', 'wrong-key'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hello' as const),
      who: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(2) }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('stored' as const),
      back: fc.integer({ min: -2, max: 4 }),
      wrongBoot: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(setting, flaw('stale-seq', 'wrong-boot', 'no-key', 'wrong-key'))
      .map(([of, flawed]) => ({ do: 'write' as const, ...of, flaw: flawed })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('read' as const), setting: fc.constantFrom(1, 2, 3, 6, 99) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('contact' as const),
      fault: fc.constantFrom('none' as const, 'welded' as const, 'open' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('hold-power' as const), ms: fc.integer({ min: 20, max: 600 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pair' as const),
      key: fc.constantFrom(0 as const, 1 as const, 2 as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reset' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hang' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('power' as const), offMs: fc.integer({ min: 1, max: 2000 }) }),
  },
);

const gap = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 2, arbitrary: fc.integer({ min: 60, max: 400 }) },
);

export const commands = (maxLength: number): fc.Arbitrary<TimedCommand[]> =>
  fc.array(fc.record({ command, gap }), { minLength: 1, maxLength, size: 'max' });
