import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { processStart } from '../../controller/daemon/clock.ts';
import { replaceFile } from '../../controller/edit/replace-file.ts';
import { isThorough } from '../thorough.ts';

const root = mkdtempSync(join(tmpdir(), 'earlid-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'f-'));
  file = join(folder, 'earlid.yaml');
});

const OLD = 'gates: # alt\n';
const NEW = `${'gates: # neu\n'.repeat(9_000)}`;
const bytes = (text: string) => Buffer.from(text);
const codeOf = (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'done',
    (error) => `${error.code}: ${error.message}`,
  );

const WORKER = join(import.meta.dirname, 'replace-and-die.mjs');
const MODULE = pathToFileURL(resolve('dist/controller/edit/replace-file.js')).href;

/** What the process wrote; null when it was killed. */
function replaceAndDie(where: string, point: number, moment: string): Promise<string | null> {
  return new Promise((done, fail) => {
    const args = [WORKER, MODULE, where, OLD, NEW, String(point), moment];
    execFile(process.execPath, args, (error, out) => {
      if (error && error.signal !== 'SIGKILL') fail(error);
      else done(error ? null : out);
    });
  });
}

test('a process that is killed at any call leaves the old file or the new one, and what it left is cleared', async () => {
  writeFileSync(file, OLD);
  const calls = Number(await replaceAndDie(file, 0, 'never'));
  expect(readFileSync(file, 'utf8')).toBe(NEW);
  const points = Array.from({ length: calls }, (_, i) => i + 1);
  const deaths = ['before', 'half', 'after'].flatMap((moment) => points.map((point) => ({ point, moment })));
  expect(deaths.length).toBeGreaterThanOrEqual(50);
  const tried = deaths.filter((_, i) => isThorough || i % 4 === 0);
  let killed = 0;
  const seen = new Set<string>();
  const each = async (): Promise<void> => {
    for (let death = tried.pop(); death; death = tried.pop()) {
      const place = join(folder, `${death.moment}-${death.point}`);
      const there = join(place, 'earlid.yaml');
      mkdirSync(place);
      writeFileSync(there, OLD);
      if ((await replaceAndDie(there, death.point, death.moment)) === null) killed++;
      const text = readFileSync(there, 'utf8');
      expect([OLD, NEW]).toContain(text);
      const left = readdirSync(place).filter((name) => name !== 'earlid.yaml');
      expect(left.length).toBeLessThanOrEqual(1);
      seen.add(`${text === OLD ? 'old' : 'new'}, ${left.length} left`);
      await replaceFile(there, bytes(text), bytes(OLD));
      expect(readdirSync(place)).toEqual(['earlid.yaml']);
    }
  };
  await Promise.all([each(), each(), each()]);
  expect(killed).toBeGreaterThanOrEqual(isThorough ? 50 : 12);
  expect([...seen].sort()).toEqual(['new, 0 left', 'old, 0 left', 'old, 1 left']);
}, 60_000);

test('mode, links and neighbours stay', async () => {
  const real = join(folder, 'real.yaml');
  writeFileSync(real, OLD);
  chmodSync(real, 0o640);
  symlinkSync('real.yaml', file);
  await replaceFile(file, bytes(OLD), bytes(NEW));
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readlinkSync(file)).toBe('real.yaml');
  expect(readFileSync(real, 'utf8')).toBe(NEW);
  expect(statSync(real).mode & 0o7777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(['earlid.yaml', 'real.yaml']);
});

test('a file that somebody else has changed is left as they left it', async () => {
  writeFileSync(file, `${OLD}# mine\n`);
  expect(await codeOf(replaceFile(file, bytes(OLD), bytes(NEW)))).toMatch(/^config-changed: /);
  expect(readFileSync(file, 'utf8')).toBe(`${OLD}# mine\n`);
  expect(readdirSync(folder)).toEqual(['earlid.yaml']);
});

test('of two that change a file at once, none overwrites the other', async () => {
  writeFileSync(file, OLD);
  const began = processStart(process.ppid)!.replace(/[^0-9a-z]/g, '');
  const theirs = join(folder, `.earlid.yaml.${process.ppid}-${began}.earlid`);
  writeFileSync(theirs, 'half');
  expect(await codeOf(replaceFile(file, bytes(OLD), bytes(NEW)))).toMatch(/^config-changed: /);
  expect(existsSync(theirs)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(OLD);
});

test('a file with two names, and one that may not be written, are refused', async () => {
  writeFileSync(file, OLD);
  linkSync(file, join(folder, 'other.yaml'));
  expect(await codeOf(replaceFile(file, bytes(OLD), bytes(NEW)))).toMatch(
    /^config-not-written: .*hard links/,
  );
  rmSync(join(folder, 'other.yaml'));
  if (process.getuid?.() === 0) return;
  chmodSync(file, 0o444);
  expect(await codeOf(replaceFile(file, bytes(OLD), bytes(NEW)))).toMatch(
    /^config-not-written: .*permission denied/,
  );
  chmodSync(file, 0o644);
  chmodSync(folder, 0o555);
  expect(await codeOf(replaceFile(file, bytes(OLD), bytes(NEW)))).toMatch(
    /^config-not-written: .*permission denied/,
  );
  chmodSync(folder, 0o755);
  expect(readFileSync(file, 'utf8')).toBe(OLD);
});
