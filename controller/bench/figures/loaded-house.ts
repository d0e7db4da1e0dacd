/** A controller, a mosquitto and many simulated gates that are paired with it and may always listen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '../../cli/client.ts';
import { freePort } from '../../cli/free-port.ts';
import { processIo } from '../../cli/io.ts';
import { areMany } from '../../service/needs.ts';
import { LEAN } from '../../service/unit.ts';
import { usage } from './usage.ts';

const CLI = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const FILES = 16_384;
const LONGEST_MS = 120_000;

type Children = Readonly<Record<'controller' | 'mosquitto' | 'gates', ChildProcess>>;

interface Waiter {
  readonly closed: boolean;
  readonly from: bigint;
  resolve(ms: number): void;
}

export class LoadedHouse {
  readonly client: Client;
  /** Edges of contacts so far. */
  edges = 0;
  readonly #folder: string;
  readonly #size: number;
  readonly #children: Children;
  #closed = 0;
  #waiter: Waiter | null = null;

  private constructor(folder: string, size: number, children: Children, client: Client) {
    this.#folder = folder;
    this.#size = size;
    this.#children = children;
    this.client = client;
  }

  /** Null where there is no mosquitto. */
  static async start(program: string, size: number): Promise<LoadedHouse | null> {
    const folder = mkdtempSync(join(tmpdir(), 'earlid-load-'));
    const port = await freePort(0);
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const names = Array.from({ length: size }, (_, i) => `gate${String(i + 1).padStart(4, '0')}`);
    const keys = new Map(names.map((name) => [name, randomBytes(32)]));
    const broker = `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_connections -1\n`;
    const mosquitto = run('sh', [
      '-c',
      `ulimit -n ${FILES}; exec mosquitto -c "$0"`,
      file('mosquitto.conf', broker),
    ]);
    await pause(500);
    if (mosquitto.exitCode !== null) return null;
    file('earlid.yaml', configuration(names, port));
    file('keys.json', keysFile(keys));
    const lines = [...keys].map(([name, key]) => `${name} ${key.toString('hex')}\n`);
    const gates = run(program, [
      '--gates',
      String(size),
      '--port',
      String(port),
      '--keys',
      file('gates.keys', lines.join('')),
    ]);
    await new Promise((resolve, reject) => {
      gates.stdout!.once('data', resolve);
      gates.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    });
    const env = { ...process.env, EARLID_HOME: folder };
    // As a service would be started.
    const flags = areMany(size) ? [] : [LEAN];
    const controller = run(process.execPath, [...flags, CLI, 'start'], env);
    const client = createClient({ ...processIo(), env });
    const house = new LoadedHouse(folder, size, { controller, mosquitto, gates }, client);
    createInterface({ input: gates.stdout! }).on('line', (line) => house.#line(line));
    return house;
  }

  /** Ms from now until every contact is closed (or open). Throws `Error` when that takes too long. */
  whenAll(closed: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const tooLong = () =>
        reject(new Error(`${this.#closed} of ${this.#size} contacts are closed after ${LONGEST_MS} ms`));
      const timer = setTimeout(tooLong, LONGEST_MS);
      this.#waiter = {
        closed,
        from: process.hrtime.bigint(),
        resolve(ms) {
          clearTimeout(timer);
          resolve(ms);
        },
      };
      this.#settle(process.hrtime.bigint());
    });
  }

  /** CPU in percent of one core over some seconds, and resident memory after them. */
  async use(seconds: number): Promise<{ name: string; cpu: number; megabytes: number }[]> {
    const children = Object.entries(this.#children);
    const before = children.map(([, { pid }]) => usage(pid!).cpuSeconds);
    await pause(seconds * 1000);
    return children.map(([name, { pid }], i) => {
      const { cpuSeconds, residentMb } = usage(pid!);
      return { name, cpu: ((cpuSeconds - before[i]!) / seconds) * 100, megabytes: residentMb };
    });
  }

  async stop(): Promise<void> {
    const { controller, gates, mosquitto } = this.#children;
    for (const child of [controller, gates, mosquitto]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** `MICROSECONDS NAME LEVEL`, by the clock of `process.hrtime`. */
  #line(line: string): void {
    const [us, , level] = line.split(' ');
    if (level === undefined) return;
    this.edges++;
    this.#closed += level === '1' ? 1 : -1;
    this.#settle(BigInt(us!) * 1000n);
  }

  #settle(at: bigint): void {
    const waiter = this.#waiter;
    if (!waiter || this.#closed !== (waiter.closed ? this.#size : 0)) return;
    this.#waiter = null;
    waiter.resolve(Number(at - waiter.from) / 1e6);
  }
}

function run(command: string, args: readonly string[], env = process.env): ChildProcess {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.on('error', () => {});
  return child;
}

const configuration = (names: readonly string[], port: number): string =>
  [
    'site: { timezone: UTC, clock: trusted }',
    `mqtt: { url: "mqtt://127.0.0.1:${port}" }`,
    'gates:',
    ...names.map((name) => `  ${name}: { link: { mqtt: true }, listen: [{ schedule: "00:00-24:00" }] }`),
    '',
  ].join('\n');

function keysFile(keys: ReadonlyMap<string, Buffer>): string {
  const pairedAt = Date.now();
  const gates = [...keys].map(([name, key]) => [name, { key: key.toString('base64'), pairedAt }]);
  return JSON.stringify({ version: 1, gates: Object.fromEntries(gates) });
}
