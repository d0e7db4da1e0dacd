/** The command as a process: only what cannot be seen from within. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const MAIN = 'dist/controller/cli/main.js';
const home = mkdtempSync(join(tmpdir(), 'earlid-'));
const env = { ...process.env, EARLID_HOME: home };
let demo: ChildProcess;
let shown = '';

/** Runs a command to its end. */
const earlid = (...args: string[]): Promise<{ code: number | null; out: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.on('close', (code) => resolve({ code, out }));
  });

const shows = (text: string): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (!shown.includes(text)) return;
      demo.stdout?.off('data', look);
      resolve();
    };
    demo.stdout?.on('data', look);
    look();
  });

beforeAll(async () => {
  demo = spawn(process.execPath, [MAIN, 'demo'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  demo.stdout?.on('data', (chunk) => {
    shown += chunk;
  });
  await shows('muted, sensed');
});
afterAll(() => {
  demo.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

test('Ctrl-C at a question of the wiring check ends the process, though nothing more is typed', async () => {
  const check = spawn(process.execPath, [MAIN, 'verify', 'demo'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  check.stdout.on('data', (chunk) => String(chunk).includes('[yes/no]') && check.kill('SIGINT'));
  expect(await new Promise((resolve) => check.on('close', resolve))).toBe(75);
});

test('the demo tells what to try, and it works: press, status, mute, and Ctrl-C mutes before it ends', async () => {
  for (const tip of ['npx earlid press demo', 'npx earlid status', 'npx earlid mute demo'])
    expect(shown).toContain(tip);
  const pressed = await earlid('press', 'demo', '--json');
  expect(pressed.code).toBe(0);
  expect(JSON.parse(pressed.out)).toMatchObject({ ok: true, state: 'live', evidence: 'sensed' });
  const [live] = JSON.parse((await earlid('status', '--json')).out);
  expect(live).toMatchObject({ state: 'live', override: { kind: 'grant', source: 'button' } });
  expect(live.lease.leftMs).toBeGreaterThan(0);
  const muted = await earlid('mute', 'demo', '--json');
  expect(muted.code).toBe(0);
  expect(JSON.parse(muted.out)).toMatchObject({ ok: true, state: 'muted', evidence: 'sensed' });
  await earlid('unmute', 'demo', '--for', '1m');
  const ended = new Promise((resolve) => demo.once('exit', (code) => resolve(code)));
  demo.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(shown.trimEnd().split('\n').at(-1)).not.toContain('live');
});

test('a reader that stops reading is no error', async () => {
  const child = spawn('sh', ['-c', `"$0" ${MAIN} help | head -1; exit 0`, process.execPath], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(err).toBe('');
});
