/** Real processes in a folder of their own: emulated boards on device paths, the daemon, the command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import type { Signal } from '../../../controller/bench/trace.ts';
import { KeyStore } from '../../../controller/daemon/key-store.ts';
import { Secret } from '../../../controller/gate/secret.ts';
import type { GateView } from '../../../schemas/api.ts';
import { askedStatus } from './asked.ts';

const CLI = fileURLToPath(new URL('../../../dist/controller/cli/main.js', import.meta.url));
const LOOK_MS = 40;

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An `earlid bench run` process. */
export interface BenchProcess {
  readonly path: string;
  /** A line on its standard input. */
  line(text: string): void;
  /** Newest level of a signal in its trace. */
  level(signal: Signal): 0 | 1;
  edges(signal: Signal): { readonly tUs: number; readonly level: 0 | 1 }[];
}

export class Household {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly #children: ChildProcess[] = [];
  readonly #keys = new Map<string, Secret>();

  /** The board of this name will hold a key, and the daemon with this state folder has it. */
  async pair(name: string, folder = this.folder): Promise<void> {
    const key = Secret.random();
    const store = new KeyStore(folder);
    await store.load();
    await store.begin(name, key, 0);
    await store.shown(name, key, 0);
    this.#keys.set(name, key);
  }

  /** Starts a bridge with this configuration, and waits until it has a broker. */
  async bridge(config: string): Promise<ChildProcess> {
    const file = join(this.folder, 'bridge.yaml');
    writeFileSync(file, config);
    const { process: child, printedErr } = this.#spawn(['bridge', '--config', file]);
    await until(() => printedErr().includes('offered as'), 15_000, printedErr);
    return child;
  }

  /** Starts a board with a sense and waits until its path is there. */
  async bench(name: string, ...options: string[]): Promise<BenchProcess> {
    const [path, trace, eeprom] = ['tty', 'trace', 'eeprom'].map((end) =>
      join(this.folder, `${name}.${end}`),
    ) as [string, string, string];
    const key = this.#keys.get(name)?.reveal() ?? null;
    writeFileSync(eeprom, eepromImage({ product: 'uno-relay', settings: { sense: 1 }, key }));
    const child = this.#spawn([
      'bench',
      'run',
      '--product',
      'uno-relay',
      '--pty',
      path,
      '--trace',
      trace,
      '--eeprom',
      eeprom,
      ...options,
    ]);
    await until(
      () => child.printed.includes(`ready ${path}`),
      10_000,
      () => `bench: ${child.printed}`,
    );
    const edges = (signal: Signal) =>
      readFileSync(trace, 'utf8')
        .split('\n')
        .filter((row) => row.endsWith('}'))
        .map((row) => JSON.parse(row) as { tUs: number; signal: Signal; level: 0 | 1 })
        .filter((edge) => edge.signal === signal);
    return {
      path,
      line: (text) => void child.process.stdin!.write(`${text}\n`),
      level: (signal) => edges(signal).at(-1)?.level ?? 0,
      edges,
    };
  }

  /** Starts the daemon with this configuration and waits until it answers. */
  async daemon(config: string, ...options: string[]): Promise<ChildProcess> {
    writeFileSync(join(this.folder, 'earlid.yaml'), config);
    const { process: child, printedErr } = this.#spawn(['start', ...options]);
    await until(
      async () => (await askedStatus(this.folder)) !== null,
      15_000,
      () => `daemon: ${printedErr()}`,
    );
    return child;
  }

  /** Runs one command to its end. */
  earlid(...args: string[]): Promise<Outcome> {
    return this.begin(...args).outcome;
  }

  /** Starts one command. */
  begin(...args: string[]): { readonly process: ChildProcess; readonly outcome: Promise<Outcome> } {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const outcome = new Promise<Outcome>((resolve) =>
      child.once('close', (code) => resolve({ code, out, err })),
    );
    return { process: child, outcome };
  }

  async status(gate: string): Promise<GateView> {
    return (await this.gates()).find((view) => view.gate === gate)!;
  }

  async gates(): Promise<readonly GateView[]> {
    return (await askedStatus(this.folder))!.gates;
  }

  /** Everything that `earlid status` says is wrong. */
  async problems(): Promise<string> {
    return JSON.stringify((await askedStatus(this.folder))!.problems);
  }

  /** Waits until the status of a gate satisfies the test. */
  async reaches(gate: string, test: (view: GateView) => boolean, withinMs = 10_000): Promise<GateView> {
    let view: GateView | undefined;
    await until(
      async () => {
        view = await this.status(gate);
        return test(view);
      },
      withinMs,
      () => JSON.stringify(view),
    );
    return view!;
  }

  /** Ends every process and removes the folder. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, EARLID_HOME: this.folder, EARLID_CONFIG: join(this.folder, 'earlid.yaml') };
  }

  #spawn(args: string[]) {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: this.#env(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    return {
      process: child,
      get printed() {
        return out;
      },
      printedErr: () => err,
    };
  }
}

/** Looks at a condition until it holds; throws with what is known after `withinMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  known: () => string = () => '',
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${known()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
