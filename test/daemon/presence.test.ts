/** Presence in a daemon with fake gates: what is set by hand, and what is shown. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../controller/daemon/clock.ts';
import type { Vouch } from '../../controller/daemon/clock-source.ts';
import { configOf } from '../../schemas/config.ts';
import { House } from '../cli/harness.ts';
import { settle, VirtualClock } from '../gate/virtual-clock.ts';

const MINUTE = 60_000;
const CONFIG = configOf({
  presence: {
    guests: { manual: 'off' },
    awake: { manual: 'on' },
    anna: { host: '10.0.0.7', linger: '10m' },
    quiet: { all: ['guests', { not: 'anna' }] },
  },
  gates: {
    kitchen: { link: { bench: 'uno-relay' }, listen: [{ if: 'awake' }], never: [{ if: 'guests' }] },
  },
});

let house: House;
let time: VirtualClock;
let vouched: Vouch | null;
/** The uptime of the machine begins anew with every start of it. */
let machineStarted = 0;
/** Timers that were set. */
let timers = 0;

beforeEach(() => {
  house = new House();
  time = new VirtualClock();
  vouched = null;
  machineStarted = 0;
  timers = 0;
});
afterEach(() => house.end());

async function start(outcome = 'connected'): Promise<void> {
  const clock: Clock = {
    now: () => ({ wall: time.utc(), counted: time.now() - machineStarted }),
    vouch: async () => vouched,
  };
  await house.start(CONFIG, () => {}, {
    clock,
    after: (ms, run) => {
      timers++;
      return time.after(ms, run);
    },
    network: { isAddress: () => true, lookUp: async () => [], connect: async () => outcome },
  });
  await settle();
}
async function restart(): Promise<void> {
  await house.daemon!.stop();
  await start();
}
const wants = () => house.gate('kitchen').wanted!.listen;
const view = (name: string) =>
  house.daemon!.service.presence().presence.find(({ presence }) => presence === name)!;
const problems = () => house.daemon!.service.status().problems.map(({ code }) => code);
const file = () => join(house.folder, 'presence.json');

