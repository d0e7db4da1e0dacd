/** `earlid pair` beside a running daemon: processes of their own, and the real firmware on a device path. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { type BenchProcess, Household, type Outcome, until } from './household.ts';

interface Keys {
  readonly gates: Readonly<Record<string, { readonly key: string | null; readonly next?: object }>>;
}

describe('earlid pair beside a running daemon', () => {
  let home: Household;
  let board: BenchProcess;
  beforeEach(async () => {
    home = new Household();
    board = await home.bench('kitchen');
    await home.daemon(`
site: { timezone: UTC, clock: trusted }
gates:
  kitchen: { link: { serial: ${board.path} }, listen: [ { schedule: "00:00-24:00" } ] }
`);
    await home.reaches('kitchen', ({ state }) => state === 'live');
  }, 30_000);
  afterEach(() => home.end());

  const file = () => join(home.folder, 'keys.json');
  const held = () => (JSON.parse(readFileSync(file(), 'utf8')) as Keys).gates.kitchen!;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Somebody does as the command says; `after` is done as soon as the board is told. */
  async function pair(
    args: readonly string[],
    after: () => Promise<void> = async () => {},
  ): Promise<Outcome> {
    const { process, outcome } = home.begin('pair', 'kitchen', ...args);
    let printed = '';
    process.stdout!.on('data', (chunk) => {
      printed += chunk;
    });
    const isAsked = until(
      () => printed.includes('Hold its button'),
      10_000,
      () => printed,
    );
    if (!(await Promise.race([isAsked.then(() => true), outcome.then(() => false)]))) return outcome;
    board.line('power off');
    await wait(500);
    board.line('press 3000');
    board.line('power on');
    await until(
      () => printed.includes('it is told'),
      10_000,
      () => printed,
    );
    await after();
    return outcome;
  }

  thoroughTest(
    'S1 S7: a key, another, none; muted meanwhile, as before afterwards, and nothing shows a key',
    async () => {
      const opened = board.edges('contact').length;
      const first = await pair([], async () => expect(board.edges('contact')).toHaveLength(opened + 1));
      expect(first).toMatchObject({ code: 0, err: '' });
      const { key } = held();
      expect(statSync(file()).mode & 0o777).toBe(0o600);
      const view = await home.reaches('kitchen', ({ state }) => state === 'live');
      expect(view.keyed).toBe(true);

      const again = await pair([]);
      expect(again.code).toBe(77);
      expect(again.err).toContain('--rotate');
      expect(await pair(['--rotate'])).toMatchObject({ code: 0 });
      const rotated = held().key;
      expect(rotated).not.toBe(key);
      await home.reaches('kitchen', ({ state }) => state === 'live');

      const shown = await Promise.all(
        [
          ['status', '--json'],
          ['doctor', '--json'],
          ['events', '--json'],
          ['why', 'kitchen', '--json'],
        ].map((args) => home.earlid(...args)),
      );
      const texts = [first, again, ...shown].flatMap(({ out, err }) => [out, err]);
      for (const text of texts) expect(text.includes(key!) || text.includes(rotated!)).toBe(false);

      expect(await pair(['--forget', '--serial', board.path])).toMatchObject({ code: 0 });
      expect(held()).toBeUndefined();
      expect((await home.reaches('kitchen', ({ state }) => state === 'live')).keyed).toBe(false);
    },
    60_000,
  );

  thoroughTest(
    'power goes as it is told its first key: unknown or live by one of the two, and the same command mends it',
    async () => {
      const cut = await pair(['--timeout', '8s'], async () => {
        await wait(100);
        board.line('power off');
      });
      expect(cut.code).toBe(75);
      expect(cut.err).not.toContain('nothing was changed');
      expect(held().next).toBeDefined();
      board.line('power on');
      await home.reaches(
        'kitchen',
        ({ reason, state }) => reason.code === 'gate-unpaired' || state === 'live',
      );
      expect(await pair([])).toMatchObject({ code: 0 });
      expect(held().next).toBeUndefined();
      expect((await home.reaches('kitchen', ({ state }) => state === 'live')).keyed).toBe(true);
    },
    60_000,
  );

  thoroughTest('nobody holds the button: nothing has changed, and it listens again', async () => {
    const opened = board.edges('contact').length;
    const { code, err } = await home.earlid('pair', 'kitchen', '--timeout', '2s');
    expect({ code, err }).toMatchObject({ code: 75, err: expect.stringContaining('nothing was changed') });
    expect(board.edges('contact').length).toBeGreaterThan(opened);
    expect((await home.reaches('kitchen', ({ state }) => state === 'live')).keyed).toBe(false);
  });
});
