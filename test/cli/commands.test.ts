import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from '../../controller/cli/client.ts';
import { configOf, gateConfig, House } from './harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

const kitchen = () => configOf(gateConfig('kitchen'));
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('a gate that is being flashed', () => {
  const at = (port: string) => gateConfig('kitchen', { link: { serial: port } });

  test('S3, S4: is muted, refuses every unmute, remembers a mute, and is taken back', async () => {
    await house.start(configOf(at('/dev/gate')));
    await house.earlid('unmute', 'kitchen');
    const client = createClient(house.io());
    const released = await client.post('/v1/gates/kitchen/release', { holder: 'me' }, 5_000);
    expect(released).toMatchObject({ ok: true, state: 'muted', evidence: 'sensed', override: null });
    const status = await house.earlid('status');
    expect(status.out).toMatch(
      /^kitchen {2}unknown +kitchen is being flashed or paired\. Its board is muted/,
    );
    const unmute = await house.earlid('unmute', 'kitchen', '--json');
    expect(unmute.code).toBe(77);
    expect(unmute.json()).toMatchObject({ ok: false, refusedBy: 'released', error: { code: 'released' } });
    expect((await house.earlid('mute', 'kitchen', '--timeout', '1s')).code).toBe(75);
    for (const command of ['release', 'reclaim']) {
      const other = await client.post(`/v1/gates/kitchen/${command}`, { holder: 'another' }, 5_000);
      expect(other).toMatchObject({ ok: false, refusedBy: 'released' });
    }
    const back = await client.post('/v1/gates/kitchen/reclaim', { holder: 'me' }, 5_000);
    expect(back).toMatchObject({ ok: true, state: 'muted', override: { kind: 'hold', source: 'cli' } });
  });

  test('S4: what was asked for or pressed while a gate is being released is not given after it was flashed', async () => {
    await house.start(configOf(gateConfig('kitchen', { link: { serial: '/dev/ttyTEST' } })));
    const gate = house.gate('kitchen');
    const client = createClient(house.io());
    const release = gate.release.bind(gate);
    let refused: unknown;
    gate.release = async (timeoutMs, detail) => {
      refused = await client.post('/v1/gates/kitchen/unmute', { timeoutMs: 0 }, 5_000);
      await gate.event('live', 'button', { detail: 60_000 });
      return release(timeoutMs, detail);
    };
    await client.post('/v1/gates/kitchen/release', { holder: 'me' }, 5_000);
    expect(refused).toMatchObject({ ok: false, refusedBy: 'released' });
    await client.post('/v1/gates/kitchen/reclaim', { holder: 'me' }, 5_000);
    expect(gate.status().state).toBe('muted');
  });

  test('an emulated gate has no port to let go of', async () => {
    await house.start(kitchen());
    const client = createClient(house.io());
    const refusal = client.post('/v1/gates/kitchen/release', { holder: 'me' }, 5_000);
    await expect(refusal).rejects.toMatchObject({ view: { code: 'nothing-to-flash' } });
  });
});