describe('what is set by hand', () => {
  test('mutes at once under a never rule, and lets the rules decide again when it is over', async () => {
    await start();
    expect(wants()).toBe(true);
    expect(await house.earlid('presence', 'set', 'guests', 'on', '--for', '3m')).toMatchObject({ code: 0 });
    expect(wants()).toBe(false);
    expect(house.log.join('\n')).toMatch(/presence guests: on until .*Z, from the command line/);
    timers = 0;
    await time.pass(3 * MINUTE - 1_000);
    expect(wants()).toBe(false);
    // The clock is looked at once a second; policy itself waits to be told.
    expect(timers).toBeLessThan(200);
    await time.pass(1_000);
    expect(wants()).toBe(true);
    await house.daemon!.stop();
    expect(JSON.parse(readFileSync(file(), 'utf8')).presence).toEqual({});
  });

  test('survives a restart of the daemon, with its end', async () => {
    await start();
    await house.earlid('presence', 'set', 'guests', 'on', '--for', '3m');
    await time.pass(2 * MINUTE);
    await restart();
    expect(view('guests')).toMatchObject({ value: true });
    expect(wants()).toBe(false);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    await time.pass(MINUTE);
    expect(wants()).toBe(true);
    await house.earlid('presence', 'set', 'awake', 'off');
    await restart();
    expect(wants()).toBe(false);
  });

  test('S4 is unknown after the machine has started again, until the time is known', async () => {
    await start();
    await house.earlid('presence', 'set', 'guests', 'off', '--for', '3m');
    await house.daemon!.stop();
    writeFileSync(file(), readFileSync(file(), 'utf8').replace(/"machine": ".*"/, '"machine": "another"'));
    machineStarted = time.now();
    await start();
    expect(view('guests').value).toBeNull();
    expect(wants()).toBe(false);
    expect(problems()).toEqual(['clock-unknown']);
    vouched = 'synchronised';
    await time.pass(30_000);
    expect(view('guests').value).toBe(false);
    expect(wants()).toBe(true);
    expect(problems()).toEqual([]);
  });

  test('S4 is unknown when it cannot be read, also later, until it is set again', async () => {
    writeFileSync(file(), '{"version":1,');
    await start();
    expect(problems()).toEqual(['presence-unreadable']);
    expect(readdirSync(house.folder).some((name) => name.startsWith('presence.json.unreadable-'))).toBe(true);
    expect([view('guests').value, view('awake').value, wants()]).toEqual([null, null, false]);
    await restart();
    expect([view('guests').value, view('awake').value, wants()]).toEqual([null, null, false]);
    await house.earlid('presence', 'set', 'guests', 'off');
    expect(wants()).toBe(false);
    await house.earlid('presence', 'set', 'awake', 'on');
    expect(wants()).toBe(true);
    expect(problems()).toEqual([]);
  });

  test('is in force but said not to last while it cannot be written, and does not come back from the old file', async () => {
    await start();
    await house.earlid('presence', 'set', 'guests', 'off');
    mkdirSync(`${file()}.next`);
    const told = await house.earlid('presence', 'set', 'guests', 'on');
    expect(told.out).toBe('guests: on, until it is set again\n');
    expect(told.err).toContain('guests is set, but this will not survive a restart');
    expect(wants()).toBe(false);
    await house.daemon!.stop();
    rmdirSync(`${file()}.next`);
    await start();
    expect(view('guests').value).toBeNull();
    expect(wants()).toBe(false);
  });

  test.each([
    [['gests', 'on'], 66, 'no-such-presence', { nearest: 'guests' }],
    [['anna', 'on'], 77, 'presence-not-manual', { presence: 'anna' }],
    [['guests', 'maybe'], 64, 'usage', {}],
    [['guests', 'on', '--for', '0s'], 64, 'usage', {}],
    [['guests', 'on', '--for', '31d'], 65, 'bad-request', {}],
  ])('%j is refused with exit %i', async (args, exit, code, extra) => {
    await start();
    const told = await house.earlid('presence', 'set', ...args, '--json');
    expect(told.code).toBe(exit);
    expect(JSON.parse(told.out)).toMatchObject({ error: { code, ...extra } });
  });

  test('needs a daemon', async () => {
    expect(await house.earlid('presence', 'set', 'guests', 'on')).toMatchObject({ code: 69 });
  });
});

describe('presence list', () => {
  test('tells each presence with the facts behind it', async () => {
    await start();
    await time.pass(20_000);
    await house.earlid('presence', 'set', 'guests', 'on', '--for', '3m');
    const { presence } = house.daemon!.service.presence();
    expect(presence.map(({ presence, value }) => [presence, value])).toEqual([
      ['guests', true],
      ['awake', true],
      ['anna', true],
      ['quiet', false],
    ]);
    expect(presence[3]!.facts).toEqual([
      { fact: 'manual guests', value: true, detail: 'set on by hand', ageMs: 0, maxAgeMs: null },
      { fact: 'host 10.0.0.7', value: true, detail: 'answers', ageMs: 5_000, maxAgeMs: 60_000 },
    ]);
    const told = await house.earlid('presence', 'list');
    expect(told.out).toContain('anna: on\n  host 10.0.0.7  on: answers, 5s ago\n');
    const json = (await house.earlid('presence', 'list', '--json')).json();
    expect(json).toEqual(presence);
  });

  test('S4 says what is too old to be believed', async () => {
    await start('ECANCELED');
    expect(view('anna').facts[0]).toMatchObject({ value: null, detail: 'cannot be asked (ECANCELED)' });
    expect((await house.earlid('presence', 'list')).out).toContain('anna: unknown');
  });

  test('says that there is none', async () => {
    await house.start(configOf({ gates: { kitchen: { link: { bench: 'uno-relay' } } } }));
    expect((await house.earlid('presence', 'list')).out).toBe('The configuration names no presence.\n');
  });
});
