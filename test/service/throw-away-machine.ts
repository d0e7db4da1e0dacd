/** A machine with a real systemd to try the service on: namespaces and an overlay that are thrown away. Needs root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, until } from '../e2e/system/household.ts';

const BOOT = fileURLToPath(new URL('./boot-systemd.sh', import.meta.url));
/** The script of the command line, at the same place on both machines. */
export const CLI = fileURLToPath(new URL('../../dist/controller/cli/main.js', import.meta.url));

/** What it lacks to run here; null when it can be tried. */
export function missingForSystemd(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux';
  if (!existsSync('/lib/systemd/systemd')) return 'systemd';
  const tried = spawnSync('unshare', ['--pid', '--fork', '--mount', '--cgroup', 'true']);
  if (tried.status !== 0) return 'namespaces';
  const cgroups = spawnSync('findmnt', ['--noheadings', '--types', 'cgroup2']);
  return cgroups.status === 0 ? null : 'cgroup2';
}

export class ThrowAwayMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'earlid-machine-'));
  #process: ChildProcess | null = null;
  #pid = '';

  /** `boards` is a folder that the machine sees as /srv/boards. Resolves when it has booted. */
  async boot(boards: string): Promise<void> {
    mkdirSync(boards, { recursive: true });
    let printed = '';
    this.#process = spawn('bash', [BOOT, this.#folder, boards], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.on('data', (chunk) => {
      printed += chunk;
    });
    await until(
      () => /ready \d+/.test(printed),
      10_000,
      () => printed,
    );
    this.#pid = /ready (\d+)/.exec(printed)![1]!;
    await until(
      async () => (await this.run('systemctl', 'is-system-running')).out.trim() === 'running',
      20_000,
    );
  }

  earlid(...args: string[]): Promise<Outcome> {
    return this.run(process.execPath, CLI, ...args);
  }

  /** Runs a program on it as root. */
  run(...args: string[]): Promise<Outcome> {
    const child = spawn(
      'nsenter',
      ['-t', this.#pid, '-m', '-p', '-u', '-i', '-C', '-r', '-w', '--', ...args],
      {
        env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  }

  async end(): Promise<void> {
    if (this.#process) {
      const ended = new Promise((resolve) => this.#process!.once('exit', resolve));
      if (this.#pid) process.kill(Number(this.#pid), 'SIGKILL');
      else this.#process.kill();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
