/** One gate at a serial port, offered to a controller through an MQTT broker. */
import { randomBytes } from 'node:crypto';
import { encodeFrame } from '../../schemas/codec.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { LINK_LIMITS, linkPlace, linkTopic, OFFLINE, ONLINE } from '../../schemas/link-mqtt.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import type { GateMessage } from '../../schemas/protocol.ts';
import type { Clock } from '../link/clock.ts';
import type { LinkFactory } from '../link/link.ts';
import { LONGEST_PAUSE_MS, MOST_PACKET } from '../link/mqtt.ts';
import { KeptLink } from '../link/reconnect.ts';
import type { LinkProblem } from '../link/use.ts';
import { brokerName, type Connection, type Message } from '../mqtt/connection.ts';
import { keepBroker } from '../mqtt/keep-broker.ts';
import { floodDrops, noPace } from '../mqtt/pace.ts';
import { ToldOnce } from '../network/told-once.ts';
import { Lane } from './lane.ts';
import { framed, GARBLED_MUTE, mayMute } from './sieve.ts';

const MUTE_EVERY_MS = 100;
/** A state that comes so soon after the first mute may have been made before it. */
const ON_ITS_WAY_MS = 50;
/** Somebody who says again and again that nobody serves this gate is answered no more often. */
const SAY_AGAIN_MS = 2_000;

/** Of what comes for one gate, so many messages are looked at. More mutes than the wire can carry do nothing more. */
const [PER_SECOND, BURST] = [200, 100];
const MUTES_PER_SECOND = 1_000;

export interface BridgedGateOptions {
  /** At the broker. */
  readonly name: string;
  /** Where the link leads, for messages. */
  readonly place: string;
  readonly link: LinkFactory;
  readonly broker: MqttConfig;
  readonly clock: Clock;
  readonly log: Record<'info' | 'warn', (text: string) => void>;
}

const SERIAL = 'serial';

/** Has no effect until `start`. It has a connection of its own: a will says who is gone, and a flood is nobody else's. */
export class BridgedGate {
  readonly #options: BridgedGateOptions;
  readonly #serial: KeptLink;
  readonly #lane: Lane;
  readonly #stopping = new AbortController();
  readonly #topics: { readonly down: string; readonly up: string; readonly online: string };
  readonly #mayMute = floodDrops(MUTES_PER_SECOND, MUTES_PER_SECOND);
  readonly #mayElse = floodDrops(PER_SECOND, BURST);
  #connection: Connection | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Frames came on the open connection with the board. */
  #isHeard = false;
  /** The boot that has said of itself that it holds a key; null: none has. */
  #keyedBoot: number | null = null;
  #said: string | null = null;
  #cancelSay: (() => void) | null = null;
  readonly #problems: ToldOnce;
  #onState: (isMuted: boolean) => void = () => {};

