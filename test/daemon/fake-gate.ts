/** A gate without a board: does at once what it is told, unless it is told to be slow, silent or faulty. */
import type { SettingAnswer, SettingAsk } from '../../controller/gate/exchange.ts';
import type { EventSink, Gate, GateEvent, GateStatus, Wiring } from '../../controller/gate/gate.ts';
import type { GateOptions } from '../../controller/gate/options.ts';
import type { Verdict } from '../../controller/policy/verdict.ts';
import type { EventKind, Reason } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';

const IDENTITY = {
  boot: 1,
  product: 'uno-relay',
  firmware: '0.1.0',
  gateId: '',
  reset: 'power-on',
  schema: 0x12345678,
  brownOut: '2.7V',
  bootloader: true,
  keyed: false,
} as const;

export class FakeGate implements Gate {
  readonly name: string;
  readonly sink: EventSink;
  readonly calls: string[] = [];
  /** Answers nothing while true. */
  deaf = false;
  wanted: Verdict | null = null;
  /** What it stores, by the id of the setting, and how it answers. */
  readonly stored = new Map<number, Uint8Array>();
  settingStatus: 'current' | 'pending' | 'writing' = 'current';
  refusal: Reason | null = null;
  stopped = false;
  readonly #now: () => number;
  readonly #listeners = new Set<(status: GateStatus) => void>();
  #seq = 0;
  #status: GateStatus;

  constructor({ name, sink }: Pick<GateOptions, 'name' | 'sink'>, now: () => number = Date.now) {
    this.name = name;
    this.sink = sink;
    this.#now = now;
    this.#status = {
      gate: name,
      state: 'unknown',
      evidence: 'none',
      desired: 'mute',
      commanded: null,
      reported: null,
      lease: null,
      starting: null,
      pending: { mute: false, lock: false, lease: false },
      locked: null,
      fault: null,
      contested: false,
      link: 'down',
      problem: null,
      sense: null,
      inputs: [null, null, null, null],
      identity: null,
      resetOnOpen: null,
      record: null,
    };
  }

  /** The gate appears on its link. */
  connect(): void {
    this.set({ link: 'up', locked: false, identity: IDENTITY });
    this.#obey(this.wanted?.listen ? 'listen' : 'mute');
  }

  start(): void {
    this.calls.push('start');
    if (!this.deaf) this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.mute('stop');
  }

  async release(_timeoutMs: number, detail: string): Promise<GateStatus> {
    this.mute('stop');
    const last = this.#status;
    this.calls.push('release');
    this.set({
      state: 'unknown',
      evidence: 'none',
      link: 'down',
      lease: null,
      problem: { code: 'released', detail },
    });
    return last;
  }

  async reclaim(): Promise<void> {
    this.calls.push('reclaim');
    this.set({ problem: null });
    if (!this.deaf) this.connect();
  }

  want(verdict: Verdict): void {
    this.wanted = verdict;
    this.calls.push(verdict.listen ? 'listen' : `mute (${verdict.reason.code})`);
    this.set({ desired: verdict.listen ? 'listen' : 'mute' });
    if (this.#status.link === 'up') this.#obey(verdict.listen ? 'listen' : 'mute');
  }

  mute(reason: Reason): void {
    this.calls.push(`mute now (${reason})`);
    if (this.#status.link === 'up') this.#obey('mute');
  }

  lock(): void {
    this.calls.push('lock');
    this.set({ locked: true });
  }

  async exchange({ op, setting, value }: SettingAsk): Promise<SettingAnswer> {
    if (this.deaf) return { refused: 'silent' };
    if (this.refusal) return { refused: this.refusal };
    if (op === 'write') this.stored.set(setting, value);
    if (op === 'write' && setting === SETTINGS.gate_id.id && this.#status.identity) {
      const gateId = Buffer.from(value).toString('ascii').replaceAll('\0', '');
      this.set({ identity: { ...this.#status.identity, gateId } });
    }
    return { value: this.stored.get(setting) ?? new Uint8Array(8), status: this.settingStatus };
  }

  keysChanged(): void {
    this.calls.push('keysChanged');
  }

  trustWiring(wiring: Wiring | null): void {
    this.calls.push(`trust ${wiring ? wiring.product : 'nothing'}`);
  }

  status(): GateStatus {
    return this.#status;
  }

  onChange(listener: (status: GateStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes what the gate is known to be. */
  set(change: Partial<GateStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const listener of [...this.#listeners]) listener(this.#status);
  }

  /** An event happens at the gate. */
  async event(kind: EventKind, reason: Reason, change: Partial<GateEvent> = {}): Promise<GateEvent> {
    const event: GateEvent = {
      gate: this.name,
      boot: 1,
      seq: ++this.#seq,
      kind,
      reason,
      detail: 0,
      uptimeMs: this.#seq * 1000,
      at: this.#now(),
      atErrorMs: 0,
      ...change,
    };
    await this.sink.deliver([event]);
    return event;
  }

  #obey(side: 'listen' | 'mute'): void {
    this.#status = { ...this.#status, commanded: side };
    if (this.deaf) return;
    const live = side === 'listen';
    this.set({
      state: live ? 'live' : 'muted',
      evidence: 'sensed',
      lease: live ? { leftMs: 9_000 } : null,
      reported: { state: live ? 'live' : 'muted', at: this.#now() },
    });
  }
}
