/** One gate as the daemon keeps it, on the real firmware: session, keeper and commands in the virtual time of the board. */
import { Board, type BoardOptions } from '../../../controller/bench/board.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import type { CommandContext } from '../../../controller/daemon/answer.ts';
import { lock, mute, resumeRules, unmute } from '../../../controller/daemon/commands.ts';
import { Keeper } from '../../../controller/daemon/keeper.ts';
import type { PinUser } from '../../../controller/gate/free-pins.ts';
import type { Gate, GateEvent, GateStatus } from '../../../controller/gate/gate.ts';
import { createGate } from '../../../controller/gate/session.ts';
import { type MemoryLink, memoryLink } from '../../../controller/link/memory.ts';
import type { GateRules } from '../../../controller/policy/decide.ts';
import type { Agenda, Truth } from '../../../controller/policy/facts.ts';
import { type Decision, UNDECIDED } from '../../../controller/policy/override.ts';
import { NO_RULES } from '../../../controller/policy/rules.ts';
import { FactBook } from '../../../controller/presence/fact-book.ts';
import type { CommandView } from '../../../schemas/api.ts';
import { SENSE_KINDS } from '../../../schemas/protocol.ts';
import { settle, VirtualClock } from '../../gate/virtual-clock.ts';
import { berlin, type House, houseOf } from '../../policy/house.ts';

const STEP_MS = 1;
const TIMEOUT_MS = 5_000;
const COMMANDS = { mute, unmute, resume: resumeRules, lock } as const;
export type Command = keyof typeof COMMANDS;
const CONTROLLER = 0x0c0ffee0;

export interface KitchenOptions {
  readonly board?: Partial<BoardOptions>;
  readonly mayUnmute?: readonly string[];
  readonly buttonMs?: number;
  readonly readyAfterMs?: number;
  readonly inputs?: readonly { readonly pin: number }[];
  /** What drives the free pins, in the time of this kitchen. */
  readonly pins?: (clock: VirtualClock) => PinUser;
  /** What it says in `earlid.yaml`; then `buttonMs` and `mayUnmute` come from there. */
  readonly house?: House;
  /** Somebody waits for something else than bytes and timers, and is to get on every ms. */
  readonly everyMs?: boolean;
  /** What the clock on the wall in Berlin shows at first. */
  readonly wall?: string;
}

/** A board with a sense that reads the contact back; `boot` is the number of its last boot. */
export function sensedBoard(
  settings: NonNullable<Parameters<typeof eepromImage>[0]['settings']> = {},
  change: Partial<BoardOptions> & { readonly boot?: number } = {},
): Board {
  const { boot = 0, ...options } = change;
  const sense = SENSE_KINDS['high-hears'][0];
  const eeprom = eepromImage({ product: 'uno-relay', settings: { sense, ...settings }, boot });
  return new Board({ product: 'uno-relay', eeprom, ...options });
}

export class Kitchen {
  readonly clock: VirtualClock;
  readonly facts = new FactBook();
  readonly agendas = new Map<string, Agenda>();
  clockKnown = true;
  readonly events: GateEvent[] = [];
  readonly lines: string[] = [];
  board: Board;
  keeper: Keeper;
  gate: Gate;
  /** What happens to bytes on their way from the gate: `held` ones wait in a buffer until `release`. */
  fromGate: 'pass' | 'held' | 'lost' = 'pass';
  toGate: 'pass' | 'lost' = 'pass';
  readonly #options: KitchenOptions;
  readonly #rules: GateRules;
  readonly #link: MemoryLink;
  readonly #others: Board[] = [];
  #buffer: Uint8Array[] = [];
  #send: ((bytes: Uint8Array) => void) | null = null;

