import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeDurably } from '../../controller/daemon/durable-file.ts';
import { OverrideStore, type OverrideStoreOptions } from '../../controller/daemon/override-store.ts';
import { type Decision, grant, hold } from '../../controller/policy/override.ts';

let folder: string;
let file: string;
let problems: (string | null)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  file = join(folder, 'overrides.json');
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const store = (change: Partial<OverrideStoreOptions> = {}) =>
  new OverrideStore({
    folder,
    machine: 'this run',
    onProblem: (problem) => problems.push(problem?.code ?? null),
    ...change,
  });
const now = { wall: 1_700_000_000_000, counted: 50_000 };
const granted = grant(now, 60_000, 'cli');
const held = hold(now, null, 'cli');
const both = new Map<string, Decision>([
  ['kitchen', granted],
  ['hall', held],
]);

describe('overrides on disk', () => {
  test('survive a restart of the daemon, owner only', async () => {
    expect(await store().save(both)).toBeNull();
    expect(store().load()).toEqual({ decisions: both });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each([['another run'], [null]])(
    'grants do not survive a restart of the machine (%s)',
    async (machine) => {
      await store({ machine: machine === null ? null : 'this run' }).save(both);
      const loaded = store({ machine }).load() as { decisions: Map<string, Decision> };
      expect(loaded.decisions.get('kitchen')?.override).toBeNull();
      expect(loaded.decisions.get('hall')?.override).toEqual(held.override);
    },
  );

  test('are none at first', () => {
    expect(store().load()).toEqual({ decisions: new Map() });
  });

  test.each([
    ['damaged', '{"version":1,"gates":'],
    ['of another form', '{"version":2,"gates":{}}'],
    [
      'with nonsense in it',
      '{"version":1,"machine":null,"gates":{"a":{"override":{"kind":"listen"},"at":0}}}',
    ],
    ['empty', ''],
    ...[1e300, -1, 1.5, 8.64e15 + 1].map((until): [string, string] => [
      `impossible: until ${until}`,
      JSON.stringify({
        version: 1,
        machine: 'this run',
        gates: { a: { ...granted, override: { ...granted.override, until } } },
      }),
    ]),
  ])('that are %s are put aside and not overwritten', (_, text) => {
    writeFileSync(file, text);
    const loaded = store().load() as { kept: string; unreadable: string };
    expect(loaded.unreadable).toBe('it is damaged');
    expect(readFileSync(loaded.kept, 'utf8')).toBe(text);
    expect(existsSync(file)).toBe(false);
  });

  test('that are a folder are put aside too', () => {
    mkdirSync(file);
    expect(store().load()).toMatchObject({ unreadable: 'EISDIR' });
  });

  test('decisions that come while one is written are written after it, and all are awaited', async () => {
    const texts: string[] = [];
    const writing = store({
      write: async (path, text) => {
        await writeDurably(path, text);
        texts.push(text);
      },
    });
    const saves = [
      writing.save(new Map()),
      writing.save(new Map([['kitchen', granted]])),
      writing.save(both),
    ];
    expect(await Promise.all(saves)).toEqual([null, null, null]);
    expect(texts).toHaveLength(2);
    expect(store().load()).toEqual({ decisions: both });
  });

  test('of many gates that come at once are written twice, the second time with all of them', async () => {
    const texts: string[] = [];
    const writing = store({ write: async (_, text) => void texts.push(text) });
    const decisions = new Map();
    const saves: Promise<unknown>[] = [];
    for (let i = 0; i < 1_000; i++) {
      decisions.set(`gate${i}`, held);
      saves.push(writing.save(decisions));
    }
    expect(await Promise.all(saves)).toEqual(saves.map(() => null));
    expect(texts.map((text) => Object.keys(JSON.parse(text).gates).length)).toEqual([1, 1_000]);
  });

  test('that cannot be written are told of once, and a grant does not come back from the old file', async () => {
    await store().save(both);
    const full = store({
      write: async () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    });
    full.load();
    expect(await full.save(new Map([['kitchen', held]]))).toEqual({ code: 'disk-full', detail: 'ENOSPC' });
    expect(await full.save(new Map([['kitchen', held]]))).toMatchObject({ code: 'disk-full' });
    await full.stop();
    expect(problems).toEqual(['disk-full']);
    expect(store().load()).toMatchObject({ unreadable: 'the newest decisions could not be written' });
  });

  test('are whole again as soon as they can be written', async () => {
    let broken = true;
    await store().save(both);
    const recovering = store({
      write: async (path, text) => {
        if (broken) throw Object.assign(new Error('full'), { code: 'EROFS' });
        await writeDurably(path, text);
      },
    });
    expect(await recovering.save(both)).toMatchObject({ code: 'state-unwritable' });
    broken = false;
    expect(await recovering.save(both)).toBeNull();
    expect(problems).toEqual(['state-unwritable', null]);
    expect(readdirSync(folder)).toEqual(['overrides.json']);
  });
});