  constructor(options: BridgedGateOptions) {
    this.#options = options;
    const { name, broker, link, clock, log } = options;
    this.#problems = new ToldOnce((_, problem) => {
      if (problem) log.warn(wordsOf(problem));
    });
    const topic = (of: 'down' | 'up' | 'online') => linkTopic(broker.prefix, name, of);
    this.#topics = { down: topic('down'), up: topic('up'), online: topic('online') };
    this.#serial = new KeptLink(link, clock, {
      up: () => this.#forget(),
      frames: (frames) => this.#tell(frames),
      message: (message) => this.#heard(message),
      foreign: () => this.#isThere(),
      down: (problem) => this.#lost(problem),
      firmata() {},
      discarded() {},
    });
    this.#lane = new Lane({
      clock,
      write: (bytes) => this.#serial.send(bytes),
      isKeyed: () => this.#keyedBoot !== null,
    });
  }

  start(): void {
    const { broker, clock } = this.#options;
    const { down, online } = this.#topics;
    this.#serial.start();
    this.#running = keepBroker({
      broker,
      topics: [down, online],
      wishes: {
        will: { topic: online, payload: OFFLINE },
        // A flood must not cut off the mutes in it: it is read, and nearly all of it is forgotten.
        packets: { most: MOST_PACKET, pace: () => noPace, wanted: this.#wanted },
      },
      up: (connection) => this.#up(connection),
      down: () => {
        this.#connection = null;
      },
      message: (message) => this.#take(message),
      skipped: ({ topic, retained }) => {
        if (topic === down && !retained) this.#lane.mute(GARBLED_MUTE);
      },
      problems: this.#problems,
      now: () => ({ counted: clock.now() }),
      after: (ms, run) => clock.after(ms, run),
      signal: this.#stopping.signal,
      longestMs: LONGEST_PAUSE_MS,
    });
  }

  /** Mutes the gate, waits for its proof at most `timeoutMs`, and lets go of it. Never rejects. */
  async stop(timeoutMs: number): Promise<void> {
    this.#lane.mutesOnly();
    if (this.#isHeard) await this.#muted(timeoutMs);
    await this.#serial.stop();
    this.#lane.clear();
    this.#isHeard = false;
    this.#say();
    this.#stopping.abort();
    this.#cancelSay?.();
    await this.#running;
  }

  async #muted(timeoutMs: number): Promise<void> {
    const { clock, log } = this.#options;
    const seq = randomBytes(4).readUInt32LE();
    const begun = clock.now();
    let count = 0;
    let cancel = () => {};
    const isShown = await new Promise<boolean>((resolve) => {
      const again = () => {
        if (clock.now() - begun >= timeoutMs) return resolve(false);
        const frame = encodeFrame({ type: 'mute', seq, reason: 'stop' }, count++ & 0xff);
        this.#lane.mute(frame.subarray(1, -1));
        cancel = clock.after(MUTE_EVERY_MS, again);
      };
      this.#onState = (isMuted) => {
        if (isMuted && clock.now() - begun > ON_ITS_WAY_MS) resolve(true);
      };
      again();
    });
    cancel();
    if (!isShown) log.warn('stopped without an answer to its mute; a lease ends by itself');
  }

  #forget(): void {
    this.#isHeard = false;
    this.#keyedBoot = null;
    this.#lane.clear();
  }

  #lost({ code, detail }: LinkProblem): void {
    this.#forget();
    this.#say();
    const problem = describe(code, { gate: this.#options.name, path: this.#options.place, detail });
    this.#problems.tell(SERIAL, { ...problem, hint: '' });
  }

  #isThere(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.#problems.tell(SERIAL, null);
    this.#options.log.info(`heard at ${this.#options.place}`);
    this.#say();
  }

  #heard(message: GateMessage): void {
    this.#isThere();
    if (message.type === 'identity') this.#keyedBoot = message.flags.keyed ? message.boot : null;
    if (message.type !== 'state') return;
    if (message.boot !== this.#keyedBoot) this.#keyedBoot = null;
    const isOff = message.phase !== 'live' && message.phase !== 'opening';
    this.#onState(isOff && message.leaseLeftMs === 0);
  }

  /** Everything that it says, as it says it. */
  #tell(frames: readonly Uint8Array[]): void {
    const connection = this.#connection;
    if (!connection) return;
    let payload: number[] = [];
    const publish = () =>
      connection.publish(this.#topics.up, Uint8Array.from(payload), {
        retain: false,
        lastsMs: LINK_LIMITS.expiryMs.value,
      });
    for (const inner of frames) {
      if (payload.length + inner.length + 2 > LINK_LIMITS.payloadBytes.value) {
        publish();
        payload = [];
      }
      payload.push(...framed(inner));
    }
    publish();
  }

  #say(): void {
    this.#said = this.#isHeard ? ONLINE : OFFLINE;
    this.#connection?.publish(this.#topics.online, this.#said, { retain: true });
  }

  #up(connection: Connection): void {
    const { broker, log, name } = this.#options;
    this.#connection = connection;
    log.info(`offered as ${linkPlace(broker.prefix, name)} at ${brokerName(broker)}`);
    this.#say();
  }

  /** Asked for every message, before anything else is done with it: what floods must not take the time for a mute. */
  readonly #wanted = (topic: string, rest: Uint8Array): boolean =>
    topic === this.#topics.down && mayMute(rest) ? this.#mayMute() : this.#mayElse();

  #take({ topic, payload, retained }: Message): void {
    if (topic === this.#topics.online) this.#contradict(payload);
    // What a broker kept is of the past, and would mute at every connection.
    else if (topic === this.#topics.down && !retained) this.#lane.take(payload);
  }

  /** A will can come late, when we are back already. */
  #contradict(payload: Uint8Array): void {
    if (this.#cancelSay || String.fromCharCode(...payload.subarray(0, 2)) === this.#said) return;
    this.#cancelSay = this.#options.clock.after(SAY_AGAIN_MS, () => {
      this.#cancelSay = null;
      this.#say();
    });
  }
}

const wordsOf = ({ message, hint }: ErrorView): string => (hint ? `${message}. ${hint}` : message);
