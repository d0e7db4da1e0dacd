import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemAfter } from '../../controller/daemon/clock.ts';
import type { Vouch } from '../../controller/daemon/clock-source.ts';
import { ClockWatch, clockDoubt, clockJump, clockNeeds } from '../../controller/daemon/clock-watch.ts';
import { configOf } from '../../schemas/config.ts';
import { House } from '../cli/harness.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

const NEEDED = { needed: true, trusted: false };
const HOUR = 3_600_000;

let time: VirtualClock;
/** Slept so far, ms. */
let slept: number;
let vouch: Vouch;
let newest: number;
let asked: boolean[];
let told: number;
let lines: string[];
beforeEach(() => {
  time = new VirtualClock();
  slept = 0;
  vouch = null;
  newest = 0;
  asked = [];
  told = 0;
  lines = [];
});

function watch(): ClockWatch {
  const made = new ClockWatch({
    clock: {
      now: () => ({ wall: time.utc() + slept, counted: time.now() + slept }),
      ran: () => time.now(),
      vouch: async (synchronised) => {
        asked.push(synchronised);
        return vouch;
      },
    },
    after: (ms, run) => time.after(ms, run),
    newest: () => newest,
    log: { info: (line) => lines.push(line) },
    onError: (error) => {
      throw error;
    },
  });
  made.onChange(() => {
    told += 1;
  });
  return made;
}

describe('S4: the clock is a fact', () => {
  test('that is unknown until the kernel or a hardware clock vouches for it', async () => {
    const clock = watch();
    await clock.start(NEEDED);
    expect(clock.isKnown()).toBe(false);
    expect(clock.why()).toBe('nothing has said yet that the clock of this machine is right');
    vouch = 'hardware';
    await time.pass(11_000);
    expect(clock.isKnown()).toBe(true);
    expect(clock.why()).toBeNull();
    expect(told).toBe(1);
  });

  test('asked for every ten seconds while it is not known, and not at all afterwards', async () => {
    const clock = watch();
    await clock.start(NEEDED);
    await time.pass(60_500);
    expect(asked).toHaveLength(7);
    vouch = 'synchronised';
    await time.pass(10_000);
    expect(clock.isKnown()).toBe(true);
    vouch = null;
    await time.pass(HOUR);
    expect(clock.isKnown()).toBe(true);
    expect(asked).toHaveLength(8);
  });

  test('that nobody asks for where no rule goes by it', async () => {
    const clock = watch();
    await clock.start({ needed: false, trusted: false });
    await time.pass(HOUR);
    expect(asked).toEqual([]);
    vouch = 'synchronised';
    await clock.follow(NEEDED);
    expect(clock.isKnown()).toBe(true);
  });

  test('that the configuration may believe', async () => {
    const clock = watch();
    await clock.start({ needed: true, trusted: true });
    expect(clock.isKnown()).toBe(true);
    expect(asked).toEqual([]);
  });

  test.each([
    ['hardware', { needed: true, trusted: false }],
    [null, { needed: true, trusted: true }],
  ] as const)(
    'that is unknown while it is earlier than what has happened already (vouched for by %s)',
    async (by, needs) => {
      vouch = by;
      newest = time.utc() + 12 * HOUR;
      const clock = watch();
      await clock.start(needs);
      expect(clock.isKnown()).toBe(false);
      expect(clock.why()).toBe(
        'the clock of this machine says 2026-11-21T12:00:00.000Z, but something was recorded at 2026-11-22T00:00:00.000Z already',
      );
      // Only who knows the time from outside is of use now.
      expect(asked).toEqual([true]);
      await time.pass(12 * HOUR);
      expect(clock.isKnown()).toBe(true);
      expect(told).toBe(1);
    },
  );

  test('that the kernel knows better than a record from when it was years ahead', async () => {
    newest = time.utc() + 5 * 365 * 24 * HOUR;
    vouch = 'synchronised';
    const clock = watch();
    await clock.start(NEEDED);
    expect(clock.isKnown()).toBe(true);
  });

  test('that becomes unknown when it is set back to before what has happened, until the kernel says again', async () => {
    vouch = 'synchronised';
    const clock = watch();
    await clock.start(NEEDED);
    newest = time.utc();
    vouch = null;
    time.utcOffset -= 14 * HOUR;
    await time.pass(1_000);
    expect(clock.isKnown()).toBe(false);
    vouch = 'synchronised';
    await time.pass(10_000);
    expect(clock.isKnown()).toBe(true);
  });

  test('that small corrections leave known', () => {
    const evidence = { vouched: true, synchronised: false, newest: 100_000 };
    expect(clockDoubt({ ...evidence, now: 95_000 })).toBeNull();
    expect(clockDoubt({ ...evidence, now: 94_999 })).toBe('behind');
  });

  test('whose question may fail', async () => {
    const clock = new ClockWatch({
      clock: {
        now: () => ({ wall: 0, counted: 0 }),
        vouch: async () => {
          throw new Error('no');
        },
      },
      after: () => () => {},
      newest: () => 0,
      log: { info() {} },
      onError() {},
    });
    await clock.start(NEEDED);
    expect(clock.isKnown()).toBe(false);
  });

  test('that only schedules and calendars go by', () => {
    const gate = { link: { bench: 'uno-relay' } } as const;
    const needs = (listen: object[], site = {}) =>
      clockNeeds(
        configOf({
          site: { timezone: 'Europe/Berlin', ...site },
          presence: { guests: { manual: 'off' } },
          gates: { kitchen: { ...gate, listen } },
        }),
      );
    expect(needs([{ if: 'guests' }])).toEqual({ needed: false, trusted: false });
    expect(needs([{ if: 'guests', schedule: '07:00-08:00' }])).toEqual(NEEDED);
    expect(needs([{ calendar: 'work' }], { clock: 'trusted' })).toEqual({ needed: true, trusted: true });
  });
});

