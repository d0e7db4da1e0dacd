import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from './household.ts';

/** The clock is seen to be set within a second. */
const BEFORE_MS = 1_500;

describe('a daemon on a test clock', () => {
  let home: Household;
  let clock: string;
  beforeEach(() => {
    home = new Household();
    clock = join(home.folder, 'clock');
  });
  afterEach(() => home.end());

  test('S2: dates what happens by it, and a step beyond its end ends a grant', async () => {
    writeFileSync(clock, '2027-03-28T00:50:00Z');
    await home.daemon('gates:\n  kitchen:\n    link: { bench: uno-relay }\n', '--test-clock', clock);
    await home.reaches('kitchen', (view) => view.state === 'muted');
    const granted = JSON.parse((await home.earlid('unmute', 'kitchen', '--for', '30m', '--json')).out);
    expect(granted).toMatchObject({ state: 'live', override: { kind: 'grant' } });
    expect(granted.until).toMatch(/^2027-03-28T01:20:/);
    expect((await home.earlid('status')).out).toMatch(/\((30m|29m5\ds) left\)/);

    writeFileSync(clock, '2027-03-28T01:20:20Z');
    const over = await home.reaches('kitchen', (view) => view.state === 'muted');
    expect(over.reason.code).toBe('no-rule');
    const events = JSON.parse((await home.earlid('events', '--json')).out) as { kind: string; at: string }[];
    expect(events.every(({ at }) => at.startsWith('2027-03-28T0'))).toBe(true);

    writeFileSync(clock, 'tomorrow');
    // A real gate does not come under a false time later either.
    const file = join(home.folder, 'earlid.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}  hall:\n    link: { serial: /dev/ttyACM0 }\n`);
    await until(async () => {
      const told = await home.problems();
      return told.includes('shows no time') && told.includes('hall is a real one');
    }, 20_000);
    expect((await home.earlid('status')).err).toMatch(/shows no time/);
    expect((await home.earlid('status', 'hall')).code).toBe(66);
  });

  thoroughTest(
    'S4: a schedule opens and closes the contact at its times: past midnight, through both clock changes, and through kill -9',
    async () => {
      const config = [
        'site: { timezone: Europe/Berlin }',
        'gates:',
        '  kitchen:',
        '    link: { bench: uno-relay }',
      ].join('\n');
      const file = join(home.folder, 'earlid.yaml');
      const start = (text: string) => home.daemon(text, '--test-clock', clock);
      const listens = (live: boolean, withinMs = 8_000) =>
        home.reaches(
          'kitchen',
          ({ state, evidence }) => state === (live ? 'live' : 'muted') && evidence === 'sensed',
          withinMs,
        );
      const setClock = (at: number) => writeFileSync(clock, new Date(at).toISOString());
      /** Lets the clock run over this instant, and says how late the contact moved, in ms. */
      const edge = async (at: string, live: boolean): Promise<number> => {
        setClock(Date.parse(at) - BEFORE_MS);
        await listens(live);
        const events = JSON.parse((await home.earlid('events', '--json')).out) as {
          kind: string;
          at: string;
        }[];
        const moved = events.findLast(({ kind }) => kind === (live ? 'live' : 'mute'))!;
        return Date.parse(moved.at) - Date.parse(at);
      };

      setClock(Date.parse('2027-03-27T22:00:00Z'));
      let daemon = await start(config);
      expect((await home.earlid('schedule', 'set', 'kitchen', '23:30-02:30')).code).toBe(0);
      await listens(false);
      const late = [await edge('2027-03-27T22:30:00Z', true)];
      // Over midnight, in two daemons.
      setClock(Date.parse('2027-03-27T22:59:58.500Z'));
      daemon.kill('SIGKILL');
      daemon = await start(readFileSync(file, 'utf8'));
      await listens(true);
      await until(async () => (await home.status('kitchen')).reported!.at > '2027-03-27T23:00:00', 5_000);
      expect((await home.status('kitchen')).state).toBe('live');
      // 02:30 does not come: the clock goes from 02:00 to 03:00.
      late.push(await edge('2027-03-28T01:00:00Z', false));

      // 02:00 to 03:00 comes twice: the window ends twice, and begins with the second.
      late.push(await edge('2027-10-30T21:30:00Z', true));
      late.push(await edge('2027-10-31T00:30:00Z', false));
      late.push(await edge('2027-10-31T01:00:00Z', true));
      daemon.kill('SIGKILL');
      daemon = await start(readFileSync(file, 'utf8'));
      await listens(true);
      late.push(await edge('2027-10-31T01:30:00Z', false));
      expectOnTime(late);
    },
    60_000,
  );
});

function expectOnTime(late: readonly number[]): void {
  for (const ms of late) {
    expect(ms).toBeGreaterThan(-300);
    expect(ms).toBeLessThan(1_500);
  }
}
