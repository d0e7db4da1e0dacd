/** systemd as this service needs it: one manager (the system's or the user's), asked through systemctl. */
import { EarlidError } from '../../schemas/errors.ts';
import type { Machine, Ran } from './machine.ts';
import { unitName } from './plan.ts';
import type { ServiceKind, ServiceRole } from './unit.ts';

/** What systemd says of the service. */
export interface ServiceState {
  readonly enabled: boolean;
  readonly running: boolean;
  /** Word of systemd, such as `active`, `activating`, `failed`. */
  readonly active: string;
  /** Its process; null while there is none. */
  readonly pid: number | null;
  /** UTC ms; null while it does not run. */
  readonly since: number | null;
  /** How often it was started anew since it was started by hand or at boot. */
  readonly restarts: number;
}

export class Manager {
  readonly #machine: Machine;
  readonly #kind: ServiceKind;
  readonly #unit: string;

  constructor(machine: Machine, kind: ServiceKind, role: ServiceRole) {
    this.#machine = machine;
    this.#kind = kind;
    this.#unit = unitName(role);
  }

  /** The command as a person would type it. */
  words(...args: string[]): string {
    return ['systemctl', ...this.#scope(), ...args].join(' ');
  }

  /** Does something with the service, such as `enable`; throws `service-failed` when it fails. */
  async unit(...args: string[]): Promise<void> {
    await this.do(...args, this.#unit);
  }

  /** Runs systemctl; throws `service-failed` when it fails. */
  async do(...args: string[]): Promise<void> {
    const ran = await this.#machine.run('systemctl', [...this.#scope(), ...args]);
    if (ran.code !== 0) throw failed(this.words(...args), ran);
  }

  async state(): Promise<ServiceState> {
    const properties = [
      'ActiveState',
      'SubState',
      'UnitFileState',
      'ActiveEnterTimestamp',
      'NRestarts',
      'MainPID',
    ];
    const ran = await this.#machine.run('systemctl', [
      ...this.#scope(),
      'show',
      '--timestamp=unix',
      ...properties.map((name) => `--property=${name}`),
      this.#unit,
    ]);
    if (ran.code !== 0) throw failed(this.words('show', this.#unit), ran);
    const values = new Map(ran.out.split('\n').map((line) => line.split('=', 2) as [string, string]));
    const active = values.get('ActiveState') ?? 'unknown';
    const entered = Number(/^@(\d+)$/.exec(values.get('ActiveEnterTimestamp') ?? '')?.[1] ?? Number.NaN);
    const running = active === 'active' && values.get('SubState') === 'running';
    return {
      enabled: values.get('UnitFileState') === 'enabled',
      running,
      active,
      pid: Number(values.get('MainPID')) || null,
      since: running && Number.isFinite(entered) ? entered * 1000 : null,
      restarts: Number(values.get('NRestarts') ?? 0) || 0,
    };
  }

  /** The newest lines of its log. */
  async log(lines: number): Promise<string[]> {
    const { out } = await this.#machine.run('journalctl', [
      this.#kind === 'user' ? '--user-unit' : '--unit',
      this.#unit,
      '--no-pager',
      '--quiet',
      '--output=cat',
      `--lines=${lines}`,
    ]);
    return out.split('\n').filter((line) => line !== '');
  }

  #scope(): string[] {
    return this.#kind === 'user' ? ['--user'] : [];
  }
}

/** The error for a program that failed. */
export function failed(command: string, { code, err, out }: Ran): EarlidError {
  const [detail = 'no word of why'] = (err || out).split('\n').filter((line) => line.trim() !== '');
  const noBus = /connect to bus|XDG_RUNTIME_DIR|No medium found/i.test(err);
  const hint = noBus
    ? 'The services of a user are reached from a login of that user (at the machine or through ssh), not through sudo or su.'
    : `Run \`${command}\` by hand to see all that it says.`;
  return new EarlidError('service-failed', { command, detail: detail.trim(), hint }, { exitCode: code });
}