describe('a jump of time', () => {
  const started = async () => {
    vouch = 'hardware';
    const clock = watch();
    await clock.start(NEEDED);
    await time.pass(10_000);
    expect(told).toBe(0);
    return clock;
  };

  test.each([
    ['back', -HOUR],
    ['forward', HOUR],
    ['back', -600],
    ['forward', 600],
  ] as const)('%s by %i ms is told within a second', async (way, ms) => {
    await started();
    time.utcOffset += ms;
    await time.pass(1_000);
    expect(told).toBe(1);
    expect(lines).toEqual([`the clock was set ${way} by ${Math.abs(ms / 1000).toFixed(1)} s`]);
    await time.pass(10_000);
    expect(told).toBe(1);
  });

  test('over a suspend is told within a second of waking', async () => {
    await started();
    slept = 8 * HOUR;
    await time.pass(1_000);
    expect(told).toBe(1);
    expect(lines).toEqual(['awake again after 28800.0 s']);
  });

  test('over a suspend during which the clock was set back by as much is told', async () => {
    await started();
    slept = HOUR;
    time.utcOffset -= HOUR;
    await time.pass(1_000);
    expect(told).toBe(1);
    expect(lines).toEqual(['awake again after 3600.0 s', 'the clock was set back by 3600.0 s']);
  });

  test('is none while the clock is only slewed, or counted in whole seconds', () => {
    const before = { wall: 0, counted: 0, ran: 0 };
    expect(clockJump(before, { wall: 1_001, counted: 1_000, ran: 1_000 })).toBeNull();
    expect(clockJump(before, { wall: 1_000, counted: 2_000, ran: 1_000 })).toBeNull();
    expect(clockJump(before, { wall: 1_000, counted: 0, ran: 1_000 })).toBeNull();
  });

  test('is watched for only until it is stopped', async () => {
    const clock = await started();
    clock.stop();
    expect(time.pending).toBe(0);
  });
});

describe('a daemon', () => {
  let house: House;
  let by: Vouch;
  beforeEach(() => {
    house = new House();
    by = 'hardware';
  });
  afterEach(() => house.end());

  /** At noon in Berlin, with a gate that listens in the evening. */
  const start = () =>
    house.start(
      configOf({
        site: { timezone: 'Europe/Berlin' },
        gates: { kitchen: { link: { bench: 'uno-relay' }, listen: [{ schedule: '19:00-21:00' }] } },
      }),
      () => {},
      {
        clock: {
          now: () => ({ wall: time.utc() + slept, counted: time.now() + slept }),
          ran: () => time.now(),
          vouch: async () => by,
        },
        after: (ms, run) => time.after(ms, run),
      },
    );
  const listens = () => house.gate('kitchen').wanted?.listen;

  test.each([
    ['its clock is set', () => (time.utcOffset += 7 * HOUR)],
    ['the machine wakes', () => (slept += 7 * HOUR)],
  ])('judges anew within a second when %s', async (_, jump) => {
    await start();
    expect(listens()).toBe(false);
    jump();
    await time.pass(1_000);
    expect(listens()).toBe(true);
    time.utcOffset -= 7 * HOUR;
    await time.pass(1_000);
    expect(listens()).toBe(false);
  });

  test('S4: lets nothing listen by the time while nobody vouches for the clock, and says so until somebody does', async () => {
    by = null;
    time.utcOffset += 7 * HOUR;
    await start();
    expect(listens()).toBe(false);
    expect((await house.earlid('status')).err).toContain(
      'nothing says yet that the clock of this machine is right',
    );
    by = 'synchronised';
    await time.pass(11_000);
    expect(listens()).toBe(true);
    expect((await house.earlid('status')).err).toBe('');
  });
});

test('a timer longer than a timer of JavaScript takes does not run at once', async () => {
  let runs = 0;
  const cancel = systemAfter(2 ** 31 + 5, () => {
    runs += 1;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  cancel();
  expect(runs).toBe(0);
});
