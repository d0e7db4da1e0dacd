import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeyStore } from '../../controller/daemon/key-store.ts';
import { Secret } from '../../controller/gate/secret.ts';

const secret = (byte: number) => new Secret(new Uint8Array(32).fill(byte));
const [A, B, C] = [secret(0xa1), secret(0xb2), secret(0xc3)];
const AT = 1_800_000_000_000;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function opened(): Promise<KeyStore> {
  const store = new KeyStore(folder);
  expect(await store.load()).toBeNull();
  return store;
}
const names = (store: KeyStore, gate = 'kitchen') =>
  store.of(gate).map((key) => ['A', 'B', 'C'][[A, B, C].findIndex((other) => other.equals(key))]);

describe('keys on disk', () => {
  test('are none at first, and then gates count as unkeyed', async () => {
    const store = await opened();
    expect(store.of('kitchen')).toEqual([]);
    expect(store.state('kitchen')).toBe('none');
    expect(existsSync(file)).toBe(false);
  });

  test('survive a restart, owner only', async () => {
    const store = await opened();
    await store.begin('kitchen', A, AT);
    await store.shown('kitchen', A, AT + 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await opened();
    expect(names(again)).toEqual(['A']);
    expect(again.pairedAt('kitchen')).toBe(AT + 1);
    expect(again.state('kitchen')).toBe('held');
    expect(again.state('hall')).toBe('none');
  });

  test('the old key stays until the gate has shown the new one, over restarts', async () => {
    const store = await opened();
    await store.begin('kitchen', A, AT);
    await store.shown('kitchen', A, AT);
    await store.begin('kitchen', B, AT);
    expect(names(await opened())).toEqual(['A', 'B']);
    await (await opened()).shown('kitchen', A, AT);
    expect(names(await opened())).toEqual(['A', 'B']);
    await (await opened()).shown('kitchen', C, AT);
    expect(names(await opened())).toEqual(['A', 'B']);
    await (await opened()).shown('kitchen', B, AT);
    expect(names(await opened())).toEqual(['B']);
  });

  test('a gate that was told of nothing keeps what it had', async () => {
    const store = await opened();
    await store.begin('kitchen', A, AT);
    await store.abandon('kitchen');
    expect(store.state('kitchen')).toBe('none');
    await store.begin('kitchen', A, AT);
    await store.shown('kitchen', A, AT);
    await store.begin('kitchen', null, AT);
    expect(names(store)).toEqual(['A']);
    await store.abandon('kitchen');
    expect(names(await opened())).toEqual(['A']);
  });

  test('a gate that is being forgotten counts as keyed until that is seen to its end', async () => {
    const store = await opened();
    await store.begin('kitchen', null, AT);
    expect((await opened()).state('kitchen')).toBe('held');
    await store.forget('kitchen');
    expect((await opened()).state('kitchen')).toBe('none');
  });

  test.each([
    ['half a file', '{"version":1,"gates":{"kitchen":{"key":"oaGhoaGhoaG'],
    ['another format', '{"version":2,"gates":{}}'],
    ['a short key', '{"version":1,"gates":{"kitchen":{"key":"oaGh","pairedAt":null}}}'],
    ['a key of zeros', `{"version":1,"gates":{"kitchen":{"key":"${'A'.repeat(43)}=","pairedAt":null}}}`],
    ['nothing', ''],
  ])('S4: %s leaves no gate unkeyed, is left as it is, and is not quoted', async (_, text) => {
    writeFileSync(file, text, { mode: 0o600 });
    const store = new KeyStore(folder);
    const problem = await store.load();
    expect(problem).toMatchObject({ code: 'keys-unreadable' });
    expect(JSON.stringify(problem)).not.toContain('oaGh');
    expect(store.state('any gate')).toBe('unusable');
    expect(store.of('kitchen')).toEqual([]);
    await expect(store.begin('kitchen', A, AT)).rejects.toMatchObject({ code: 'keys-unreadable' });
    await expect(store.forget('kitchen')).rejects.toMatchObject({ code: 'keys-unreadable' });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test.each([0o640, 0o604, 0o622])('S4: mode %o: not used, and told how to mend it', async (mode) => {
    await (await opened()).begin('kitchen', A, AT);
    chmodSync(file, mode);
    const store = new KeyStore(folder);
    expect(await store.load()).toMatchObject({
      code: 'keys-open',
      hint: expect.stringContaining('chmod 600'),
    });
    expect(store.state('kitchen')).toBe('unusable');
    expect(store.of('kitchen')).toEqual([]);
    chmodSync(file, 0o600);
    expect(await store.load()).toBeNull();
    expect(names(store)).toEqual(['A']);
  });

  test('what cannot be written has not changed', async () => {
    const store = await opened();
    await store.begin('kitchen', A, AT);
    rmSync(folder, { recursive: true });
    await expect(store.begin('kitchen', B, AT)).rejects.toMatchObject({ code: 'state-unwritable' });
    expect(names(store)).toEqual(['A']);
    folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  });
});

describe('a key', () => {
  test('is not shown by anything that prints or serialises', () => {
    const shapes = [A.toBase64(), Buffer.from(A.reveal()).toString('hex'), '161, 161', '161,161', 'a1 a1'];
    const holder = { gate: 'kitchen', keys: [A] };
    const shown = [
      `${A}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true }),
      String(Object.entries(A)),
      new Error(`with ${A}`).stack,
    ];
    for (const shape of shapes) for (const text of shown) expect(text).not.toContain(shape);
  });

  test('is never all zero, which means none', () => {
    expect(() => secret(0)).toThrow(RangeError);
    expect(() => new Secret(new Uint8Array(31).fill(1))).toThrow(RangeError);
    expect(Secret.random().equals(Secret.random())).toBe(false);
  });
});
