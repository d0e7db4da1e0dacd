import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from './household.ts';

const FAKE = fileURLToPath(new URL('../../flash/fake-avrdude.mjs', import.meta.url));

let home: Household;
beforeEach(() => {
  home = new Household();
  Object.assign(process.env, { EARLID_AVRDUDE: FAKE, FAKE_AVRDUDE: home.folder });
});
afterEach(async () => {
  delete process.env.EARLID_AVRDUDE;
  delete process.env.FAKE_AVRDUDE;
  await home.end();
});

const avrdude = (...steps: object[]) => writeFileSync(join(home.folder, 'steps.json'), JSON.stringify(steps));
const calls = () => readFileSync(join(home.folder, 'calls.jsonl'), 'utf8').trimEnd().split('\n').length;

test('S1, S3, S4: a gate that the daemon holds is muted with proof, refuses every unmute, and comes back', async () => {
  const bench = await home.bench('kitchen');
  await home.daemon(`gates:\n  kitchen: { link: { serial: ${bench.path} } }\n`);
  await home.reaches('kitchen', ({ state }) => state === 'muted');
  expect((await home.earlid('unmute', 'kitchen', '--for', '5m')).code).toBe(0);
  const go = join(home.folder, 'go');
  avrdude({ says: 'done', exit: 0, waitsFor: go });
  const flashing = home.earlid('flash', 'kitchen');
  await until(() => existsSync(join(home.folder, 'calls.jsonl')), 10_000);
  expect(bench.level('contact')).toBe(0);
  expect(await home.status('kitchen')).toMatchObject({
    state: 'unknown',
    lease: null,
    override: null,
    reason: { code: 'released' },
  });
  expect((await home.earlid('unmute', 'kitchen', '--timeout', '1s')).code).toBe(77);
  expect((await home.earlid('mute', 'kitchen', '--timeout', '1s')).code).toBe(75);
  writeFileSync(go, '');
  expect(await flashing).toEqual({
    code: 0,
    err: '',
    out: `kitchen: muted, sensed
  was  Earlid firmware 0.1.0, uno-relay
  now  Earlid firmware 0.1.0, uno-relay, written, read back and answering
`,
  });
  expect(await home.status('kitchen')).toMatchObject({
    state: 'muted',
    override: { kind: 'hold', source: 'cli' },
  });
});

thoroughTest('--all: current gates are left alone, one that fails keeps no other from its turn', async () => {
  const [kitchen, hall] = [await home.bench('kitchen'), await home.bench('hall')];
  const gone = join(home.folder, 'gone');
  const config = `gates:\n  attic: { link: { serial: ${gone} } }\n  kitchen: { link: { serial: ${kitchen.path} } }\n  hall: { link: { serial: ${hall.path} } }\n`;
  writeFileSync(join(home.folder, 'earlid.yaml'), config);
  const current = await home.earlid('flash', '--all');
  expect(current.code).toBe(75);
  expect(current.out).toBe('kitchen: runs this version already\nhall: runs this version already\n');
  expect(current.err).toContain(`there is nothing at ${gone}`);

  avrdude({ says: 'mismatch', exit: 1 }, { says: 'done', exit: 0 });
  const forced = await home.earlid('flash', '--all', '--force', '--json');
  expect(forced.code).toBe(75);
  expect(JSON.parse(forced.out)).toMatchObject([
    { gate: 'attic', ok: false, error: { code: 'port-missing' } },
    { gate: 'kitchen', ok: false, mutedBy: 'none', error: { code: 'flash-mismatch' } },
    { gate: 'hall', ok: true, mutedBy: 'sensed', after: { product: 'uno-relay' } },
  ]);
  expect(calls()).toBe(2);
});

thoroughTest('a port that another program holds is left alone, and the program is named', async () => {
  const bench = await home.bench('kitchen');
  const daemon = await home.daemon(`gates:\n  kitchen: { link: { serial: ${bench.path} } }\n`);
  await home.reaches('kitchen', ({ state }) => state === 'muted');
  const live = await home.earlid('unmute', 'kitchen');
  process.env.EARLID_AVRDUDE = join(home.folder, 'none');
  // Without avrdude no gate is disturbed for nothing.
  const without = await home.earlid('flash', 'kitchen');
  expect([live.code, without.code]).toEqual([0, 78]);
  expect(without.err).toContain('sudo apt install avrdude');
  expect(bench.level('contact')).toBe(1);
  process.env.EARLID_AVRDUDE = FAKE;
  const stranger = new Household();
  try {
    const busy = await stranger.earlid('flash', '--port', bench.path);
    expect(busy.code).toBe(75);
    expect(busy.err).toContain(`another program has ${bench.path} open: process ${daemon.pid} (node)`);
  } finally {
    await stranger.end();
  }
  expect(await home.status('kitchen')).toMatchObject({ state: 'live', link: 'up' });
});
