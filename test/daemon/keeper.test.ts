import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../controller/config/nearest.ts';
import { muteAll, muteByButton } from '../../controller/daemon/commands.ts';
import { Keeper } from '../../controller/daemon/keeper.ts';
import { createLog } from '../../controller/daemon/log.ts';
import { configFiles, stateFolder } from '../../controller/daemon/places.ts';
import { grant, hold, UNDECIDED } from '../../controller/policy/override.ts';
import { NO_RULES } from '../../controller/policy/rules.ts';
import { FakeGate } from './fake-gate.ts';

/** A keeper in virtual time. */
function keep(onDecision = () => {}) {
  const now = { wall: 1_700_000_000_000, counted: 1_000 };
  const timers: { due: number; run: () => void }[] = [];
  const gate = new FakeGate({ name: 'kitchen', sink: null as never }, () => now.wall);
  let decisions = 0;
  const lines: string[] = [];
  const keeper = new Keeper({
    gate,
    rules: {
      ...NO_RULES,
      buttonMs: 90_000,
      mayUnmute: ['button', 'cli'],
      maxGrantMs: 14_400_000,
      readyAfterMs: 0,
    },
    world: () => ({ facts: new Map(), agendas: new Map(), clockKnown: true, now: { ...now } }),
    settlingMs: () => 0,
    clock: { now: () => ({ ...now }) },
    after: (ms, run) => {
      const timer = { due: now.counted + ms, run };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    log: createLog({ level: 'info', sink: (line) => lines.push(line), now: () => now.wall }),
    onDecision: () => {
      decisions++;
      onDecision();
    },
    onChange: () => {},
  });
  const pass = (ms: number) => {
    const end = now.counted + ms;
    for (;;) {
      const next = timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      const to = next?.due ?? end;
      now.wall += to - now.counted;
      now.counted = to;
      if (!next) return;
      timers.splice(timers.indexOf(next), 1);
      next.run();
    }
  };
  return { keeper, gate, now, timers, pass, lines, decisions: () => decisions };
}

describe('a keeper', () => {
  test('shows the same end while only the rounding of the clocks differs', () => {
    const { keeper, now, pass, lines } = keep();
    keeper.start(grant(now, 5 * 60_000, 'cli'));
    const { until } = keeper.verdict.reason;
    pass(1_000);
    now.wall -= 70;
    keeper.review();
    expect(keeper.verdict.reason.until).toBe(until);
    expect(keeper.override?.until).toBe(until);
    // What the gate is told is as it was decided.
    expect(keeper.verdict.until).toBe(until! - 70);
    now.wall -= 60_000;
    keeper.review();
    expect(keeper.verdict.reason.until).toBe(until! - 60_070);
    expect(lines.some((line) => line.includes('null'))).toBe(false);
  });

  test('ends a grant at its end, by a timer, and writes that down', () => {
    const { keeper, gate, now, pass, timers, decisions } = keep();
    keeper.start(UNDECIDED);
    expect(timers).toEqual([]);
    keeper.decide(grant(now, 5 * 60_000, 'cli'));
    pass(5 * 60_000 - 1);
    expect(gate.status().state).toBe('live');
    pass(1);
    expect(gate.status().state).toBe('muted');
    expect(decisions()).toBe(2);
    expect(timers).toEqual([]);
  });

  test('a report that comes when the clock was set beyond the end of a grant finds it ended', () => {
    const { keeper, gate, now } = keep();
    keeper.start(grant(now, 5 * 60_000, 'cli'));
    gate.set({ reported: { state: 'live', at: now.wall } });
    expect(keeper.verdict.reason.code).toBe('grant');
    now.wall += 10 * 60_000;
    gate.set({ state: 'muted', reported: { state: 'muted', at: now.wall } });
    expect(keeper.verdict.reason.code).toBe('no-rule');
  });

  test('S3 a mute button ends a grant and holds, but shortens no hold', () => {
    const { keeper, gate, now, pass, lines } = keep();
    keeper.start(grant(now, 5 * 60_000, 'cli'));
    muteByButton([keeper], 'study');
    expect(gate.status().state).toBe('muted');
    expect(gate.calls).toContain('mute now (policy)');
    expect(keeper.verdict.reason).toMatchObject({
      code: 'hold',
      text: 'held muted by the mute button on study',
    });
    expect(lines.some((line) => line.endsWith('mute by the mute button on study'))).toBe(true);
    pass(24 * 3_600_000);
    expect(keeper.override).toMatchObject({ until: null });
    keeper.decide(hold(now, now.wall + 60_000, 'cli'));
    muteByButton([keeper], 'study');
    expect(keeper.override).toMatchObject({
      until: null,
      override: { source: 'mute-button', from: 'study' },
    });
  });

  test('S3 a mute of all tells every gate before it decides anything', async () => {
    const told: number[] = [];
    const isMuted = () => [first, second].filter(({ gate }) => gate.calls.includes('mute now (cli)')).length;
    const [first, second] = [keep(() => void told.push(isMuted())), keep(() => void told.push(isMuted()))];
    const keepers = [first, second].map(({ keeper }) => keeper);
    for (const keeper of keepers) keeper.start(UNDECIDED);
    const context = {
      clock: { now: () => ({ ...first.now }) },
      after: () => () => {},
      saved: async () => null,
      home: '',
      defaultGrantMs: 60_000,
    };
    const results = await muteAll(context, keepers, { source: 'cli', timeoutMs: 5_000 });
    expect(results.map(({ ok, state, override }) => [ok, state, override?.kind])).toEqual([
      [true, 'muted', 'hold'],
      [true, 'muted', 'hold'],
    ]);
    expect(told).toEqual([2, 2]);
  });

  test('S3 an answer that comes as soon as the gate is told counts, though the clock has gone on', async () => {
    const { keeper, gate, now } = keep();
    keeper.start(hold(now, null, 'cli'));
    gate.connect();
    const context = {
      clock: { now: () => ({ ...now }) },
      after: () => () => {},
      saved: async () => null,
      home: '',
      defaultGrantMs: 60_000,
    };
    gate.onChange(() => {
      now.wall++;
    });
    const answers = muteAll(context, [keeper], { source: 'cli', timeoutMs: 5_000 });
    expect((await answers)[0]).toMatchObject({ ok: true, state: 'muted' });
  });

  test('S3 a press that ended what a grant had opened ends the grant, whatever time it is told with', () => {
    const press = {
      gate: 'kitchen',
      kind: 'mute',
      reason: 'press',
      detail: 0,
      atErrorMs: 5,
      uptimeMs: 0,
    } as const;
    const granted = (event: { readonly boot: number; readonly seq: number }) => {
      const { keeper, gate, now, pass } = keep();
      keeper.start(UNDECIDED);
      gate.set({
        reported: { state: 'muted', at: now.wall },
        record: { boot: 1, uptimeMs: 60_000, liveMs: 0, newest: 4, lost: 0 },
      });
      keeper.decide(grant(now, 60_000, 'cli'));
      pass(2_000);
      keeper.events([{ ...press, ...event, at: now.wall - 3_000 }]);
      return keeper.decision.override;
    };
    expect(granted({ boot: 1, seq: 6 })).toMatchObject({ kind: 'hold', source: 'button' });
    expect(granted({ boot: 1, seq: 4 })?.kind).toBe('grant');
    expect(granted({ boot: 2, seq: 6 })?.kind).toBe('grant');
  });

  test('takes a released gate back by itself when nobody gives it back', async () => {
    const { keeper, gate, pass, timers, lines } = keep();
    keeper.start(UNDECIDED);
    await keeper.port.release({ holder: 'me', timeoutMs: 5_000, forMs: 180_000 });
    pass(179_000);
    await keeper.port.release({ holder: 'me', timeoutMs: 5_000, forMs: 180_000 });
    pass(179_999);
    expect(gate.status().problem).toMatchObject({ code: 'released' });
    pass(1);
    await Promise.resolve();
    expect(gate.status().problem).toBeNull();
    expect(lines.join()).toContain('was not given back in time');
    await keeper.port.release({ holder: 'me', timeoutMs: 5_000, forMs: 180_000 });
    await keeper.port.reclaim();
    expect(timers).toEqual([]);
    await keeper.port.release({ holder: 'me', timeoutMs: 5_000, forMs: 180_000 });
    await keeper.stop(1_000);
    expect(timers).toEqual([]);
  });

  test('judges anew when it is told that the clock was set', () => {
    const { keeper, gate, now } = keep();
    keeper.start(UNDECIDED);
    keeper.decide(grant(now, 3_600_000, 'cli'));
    now.wall += 3_600_000;
    keeper.review();
    expect(gate.wanted?.listen).toBe(false);
  });

  test('lets a hold with an end go at that end', () => {
    const { keeper, gate, now, pass } = keep();
    keeper.start(hold(now, now.wall + 1_000, 'cli'));
    expect(gate.wanted?.reason.code).toBe('hold');
    pass(1_000);
    expect(gate.wanted?.reason.code).toBe('no-rule');
  });

  test('S5: a lock or a fault that is only seen in the state ends a grant for good', () => {
    for (const change of [{ locked: true }, { fault: 'sense-live' as const }]) {
      const { keeper, gate, now } = keep();
      keeper.start(grant(now, 60_000, 'cli'));
      gate.set(change);
      expect(gate.wanted?.listen).toBe(false);
      gate.set({ locked: false, fault: null });
      expect(gate.wanted).toMatchObject({ listen: false, reason: { code: 'no-rule' } });
      expect(keeper.decision.override).toBeNull();
    }
  });

  test('says of a gate out of reach what it will be told', () => {
    const { keeper, gate, now, lines } = keep();
    gate.deaf = true;
    keeper.start(UNDECIDED);
    keeper.decide(grant(now, 60_000, 'cli'));
    expect(lines.join('\n')).toContain('as soon as it is heard: unmuted from the command line');
  });

  test('sets no timer after it was stopped', async () => {
    const { keeper, now, timers } = keep();
    keeper.start(grant(now, 60_000, 'cli'));
    await keeper.stop(0);
    expect(timers).toEqual([]);
    expect(keeper.decision.override?.kind).toBe('grant');
  });
});

describe('what was probably meant', () => {
  test.each([
    ['kichen', 'kitchen'],
    ['Kitchen', 'kitchen'],
    ['kit', 'kitchen'],
    ['dmo', 'demo'],
    ['zzzz', null],
    ['', null],
    ['k'.repeat(100_000), null],
  ])('by %.20s is %s', (typed, meant) => {
    expect(nearest(typed, ['kitchen', 'demo', 'hall'])).toBe(meant);
  });
});

describe('where things lie', () => {
  const linux = { env: {}, platform: 'linux', home: '/home/a', cwd: '/tmp', uid: 1 } as const;

  test.each([
    [linux, '/home/a/.local/state/earlid'],
    [{ ...linux, env: { XDG_STATE_HOME: '/s' } }, '/s/earlid'],
    [{ ...linux, env: { XDG_STATE_HOME: 'relative' } }, '/home/a/.local/state/earlid'],
    [{ ...linux, platform: 'darwin' as const }, '/home/a/Library/Application Support/Earlid'],
    [{ ...linux, env: { EARLID_HOME: 'mine' } }, '/tmp/mine'],
  ])('the state of %j', (around, folder) => {
    expect(stateFolder(around)).toBe(folder);
  });

  test.each([
    [{}, undefined, ['/tmp/earlid.yaml', '/home/a/.config/earlid/earlid.yaml', '/etc/earlid/earlid.yaml']],
    [{ EARLID_HOME: '/x' }, undefined, ['/x/earlid.yaml', '/tmp/earlid.yaml']],
    [{ EARLID_CONFIG: '/y.yaml' }, undefined, ['/y.yaml']],
    [{ EARLID_CONFIG: '/y.yaml' }, 'z.yaml', ['/tmp/z.yaml']],
  ])('the configuration with %j and %s', (env, option, files) => {
    expect(configFiles({ ...linux, env }, option)).toEqual(files);
  });
});

test('a log entry is one line, whatever a gate says', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', sink: (line) => lines.push(line), now: () => 0 });
  log.debug?.('not this');
  log.named('kitchen').warn('a\nb\u001b[31m');
  expect(lines).toEqual(['1970-01-01T00:00:00.000Z warn  kitchen: a\\x0ab\\x1b[31m']);
});
