import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from './household.ts';

let home: Household;
beforeEach(() => {
  home = new Household();
});
afterEach(() => home.end());

thoroughTest(
  'S2: rules and gates change while the daemon runs; a gate that nobody changed stays live without a break',
  async () => {
    const bath = await home.bench('bath');
    const file = join(home.folder, 'earlid.yaml');
    const daemon = await home.daemon(
      `site: { timezone: Europe/Berlin, clock: trusted } # here
gates:
  kitchen: { link: { bench: uno-relay } }
  bath: { link: { serial: ${bath.path} } }
`,
    );
    await home.reaches('bath', (view) => view.state === 'muted');
    await home.reaches('kitchen', (view) => view.state === 'muted');
    expect((await home.earlid('unmute', 'bath', '--for', '5m')).code).toBe(0);

    const set = await home.earlid('schedule', 'set', 'kitchen', '24/7');
    expect([set.code, set.out]).toEqual([0, expect.stringContaining('the daemon goes by it now\n')]);
    await home.reaches('kitchen', (view) => view.state === 'live');
    const never = await home.earlid('schedule', 'never', 'kitchen', '24/7', '--json');
    expect(JSON.parse(never.out)).toMatchObject({ daemon: 'follows', status: { desired: 'mute' } });
    await home.reaches('kitchen', (view) => view.state === 'muted');

    const good = readFileSync(file, 'utf8');
    writeFileSync(file, `${good}gates: again\n`);
    daemon.kill('SIGHUP');
    await until(async () => (await home.problems()).includes('this key is already there'), 20_000);
    expect((await home.earlid('status')).err).toContain(`${file}:5:1: gates: this key is already there`);
    writeFileSync(file, good.replace(/kitchen: .*/, 'attic: { link: { bench: uno-relay } }'));
    await until(async () => (await home.gates())[0]?.gate === 'attic', 20_000);
    expect((await home.earlid('status')).err).toBe('');

    expect(bath.edges('contact').map(({ level }) => level)).toEqual([1]);
    const events = JSON.parse((await home.earlid('events', 'bath', '--json')).out) as { kind: string }[];
    expect(events.filter(({ kind }) => kind === 'live')).toHaveLength(1);
    expect(events.map(({ kind }) => kind)).not.toContain('mute');
  },
  60_000,
);
