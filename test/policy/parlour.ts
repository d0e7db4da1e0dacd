/** One gate as the daemon keeps it, with a gate that does at once what it is told: for what takes hours. Three clocks, none of which passes by itself. */
import type { CommandContext } from '../../controller/daemon/answer.ts';
import { mute, resumeRules, unmute } from '../../controller/daemon/commands.ts';
import { Keeper } from '../../controller/daemon/keeper.ts';
import type { GateEvent } from '../../controller/gate/gate.ts';
import type { Agenda, Truth } from '../../controller/policy/facts.ts';
import { type Decision, endGrant, UNDECIDED } from '../../controller/policy/override.ts';
import { asks } from '../../controller/policy/rules.ts';
import { FactBook } from '../../controller/presence/fact-book.ts';
import type { CommandView } from '../../schemas/api.ts';
import type { EventKind, Reason } from '../../schemas/protocol.ts';
import { FakeGate } from '../daemon/fake-gate.ts';
import { settle } from '../gate/virtual-clock.ts';
import { berlin, type House, houseOf, ZONE } from './house.ts';

/** Sources of facts are given so long after a start. */
const SETTLE_MS = 10_000;
const COMMANDS = { mute, unmute, resume: resumeRules } as const;

export class Parlour {
  wall: number;
  counted = 100_000_000;
  readonly facts = new FactBook();
  readonly agendas = new Map<string, Agenda>();
  clockKnown = true;
  readonly lines: string[] = [];
  gate: FakeGate;
  keeper: Keeper;
  readonly #house: ReturnType<typeof houseOf>;
  #timers: { readonly due: number; readonly run: () => void }[] = [];
  /** What timers go by: not suspend. */
  #ran = 0;
  #startedAt = Number.NEGATIVE_INFINITY;

  constructor(house: House, wall: string) {
    this.#house = houseOf(house);
    this.wall = berlin(wall);
    this.facts.ask(this.#house.asked);
    [this.gate, this.keeper] = this.#keep();
    this.keeper.start(UNDECIDED);
  }

  #keep(): [FakeGate, Keeper] {
    const gate: FakeGate = new FakeGate(
      {
        name: 'kitchen',
        sink: { deliver: async (events: readonly GateEvent[]) => keeper.events(events) } as never,
      },
      () => this.wall,
    );
    const log = (text: string) => void this.lines.push(text);
    const keeper: Keeper = new Keeper({
      gate,
      rules: this.#house.rules,
      world: () => ({
        facts: this.facts.facts(),
        agendas: this.agendas,
        clockKnown: this.clockKnown,
        now: this.now,
      }),
      settlingMs: () => Math.max(0, this.#startedAt + SETTLE_MS - this.counted),
      clock: { now: () => this.now },
      after: (ms, run) => this.#after(ms, run),
      log: { debug: log, info: log, warn: log, error: log, named: () => null as never },
      onDecision: () => {},
      onChange: () => {},
    });
    return [gate, keeper];
  }

  #after(ms: number, run: () => void): () => void {
    const timer = { due: this.#ran + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get now() {
    return { wall: this.wall, counted: this.counted };
  }
  get listens(): boolean {
    return this.gate.status().state === 'live';
  }
  get reason(): string {
    return this.keeper.verdict.reason.code;
  }
  /** The override in force: what, by whom, and until when on the wall of Berlin. */
  get override(): string | null {
    const standing = this.keeper.override;
    if (!standing) return null;
    const end =
      standing.until === null
        ? 'for good'
        : new Date(standing.until).toLocaleString('sv', { timeZone: ZONE });
    return `${standing.override.kind} by ${standing.override.source}, ${end}`;
  }

  #advance(ms: number): void {
    this.wall += ms;
    this.counted += ms;
    this.#ran += ms;
  }

  /** Time passes; what is due runs. Returns how often somebody looked. */
  pass(ms: number): number {
    const end = this.#ran + ms;
    for (let runs = 0; ; runs++) {
      const [next] = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      this.#advance((next?.due ?? end) - this.#ran);
      if (!next) return runs;
      this.#timers = this.#timers.filter((other) => other !== next);
      next.run();
    }
  }

  /** Time passes to an instant on the wall. */
  passTo(wall: string): void {
    this.pass(berlin(wall) - this.wall);
  }

  /** The machine is suspended; on waking the daemon notices. */
  sleep(ms: number): void {
    this.wall += ms;
    this.counted += ms;
    this.keeper.review();
  }

  /** The clock is set; the daemon notices. */
  set(wall: string): void {
    this.wall = berlin(wall);
    this.keeper.review();
  }

  know(known: boolean): void {
    this.clockKnown = known;
    this.keeper.review();
  }

  tell(fact: string, value: Truth): void {
    this.facts.tell(fact, value, this.counted, '');
    if (asks(this.#house.rules, fact)) this.keeper.review();
  }

  read(agenda: string, change: Partial<Agenda>): void {
    const known = { events: [], from: 0, until: Number.MAX_SAFE_INTEGER, readAt: this.wall, problem: null };
    this.agendas.set(agenda, { ...known, ...change });
    this.keeper.review();
  }

  /** The daemon is killed, and another one starts `downMs` later; facts and calendars are to be told anew. */
  restart({
    downMs = 0,
    reboot = false,
  }: {
    readonly downMs?: number;
    readonly reboot?: boolean;
  } = {}): void {
    const decision: Decision = JSON.parse(JSON.stringify(this.keeper.decision));
    this.#timers = [];
    this.#advance(downMs);
    if (reboot) this.counted = 60_000;
    this.facts.ask(new Map());
    this.facts.ask(this.#house.asked);
    this.agendas.clear();
    this.#startedAt = this.counted;
    [this.gate, this.keeper] = this.#keep();
    // As the store reads what an earlier run of the machine wrote.
    this.keeper.start(reboot ? { ...endGrant(decision), countedAt: null } : decision);
  }

  async command(
    name: keyof typeof COMMANDS,
    forMs?: number,
    source: 'cli' | 'homeassistant' = 'cli',
  ): Promise<CommandView> {
    const context: CommandContext = {
      clock: { now: () => this.now },
      after: (ms, run) => this.#after(ms, run),
      saved: async () => null,
      home: '/nowhere',
      defaultGrantMs: this.#house.config.grants.defaultMs,
    };
    const options = { source, timeoutMs: 5_000, ...(forMs && { forMs }) };
    const answer = COMMANDS[name](context, this.keeper, options);
    // The gate tells its state every second, whether or not it has changed.
    const { reported } = this.gate.status();
    if (reported) this.gate.set({ reported: { ...reported, at: this.wall } });
    return answer;
  }

  /** The button is pressed: it mutes a live gate, else it grants what the gate was told it may. */
  async press(): Promise<boolean> {
    const { buttonMs, buttonUntil } = this.gate.wanted!;
    if (this.listens) {
      this.gate.set({ state: 'muted', lease: null });
      await this.gate.event('mute', 'press');
    } else if (buttonMs === 0) {
      await this.gate.event('press', 'not-permitted');
      return false;
    } else {
      const detail = Math.min(buttonMs, (buttonUntil ?? Number.POSITIVE_INFINITY) - this.wall);
      await this.gate.event('live', 'button', { detail });
    }
    await settle();
    return true;
  }

  /** Something happens at the gate, told at once or later. */
  async event(kind: EventKind, reason: Reason, change: object = {}): Promise<void> {
    await this.gate.event(kind, reason, change);
    await settle();
  }
}
