/** A daemon with fake gates on a temporary state folder, and the command line against it, all in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../controller/cli/io.ts';
import type { Output } from '../../controller/cli/outputs.ts';
import { run } from '../../controller/cli/program.ts';
import { Daemon, type DaemonOptions } from '../../controller/daemon/daemon.ts';
import type { Hardware } from '../../controller/daemon/hardware.ts';
import { createLog } from '../../controller/daemon/log.ts';
import { socketPath } from '../../controller/daemon/places.ts';
import type { Config } from '../../schemas/config.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import { FakeGate } from '../daemon/fake-gate.ts';

export function gateConfig(name: string, change: Partial<GateConfig> = {}): GateConfig {
  return {
    name,
    link: { bench: 'uno-relay' },
    speaker: null,
    area: null,
    buttonMs: 90_000,
    mayUnmute: ['button', 'cli'],
    inputs: [],
    readyAfterMs: 0,
    accessories: [],
    firmata: false,
    listen: [],
    never: [],
    buttonAloneMs: null,
    night: null,
    ...change,
  };
}

export function configOf(...gates: GateConfig[]): Config {
  const grants = { defaultMs: 15 * 60_000, maxMs: 4 * 3_600_000 };
  return { site: null, presence: new Map(), calendars: [], mqtt: null, homeassistant: null, grants, gates };
}

/** What a command printed and its exit code. */
export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly json: () => never;
}

export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly gates = new Map<string, FakeGate>();
  readonly log: string[] = [];
  readonly presses: number[] = [];
  daemon: Daemon | null = null;

  /** Starts a daemon; `prepare` sees every fake gate before it starts. */
  async start(
    config: Config,
    prepare: (gate: FakeGate) => void = () => {},
    change: Partial<DaemonOptions> = {},
  ): Promise<Daemon> {
    const daemon = new Daemon({
      config,
      folder: this.folder,
      socket: socketPath(this.folder, this.io()),
      log: createLog({ level: 'info', sink: (line) => this.log.push(line) }),
      createGate: (options) => {
        const gate = new FakeGate(options);
        this.gates.set(options.name, gate);
        prepare(gate);
        return gate;
      },
      createHardware: async (gate): Promise<Hardware> => ({
        link: async () => {
          throw new Error('a fake gate opens no link');
        },
        via: 'serial' in gate.link ? 'serial' : 'bench',
        port: 'serial' in gate.link ? gate.link.serial : null,
        place: 'serial' in gate.link ? gate.link.serial : 'an emulated board',
        press: 'serial' in gate.link ? null : (ms) => void this.presses.push(ms),
        start() {},
        stop: async () => {},
      }),
      ...change,
    });
    this.daemon = daemon;
    await daemon.start();
    return daemon;
  }

  gate(name: string): FakeGate {
    return this.gates.get(name)!;
  }

  io(out: string[] = [], err: string[] = [], change: Partial<Io> = {}): Io {
    const output = (lines: string[]): Output => ({
      write: (text) => void lines.push(text),
      isTTY: false,
      columns: 80,
      onLost: () => {},
    });
    return {
      env: { EARLID_HOME: this.folder },
      platform: process.platform,
      home: '/nowhere',
      cwd: this.folder,
      uid: process.getuid?.() ?? 0,
      out: output(out),
      err: output(err),
      outliveOutputs: () => {},
      now: Date.now,
      readLine: async () => null,
      onEnd: () => () => {},
      ...change,
    };
  }

  /** Runs one command line. */
  async earlid(...args: string[]): Promise<Told> {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await run(args, this.io(out, err));
    return { code, out: out.join(''), err: err.join(''), json: () => JSON.parse(out.join('')) as never };
  }

  async end(): Promise<void> {
    await this.daemon?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
