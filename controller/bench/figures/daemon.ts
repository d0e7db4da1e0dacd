/** Figures of the daemon, measured on a process of its own with an emulated board behind a device path. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CommandView, StatusAnswer } from '../../../schemas/api.ts';
import { MESSAGES } from '../../../schemas/protocol.ts';
import { createClient } from '../../cli/client.ts';
import { processIo } from '../../cli/io.ts';
import { LEAN } from '../../service/unit.ts';
import { Board } from '../board.ts';
import { inBatches } from '../board-link.ts';
import { eepromImage } from '../eeprom-image.ts';
import { Pacer } from '../pacer.ts';
import { DevicePath } from '../pty.ts';
import type { Figure } from './sample.ts';
import { usage } from './usage.ts';

const COMMANDS = 100;
const IDLE_SECONDS = 20;
const START_MS = 15_000;
const CLI = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** Runs the event loop until a condition holds; throws after `withinMs`. */
async function until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await nextTurn();
  }
}

/** Idle CPU and memory, and how long after a command its first byte is on the link. */
export async function daemonFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-figures-'));
  const path = new DevicePath(join(folder, 'gate'));
  const board = new Board({
    product: 'uno-relay',
    traceLimit: 0,
    eeprom: eepromImage({ product: 'uno-relay', settings: { sense: 1 } }),
  });
  const pacer = new Pacer(board);
  let mutes = 0;
  const take = (): void => {
    const bytes = path.poll();
    if (!bytes) return;
    board.send(bytes);
    for (let i = 1; i < bytes.length; i++) {
      if (bytes[i - 1] === 0xf0 && bytes[i] === MESSAGES.mute.id) mutes++;
    }
  };
  pacer.onWake = take;
  board.onBytes(inBatches((bytes) => path.write(bytes)));
  writeFileSync(
    join(folder, 'earlid.yaml'),
    `gates: { bench: { link: { serial: ${join(folder, 'gate')} } } }\n`,
  );
  const env = { ...process.env, EARLID_HOME: folder };
  const daemon = spawn(process.execPath, [LEAN, CLI, 'start'], { env, stdio: 'ignore' });
  pacer.start();
  try {
    const client = createClient({ ...processIo(), env });
    await ready(daemon, client);
    const before = usage(daemon.pid!);
    const from = performance.now();
    await until(() => performance.now() - from > IDLE_SECONDS * 1000, 2 * IDLE_SECONDS * 1000, 'idling');
    const after = usage(daemon.pid!);
    const samples: number[] = [];
    for (let i = 0; i < COMMANDS; i++) {
      const seen = mutes;
      const asked = performance.now();
      const answered = client.post<CommandView>('/v1/gates/bench/mute', { timeoutMs: 5000 }, 5000);
      await until(
        () => {
          take();
          return mutes > seen;
        },
        5000,
        'a mute on the link',
      );
      samples.push(performance.now() - asked);
      await answered;
    }
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / IDLE_SECONDS) * 100;
    return [
      { name: 'daemon: idle CPU', unit: '%', samples: [cpu], limit: 1 },
      {
        name: 'daemon: memory',
        unit: 'MB',
        samples: [Math.max(before.residentMb, after.residentMb)],
        limit: 80,
      },
      { name: 'daemon: command → first byte on the link', unit: 'ms', samples, limit: null },
    ];
  } finally {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
    pacer.stop();
    path.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ready(daemon: ChildProcess, client: ReturnType<typeof createClient>): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`);
    try {
      const { gates } = await client.get<StatusAnswer>('/v1/status');
      if (gates[0]?.state === 'muted') return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    if (performance.now() > end) throw new Error('the gate did not come up');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
