import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pack, unpack } from '../../controller/backup/archive.ts';
import { KeyStore } from '../../controller/daemon/key-store.ts';
import { Secret } from '../../controller/gate/secret.ts';
import { configOf, gateConfig, House } from '../cli/harness.ts';

const CONFIG = '# ours\ngates:\n  kitchen: { link: { bench: uno-relay } }\n';
const KEY = Secret.random();

let old: House;
let fresh: House;
beforeEach(async () => {
  old = new House();
  fresh = new House();
  writeFileSync(join(old.folder, 'earlid.yaml'), CONFIG);
  const keys = new KeyStore(old.folder);
  await keys.begin('kitchen', KEY, 0);
  await keys.shown('kitchen', KEY, 0);
});
afterEach(async () => {
  await old.end();
  await fresh.end();
});

const file = () => join(old.folder, 'of-today.backup');
const made = async () => expect(await old.earlid('backup', file())).toMatchObject({ code: 0, err: '' });
const inFresh = (name: string) => join(fresh.folder, name);

describe('a backup', () => {
  test('brings configuration, keys, holds and record to another computer, and no grant', async () => {
    await old.start(configOf(gateConfig('kitchen'), gateConfig('hall')));
    await old.earlid('mute', 'hall');
    await old.earlid('unmute', 'kitchen', '--for', '1h');
    await made();
    await old.daemon!.stop();
    old.daemon = null;
    const events = readFileSync(join(old.folder, 'events.jsonl'), 'utf8');

    const told = await fresh.earlid('restore', file());
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain(inFresh('keys.json'));
    expect(readFileSync(inFresh('earlid.yaml'), 'utf8')).toBe(CONFIG);
    expect(events.startsWith(readFileSync(inFresh('events.jsonl'), 'utf8'))).toBe(true);
    const keys = new KeyStore(fresh.folder);
    expect(await keys.load()).toBeNull();
    expect(keys.of('kitchen')[0]!.equals(KEY)).toBe(true);
    // Two computers must not pass for one controller.
    expect(existsSync(inFresh('controller-id'))).toBe(false);
    await fresh.start(configOf(gateConfig('kitchen'), gateConfig('hall')));
    const gates = (await fresh.earlid('status', '--json')).json() as { override: unknown }[];
    expect(gates).toMatchObject([{ override: null }, { override: { kind: 'hold', source: 'cli' } }]);
  });

  test('is for its owner alone, replaces nothing, and shows no key', async () => {
    await made();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const before = readFileSync(file());
    const again = await old.earlid('backup', file(), '--json');
    expect(again.json()).toMatchObject({ error: { code: 'backup-exists' } });
    expect(readFileSync(file()).equals(before)).toBe(true);
    const other = await old.earlid('backup', `${file()}.2`, '--json');
    expect(other.json()).toMatchObject({ parts: ['earlid.yaml', 'keys.json'] });
    for (const text of [again.out, other.out, before.toString('latin1')])
      expect(text).not.toContain(KEY.toBase64());
  });

  test('is not made of keys that are of no use', async () => {
    chmodSync(join(old.folder, 'keys.json'), 0o644);
    expect(await old.earlid('backup', file())).toMatchObject({ code: 78 });
    expect(existsSync(file())).toBe(false);
  });
});

describe('restoring', () => {
  test('is refused while a daemon runs', async () => {
    await made();
    await fresh.start(configOf(gateConfig('kitchen')));
    expect((await fresh.earlid('restore', file(), '--json')).json()).toMatchObject({
      error: { code: 'restore-running' },
    });
    expect(existsSync(inFresh('keys.json'))).toBe(false);
  });

  test('replaces what is there only when asked, and keeps it; a second time finds all as it is', async () => {
    await made();
    writeFileSync(inFresh('earlid.yaml'), '# theirs\n');
    const refused = await fresh.earlid('restore', file(), '--json');
    expect(refused.json()).toMatchObject({
      error: { code: 'restore-exists', files: [inFresh('earlid.yaml')] },
    });
    expect(readFileSync(inFresh('earlid.yaml'), 'utf8')).toBe('# theirs\n');
    expect(existsSync(inFresh('keys.json'))).toBe(false);

    expect(await fresh.earlid('restore', file(), '--replace')).toMatchObject({ code: 0 });
    const kept = readdirSync(fresh.folder).find((name) => name.startsWith('earlid.yaml.before-'));
    expect(readFileSync(inFresh(kept!), 'utf8')).toBe('# theirs\n');
    expect(readFileSync(inFresh('earlid.yaml'), 'utf8')).toBe(CONFIG);
    expect(statSync(inFresh('keys.json')).mode & 0o777).toBe(0o600);

    const again = await fresh.earlid('restore', file(), '--json');
    expect((again.json() as { parts: { done: string }[] }).parts.map(({ done }) => done)).toEqual([
      'same',
      'same',
    ]);
  });

  test('any damage is found before anything is touched', async () => {
    await made();
    const bytes = readFileSync(file());
    const damaged = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length)),
      fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flip;
        return changed;
      }),
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Buffer.concat([bytes, more])),
    );
    fc.assert(
      fc.property(damaged, (content) => {
        const codes = ['backup-foreign', 'backup-newer', 'backup-damaged'];
        let code = 'none';
        try {
          unpack('a file', content);
        } catch (error) {
          code = (error as { code: string }).code;
        }
        expect(codes).toContain(code);
      }),
      { numRuns: 300 },
    );
    const half = join(old.folder, 'half.backup');
    writeFileSync(half, bytes.subarray(0, bytes.length - 20));
    expect((await fresh.earlid('restore', half, '--json')).json()).toMatchObject({
      error: { code: 'backup-damaged' },
    });
    expect((await fresh.earlid('restore', join(old.folder, 'earlid.yaml'), '--json')).json()).toMatchObject({
      error: { code: 'backup-foreign' },
    });
    expect((await fresh.earlid('restore', join(old.folder, 'none'), '--json')).json()).toMatchObject({
      error: { code: 'backup-unreadable' },
    });
    expect(readdirSync(fresh.folder)).toEqual([]);
  });

  test('takes nothing away that it cannot put something in place of', async () => {
    await made();
    writeFileSync(inFresh('keys.json'), 'theirs');
    mkdirSync(inFresh('keys.json.next/in-the-way'), { recursive: true });
    expect((await fresh.earlid('restore', file(), '--replace', '--json')).json()).toMatchObject({
      error: { code: 'restore-failed' },
    });
    expect(readFileSync(inFresh('keys.json'), 'utf8')).toBe('theirs');
  });

  test('shows nothing to a terminal that somebody has written into it', () => {
    const archive = { madeAt: 0, version: '0.1.0', config: '/a', parts: new Map() };
    expect(unpack('a file', pack(archive))).toMatchObject({ version: '0.1.0' });
    expect(() => unpack('a file', pack({ ...archive, version: '\u001b[2J' }))).toThrow('damaged');
  });

  test('says when the backup itself can be read by others', async () => {
    await made();
    chmodSync(file(), 0o644);
    mkdirSync(join(fresh.folder, 'x'));
    expect((await fresh.earlid('restore', file())).out).toContain('Others may read');
  });
});