  constructor(options: KitchenOptions = {}) {
    this.#options = options;
    this.clock = options.wall === undefined ? new VirtualClock() : new VirtualClock(berlin(options.wall));
    this.#rules = this.#readRules();
    this.board = sensedBoard({}, options.board);
    this.#listenTo(this.board);
    this.#link = memoryLink({
      opened: (send) => {
        this.#send = send;
      },
      received: (bytes) => {
        if (this.toGate === 'pass') this.board.send(bytes);
      },
      closed: () => {
        this.#send = null;
        this.#buffer = [];
      },
    });
    [this.gate, this.keeper] = this.#keep();
  }

  #readRules(): GateRules {
    const { buttonMs = 90_000, mayUnmute = ['button', 'cli'], readyAfterMs = 0, house } = this.#options;
    if (!house) return { ...NO_RULES, buttonMs, mayUnmute, maxGrantMs: 4 * 3_600_000, readyAfterMs };
    const { rules, asked } = houseOf(house);
    this.facts.ask(asked);
    return rules;
  }

  #keep(): [Gate, Keeper] {
    const { inputs, readyAfterMs = 0, pins } = this.#options;
    const log = (text: string) => void this.lines.push(text);
    const ids = new Set(this.events.map(({ boot, seq }) => `${boot}/${seq}`));
    const keeper: Keeper = new Keeper({
      gate: createGate({
        name: 'kitchen',
        link: this.#link.open,
        controllerId: CONTROLLER,
        ...(readyAfterMs && { readyAfterMs }),
        clock: this.clock,
        log: { info: log, warn: log },
        ...(inputs && { inputs }),
        ...(pins && { pins: pins(this.clock) }),
        sink: {
          deliver: async (events) => {
            keeper.events(events.filter(({ boot, seq }) => !ids.has(`${boot}/${seq}`)));
            this.events.push(...events);
          },
          newest: () => this.events.at(-1) ?? null,
          doubt: (doubt) => keeper.doubt(doubt),
        },
      }),
      rules: this.#rules,
      world: () => ({
        facts: this.facts.facts(),
        agendas: this.agendas,
        clockKnown: this.clockKnown,
        now: this.#now(),
      }),
      settlingMs: () => 0,
      clock: { now: () => this.#now() },
      after: (ms, run) => this.clock.after(ms, run),
      log: { debug: log, info: log, warn: log, error: log, named: () => null as never },
      onDecision: () => {},
      onChange: () => {},
    });
    return [keeper.gate, keeper];
  }

  #now() {
    return { wall: this.clock.utc(), counted: this.clock.now() };
  }

  get status(): GateStatus {
    return this.gate.status();
  }

  /** Starts the controller, and lets it get to know the gate. */
  async start(decision: Decision = UNDECIDED): Promise<this> {
    this.keeper.start(decision);
    await this.pass(1_500);
    return this;
  }

  /** A source of a fact stands behind a value. */
  tell(fact: string, value: Truth): void {
    this.facts.tell(fact, value, this.clock.now(), '');
    this.keeper.review();
  }

  /** The clock on the wall is set, and the daemon notices. */
  setWall(wall: string): void {
    this.clock.utcOffset = berlin(wall) - this.clock.now();
    this.keeper.review();
  }

  /** The controller dies: nothing it says comes through any more, and the gate is not told. */
  async kill(): Promise<void> {
    this.unplug();
    await this.stop();
  }

  /** The controller stops properly; a new one follows with what was decided. Time passes meanwhile. */
  async stop(): Promise<void> {
    await this.during(this.keeper.stop(2_000));
  }

  async restart(): Promise<void> {
    const { decision } = this.keeper;
    this.plug();
    [this.gate, this.keeper] = this.#keep();
    await this.start(decision);
  }

  /** Lets time pass for the board and the controller alike. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; ) {
      // The controller is asleep until a byte comes or something of its own is due.
      const idleMs = this.#options.everyMs ? 0 : Math.min(left, this.clock.idleMs);
      let passed = 0;
      do {
        const step = Math.min(STEP_MS, left - passed);
        this.board.runFor(step);
        for (const other of this.#others) other.runFor(step);
        passed += step;
      } while (passed < idleMs && this.#buffer.length === 0);
      this.#handOver();
      await this.clock.pass(passed);
      left -= passed;
    }
  }

  /** Lets time pass until the promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    await settle();
    while (!isSettled) await this.pass(STEP_MS);
    return promise;
  }

  /** Lets time pass until the condition holds. */
  async reaches(condition: () => boolean, withinMs: number): Promise<boolean> {
    for (let ms = 0; ms < withinMs && !condition(); ms += STEP_MS) await this.pass(STEP_MS);
    return condition();
  }

  /** Gives a command; its answer comes as time passes. */
  begin(command: Command, forMs?: number): Promise<CommandView> {
    const options = { source: 'cli', timeoutMs: TIMEOUT_MS, ...(forMs && { forMs }) } as const;
    return COMMANDS[command](this.#context, this.keeper, options);
  }

  /** Gives a command and lets time pass until it is answered. */
  run(command: Command, forMs?: number): Promise<CommandView> {
    return this.during(this.begin(command, forMs));
  }

  get #context(): CommandContext {
    return {
      clock: { now: () => this.#now() },
      after: (ms, run) => this.clock.after(ms, run),
      saved: async () => null,
      home: '/nowhere',
      defaultGrantMs: 900_000,
    };
  }

  /** Pulls the cable; the board keeps its power. */
  unplug(): void {
    this.#link.unplug();
  }

  plug(): void {
    this.#link.plug();
  }

  /** Another board takes the place of this one on the cable; both keep their power. */
  async replace(board: Board): Promise<void> {
    this.unplug();
    await this.pass(50);
    this.#others.push(this.board);
    this.board = board;
    this.#listenTo(board);
    this.plug();
  }

  #listenTo(board: Board): void {
    board.onBytes((bytes) => {
      if (board === this.board && this.fromGate !== 'lost') this.#buffer.push(bytes);
    });
  }

  #handOver(): void {
    if (this.fromGate === 'pass') this.release();
  }

  /** What waits in the buffer arrives. */
  release(): void {
    const bytes = this.#buffer.flatMap((part) => [...part]);
    this.#buffer = [];
    if (bytes.length > 0) this.#send?.(Uint8Array.from(bytes));
  }
}