describe('status', () => {
  test('--json is an array of exactly the documented keys', async () => {
    await house.start(kitchen());
    const { code, json, err } = await house.earlid('status', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(json()).toEqual([
      {
        gate: 'kitchen',
        state: 'muted',
        evidence: 'sensed',
        desired: 'mute',
        commanded: 'mute',
        reported: { state: 'muted', at: expect.stringMatching(INSTANT) },
        lease: null,
        override: null,
        locked: false,
        fault: null,
        keyed: false,
        link: 'up',
        reason: { code: 'no-rule', text: 'no rule lets it listen', until: null },
      },
    ]);
  });

  test('says "not sensed" of a gate without a sense, in words', async () => {
    await house.start(kitchen());
    house.gate('kitchen').set({ evidence: 'driven' });
    expect((await house.earlid('status')).out).toBe('kitchen  muted, not sensed  no rule lets it listen\n');
  });

  test.each([
    ['port-missing', 'there is nothing at /dev/gate. Plug the gate in'],
    ['port-busy', 'another program has /dev/gate open: it says so. `earlid ports` shows which'],
    ['port-forbidden', 'this user may not open /dev/gate: it says so. Its group is missing'],
    ['port-silent', 'nothing answers at /dev/gate. Check that this is the gate'],
    ['wrong-firmware', 'the board at /dev/gate does not run the Earlid firmware: it says so. Flash it'],
  ])('tells of %s what it is and what to do next', async (code, text) => {
    await house.start(configOf(gateConfig('kitchen', { link: { serial: '/dev/gate' } })), (gate) => {
      gate.deaf = true;
    });
    house.gate('kitchen').set({ problem: { code, detail: 'it says so' } });
    const [gate] = (await house.earlid('status', '--json')).json() as { reason: object; state: string }[];
    expect(gate).toMatchObject({ state: 'unknown', link: 'down', reason: { code, until: null } });
    expect((await house.earlid('status')).out).toContain(`kitchen  unknown            ${text}`);
  });

  test('shows one gate by name, and suggests the nearest for a name that does not exist', async () => {
    await house.start(configOf(gateConfig('kitchen'), gateConfig('hall')));
    expect((await house.earlid('status', 'hall', '--json')).json()).toHaveLength(1);
    const { code, json } = await house.earlid('status', 'kichen', '--json');
    expect(code).toBe(66);
    expect(json()).toEqual({
      error: {
        code: 'no-such-gate',
        message: 'there is no gate named `kichen`',
        hint: 'Did you mean `kitchen`? The gates are: kitchen, hall.',
        gate: 'kichen',
        nearest: 'kitchen',
        gates: ['kitchen', 'hall'],
      },
    });
  });
});

describe('mute', () => {
  test('S3: acts without permission, is proven, and tells that it lasts until somebody ends it', async () => {
    await house.start(configOf(gateConfig('kitchen', { mayUnmute: [] })));
    const { code, json } = await house.earlid('mute', 'kitchen', '--json');
    expect(code).toBe(0);
    expect(json()).toEqual({
      gate: 'kitchen',
      ok: true,
      state: 'muted',
      evidence: 'sensed',
      until: null,
      override: { kind: 'hold', until: null, source: 'cli' },
      refusedBy: null,
    });
    expect((await house.earlid('mute', 'kitchen')).out).toBe(
      'kitchen: muted, sensed, until somebody resumes or unmutes it\n',
    );
  });

  test('--for holds for that long', async () => {
    await house.start(kitchen());
    const { json } = await house.earlid('mute', 'kitchen', '--for', '2h', '--json');
    const { until, override } = json() as { until: string; override: object };
    expect(Date.parse(until) - Date.now()).toBeGreaterThan(7_190_000);
    expect(override).toEqual({ kind: 'hold', until, source: 'cli' });
  });

  test('--until holds until the clock on the wall shows that, and --for beside it is refused', async () => {
    await house.start(kitchen());
    const now = Date.now();
    const at = new Date(now + 3_600_000).toISOString();
    const { json } = await house.earlid('mute', 'kitchen', '--until', at, '--json');
    const { until } = json() as { until: string };
    expect(Math.abs(Date.parse(until) - Date.parse(at))).toBeLessThan(1_000);
    expect((await house.earlid('mute', 'kitchen', '--until', at, '--for', '1h')).code).toBe(64);
    const late = await house.earlid('mute', 'kitchen', '--until', '2001-01-01T10:00');
    expect(late).toMatchObject({ code: 64, err: expect.stringContaining('is no time ahead') });
  });

  test('why --at takes what --until takes, and says what it does not take', async () => {
    await house.start(kitchen());
    const next = (await house.earlid('why', 'kitchen', '--at', '22:00', '--json')).json() as { at: string };
    expect(Date.parse(next.at)).toBeGreaterThan(Date.now());
    const past = await house.earlid('why', 'kitchen', '--at', '2020-01-01T10:00');
    expect(past.out).toContain('kitchen is to be muted then, because no rule lets it listen.');
    const never = await house.earlid('why', 'kitchen', '--at', 'tomorrow');
    expect(never).toMatchObject({
      code: 64,
      err: expect.stringContaining('`tomorrow` is no instant\n  Write 22:00'),
    });
  });

  test('--all --json is an array, and the gravest outcome is the exit code', async () => {
    await house.start(configOf(gateConfig('kitchen'), gateConfig('hall')), (gate) => {
      gate.deaf = gate.name === 'hall';
    });
    const { code, json } = await house.earlid('mute', '--all', '--timeout', '1s', '--json');
    expect(code).toBe(75);
    expect(json()).toMatchObject([
      { gate: 'kitchen', ok: true, state: 'muted' },
      {
        gate: 'hall',
        ok: false,
        state: 'unknown',
        evidence: 'none',
        refusedBy: null,
        override: { kind: 'hold' },
        error: { code: 'not-proven' },
      },
    ]);
    expect(house.gate('hall').calls).toContain('mute now (cli)');
  });

  test.each([[['mute']], [['mute', 'kitchen', '--all']]])('%j is wrong usage', async (args) => {
    const { code, json } = await house.earlid(...args, '--json');
    expect(code).toBe(64);
    expect(json()).toMatchObject({ error: { code: 'usage' } });
  });
});

describe('unmute', () => {
  test('listens for as long as was asked, and resume ends it', async () => {
    await house.start(kitchen());
    const { code, json } = await house.earlid('unmute', 'kitchen', '--for', '5m', '--json');
    expect(code).toBe(0);
    const { until } = json() as { until: string };
    expect(json()).toMatchObject({
      ok: true,
      state: 'live',
      override: { kind: 'grant', source: 'cli', until },
    });
    expect(Math.abs(Date.parse(until) - Date.now() - 300_000)).toBeLessThan(2_000);
    const [gate] = (await house.earlid('status', '--json')).json() as object[];
    expect(gate).toMatchObject({ state: 'live', desired: 'listen', reason: { code: 'grant' } });
    expect((await house.earlid('resume', 'kitchen', '--json')).json()).toMatchObject({
      ok: true,
      state: 'muted',
      override: null,
      until: null,
    });
  });

  test('without a length gets the default of the configuration', async () => {
    await house.start(kitchen());
    const { until } = (await house.earlid('unmute', 'kitchen', '--json')).json() as { until: string };
    expect(Math.abs(Date.parse(until) - Date.now() - 900_000)).toBeLessThan(2_000);
  });

  test.each([
    ['may_unmute', 'not-permitted', { mayUnmute: ['button'] as const }, {}, '5m'],
    ['grants.max', 'grant-too-long', {}, {}, '5h'],
    ['lock', 'locked', {}, { locked: true }, '5m'],
    ['fault', 'fault', {}, { fault: 'sense-live' as const }, '5m'],
  ])('S4: is refused by %s', async (refusedBy, code, config, status, length) => {
    await house.start(configOf(gateConfig('kitchen', config)));
    house.gate('kitchen').set(status);
    const told = await house.earlid('unmute', 'kitchen', '--for', length, '--json');
    expect(told.code).toBe(77);
    expect(told.json()).toMatchObject({ ok: false, override: null, refusedBy, error: { code } });
    expect(house.gate('kitchen').calls).not.toContain('listen');
  });

  test('tells people who refused and what to do', async () => {
    await house.start(configOf(gateConfig('kitchen', { mayUnmute: ['button'] })));
    expect(await house.earlid('unmute', 'kitchen')).toMatchObject({
      out: '',
      err: 'earlid: kitchen may not be unmuted by `cli`\n  `may_unmute` of this gate names: button. Unmute it from there, or change `may_unmute` in the configuration.\n',
    });
  });

  test('that is not shown in time says that the grant stands', async () => {
    await house.start(kitchen(), (gate) => {
      gate.deaf = true;
    });
    const { code, json } = await house.earlid('unmute', 'kitchen', '--timeout', '1s', '--json');
    expect(code).toBe(75);
    expect(json()).toMatchObject({
      ok: false,
      override: { kind: 'grant' },
      error: {
        code: 'not-proven',
        message: 'kitchen was told to unmute, but has not shown it within 1s',
        hint: 'The grant stands until its end; `earlid mute kitchen` ends it. `earlid status kitchen` shows what is known of it.',
      },
    });
  });
});

describe('resume, lock and press', () => {
  test('S4: resume needs permission like unmute', async () => {
    await house.start(configOf(gateConfig('kitchen', { mayUnmute: ['button'] })));
    const { code, json } = await house.earlid('resume', 'kitchen', '--json');
    expect(code).toBe(77);
    expect(json()).toMatchObject({ refusedBy: 'may_unmute' });
  });

  test('S5: lock is proven by the gate and ends a grant for good', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    const { code, json } = await house.earlid('lock', 'kitchen', '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({ ok: true, state: 'muted', override: null });
    house.gate('kitchen').set({ locked: false });
    expect(house.gate('kitchen').wanted?.listen).toBe(false);
  });

  test('S5: a lock that is not shown in time says that it ends with the daemon', async () => {
    await house.start(kitchen(), (gate) => {
      gate.lock = () => {};
    });
    const { code, json } = await house.earlid('lock', 'kitchen', '--timeout', '1s', '--json');
    expect(code).toBe(75);
    expect(json()).toMatchObject({
      ok: false,
      error: {
        code: 'not-proven',
        hint: 'The lock is sent again until the gate shows it, but only as long as this daemon runs: lock it again after a restart. `earlid status kitchen` shows what is known of it.',
      },
    });
  });

  test('press waits for what the gate tells of it', async () => {
    await house.start(kitchen());
    const gate = house.gate('kitchen');
    const pressing = house.earlid('press', 'kitchen', '--ms', '300', '--json');
    while (house.presses.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // It came before, and is told late.
    await gate.event('mute', 'cli');
    await gate.event('live', 'button', { detail: 90_000 });
    const { code, json } = await pressing;
    expect(code).toBe(0);
    expect(house.presses).toEqual([300]);
    expect(json()).toMatchObject({
      ok: true,
      state: 'live',
      override: { kind: 'grant', source: 'button' },
      refusedBy: null,
    });
  });

  test('press that the gate refuses says why', async () => {
    await house.start(kitchen());
    const pressing = house.earlid('press', 'kitchen', '--json');
    while (house.presses.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await house.gate('kitchen').event('press', 'not-permitted', { detail: 200 });
    const { code, json } = await pressing;
    expect(code).toBe(77);
    expect(json()).toMatchObject({ ok: false, refusedBy: 'not-permitted', error: { code: 'press-refused' } });
  });

  test('press of a real gate is refused with a hint', async () => {
    await house.start(configOf(gateConfig('kitchen', { link: { serial: '/dev/gate' } })));
    expect(await house.earlid('press', 'kitchen')).toMatchObject({
      code: 77,
      err: 'earlid: kitchen is a real gate: its button can only be pressed by hand\n  `earlid press` is for gates with `link: { bench: … }` and for `earlid demo`.\n',
    });
  });
});
