/** S3, S10: whatever becomes of the terminal or the log, the daemon goes on, mutes, and can be ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OutputStream, Outputs } from '../../controller/cli/outputs.ts';
import type { GateView } from '../../schemas/api.ts';
import { askedStatus } from '../e2e/system/asked.ts';
import { isThorough, thoroughTest } from '../thorough.ts';

const MAIN = 'dist/controller/cli/main.js';
interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}
const terminals = createRequire(import.meta.url)('@lydell/node-pty/requireBinary.js').requireBinary(
  'pty.node',
) as NativePty;

let home: string;
let daemon: ChildProcess | null;
let open: number[];
let masters: number[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'earlid-'));
  writeFileSync(join(home, 'earlid.yaml'), 'gates: { kitchen: { link: { bench: uno-relay } } }\n');
  daemon = null;
  open = [];
  masters = [];
});
afterEach(() => {
  daemon?.kill('SIGKILL');
  for (const descriptor of open) closeSync(descriptor);
  rmSync(home, { recursive: true, force: true });
});

/** Gives a terminal with the way to close it. */
function terminal() {
  const { master, slave, pty } = terminals.open(80, 24);
  open.push(master, slave);
  masters.push(master);
  return {
    slave,
    pty,
    close() {
      masters = [];
      for (const descriptor of open.splice(0)) closeSync(descriptor);
    },
  };
}

function earlid(args: string[], outputs: ('ignore' | 'pipe' | number)[], node: string[] = []): ChildProcess {
  const stdio = [...outputs];
  // Children inherit the other end of a terminal, which would then never be closed: another file takes its number.
  for (const master of masters) {
    while (stdio.length < master) stdio.push('ignore');
    const nothing = openSync('/dev/null', 'r');
    open.push(nothing);
    stdio[master] = nothing;
  }
  return spawn(process.execPath, [...node, MAIN, ...args], {
    env: { ...process.env, EARLID_HOME: home },
    stdio,
  });
}

/** Runs a command to its end. */
async function told(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = earlid(args, ['ignore', 'pipe', 'ignore']);
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out };
}

const gate = async (): Promise<GateView | undefined> => {
  return (await askedStatus(home))?.gates[0];
};
async function muted(): Promise<void> {
  while ((await gate())?.state !== 'muted') {
    expect(daemon!.exitCode).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const end = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once('exit', (code) => resolve(code));
  });

const LOGS: Readonly<Record<string, () => { stderr: 'pipe' | number; lose(): void }>> = {
  'a pipe whose reader is gone': () => ({
    stderr: 'pipe',
    lose: () => void daemon!.stderr!.destroy(),
  }),
  'a terminal that was closed': () => {
    const { slave, close } = terminal();
    return { stderr: slave, lose: close };
  },
  'a full disk': () => {
    const full = openSync(FULL, 'w');
    open.push(full);
    return { stderr: full, lose() {} };
  },
  'a terminal that was stopped': () => {
    const { slave, pty } = terminal();
    const filler = openSync(pty, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    open.push(filler);
    return {
      stderr: slave,
      lose() {
        try {
          for (;;) writeSync(filler, 'x'.repeat(4096));
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
        }
      },
    };
  },
};

// Only Linux has a file that is always full.
const FULL = existsSync('/dev/full') ? '/dev/full' : '/dev/null';

test.each(Object.keys(LOGS).filter((name) => isThorough || name === 'a full disk'))(
  'S3, S10: a daemon that logs to %s mutes, keeps the mute and ends',
  async (name) => {
    const { stderr, lose } = LOGS[name]!();
    daemon = earlid(['start'], ['ignore', 'ignore', stderr]);
    await muted();
    expect((await told('unmute', 'kitchen')).code).toBe(0);
    lose();
    daemon.kill('SIGHUP');
    expect((await told('mute', 'kitchen')).code).toBe(0);
    expect(await gate()).toMatchObject({ state: 'muted', override: { kind: 'hold' } });
    const ended = end(daemon);
    daemon.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(readFileSync(join(home, 'overrides.json'), 'utf8')).toContain('"hold"');
  },
);

test.each(isThorough ? ['a terminal', 'a pipe'] : ['a pipe'])(
  'S3: a demo in %s that is gone mutes and ends',
  async (where) => {
    const screen = where === 'a terminal' ? terminal() : null;
    daemon = earlid(['demo'], ['ignore', screen?.slave ?? 'pipe', 'ignore']);
    daemon.stdout?.resume();
    await muted();
    expect((await told('unmute', 'demo')).code).toBe(0);
    const ended = end(daemon);
    screen?.close();
    daemon.stdout?.destroy();
    // Without a terminal it prints only changes.
    void told('mute', 'demo');
    expect(await ended).toBe(0);
    const events = readFileSync(join(home, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ kind: 'mute' });
  },
);

thoroughTest(
  'S3, S10: a daemon in which something fails over and over mutes once and ends, with a full log',
  async () => {
    const full = openSync(FULL, 'w');
    open.push(full);
    const failing = "process.on('SIGUSR2', () => setInterval(() => { throw new Error('again'); }, 1))";
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(failing)}`];
    daemon = earlid(['start'], ['ignore', 'ignore', full], preload);
    await muted();
    expect((await told('unmute', 'kitchen')).code).toBe(0);
    const ended = end(daemon);
    daemon.kill('SIGUSR2');
    expect(await ended).toBe(70);
    const events = readFileSync(join(home, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ kind: 'mute', reason: 'stop' });
  },
);

describe('outputs', () => {
  const stream = (change: Partial<OutputStream> = {}) => {
    const written: string[] = [];
    let fail = (_: NodeJS.ErrnoException) => {};
    const made: OutputStream = {
      writableLength: 0,
      write: (text) => void written.push(text),
      on: (_, listener) => {
        fail = listener;
      },
      ...change,
    };
    return { made, written, fail: (code: string) => fail(Object.assign(new Error(code), { code })) };
  };

  test('that fail end a command, and are only told of once a daemon runs', () => {
    const out = stream();
    const err = stream({
      write: () => {
        throw new Error('no room');
      },
    });
    const ends: string[] = [];
    const outputs = new Outputs([out.made, err.made], (error) => ends.push(error.message));
    out.fail('EPIPE');
    outputs.of(err.made).write('text');
    expect(ends).toEqual(['EPIPE', 'no room']);
    outputs.outlive();
    let lost = 0;
    outputs.of(out.made).onLost(() => lost++);
    outputs.of(err.made).write('text');
    expect(lost).toBe(0);
    out.fail('EIO');
    expect([lost, ends.length]).toEqual([1, 2]);
  });

  test('that nobody reads take no more than their share of memory, and keep a daemon no longer', async () => {
    const slow = stream({ writableLength: 300_000 });
    const outputs = new Outputs([slow.made], () => {});
    outputs.of(slow.made).write('of a command');
    expect(await outputs.ended()).toBe(false);
    outputs.outlive();
    outputs.of(slow.made).write('of a daemon');
    expect(slow.written).toEqual(['of a command']);
    expect(await outputs.ended()).toBe(true);
  });
});
