/** A stand-in for a gate: as much of the guard as the twin's tests need, at the level of messages. */
import {
  type EventKind,
  type GateMessage,
  type HostMessage,
  LIMITS,
  MESSAGES,
  type MessageOf,
  type Phase,
  type Product,
  type Reason,
} from '../../schemas/protocol.ts';

const NO_FLAGS = {
  locked: false,
  contested: false,
  sensePresent: false,
  senseHears: false,
  buttonDown: false,
  confirming: false,
  attemptsSpent: false,
  verifying: false,
};
const NO_CHALLENGE = new Uint8Array(LIMITS.challengeBytes.value);
const UNSEEN: ReadonlySet<EventKind> = new Set(['mute', 'press', 'lock', 'fault']);

export class ScriptedGate {
  boot = 1;
  product: Product = 'uno-relay';
  flags = { ...NO_FLAGS, sensePresent: true };
  fault: Reason = 'none';
  /** Ms of its own clock in a ms of true time. */
  rate = 1;
  historyLost = true;
  keyed = false;
  inputs = 0;
  /** What the settings of the inputs hold, by setting id. */
  readonly settings = new Map<number, number>();
  readonly events: MessageOf<'event'>[] = [];
  lost = 0;
  challenge: Uint8Array = NO_CHALLENGE;
  newest = 0;
  /** Every message of the controller, as it came. */
  readonly received: HostMessage[] = [];
  phase: Phase = 'muted';
  lastSeq = 0;
  lastMuteSeq: number | null = null;
  lastAllow: MessageOf<'allow'> | null = null;
  #reason: Reason = 'power-on';
  #leaseEnd: number | null = null;
  #unseen = 0;
  #uptime = 0;
  #trueAt: number;
  #stateAt = 0;
  #repeatAt = 0;

  constructor(trueNow: number) {
    this.#trueAt = trueNow;
    this.record('boot', 'power-on', 1);
  }

  get uptime(): number {
    return Math.floor(this.#uptime);
  }

  /** Live because the controller said so. */
  get isLeased(): boolean {
    return this.phase === 'live' && this.#reason === 'allow';
  }

  /** Lets its clock run to `trueNow`; returns what it says by itself. */
  run(trueNow: number): GateMessage[] {
    this.#uptime += (trueNow - this.#trueAt) * this.rate;
    this.#trueAt = trueNow;
    const said: GateMessage[] = [];
    if (this.#leaseEnd !== null && this.uptime >= this.#leaseEnd) said.push(...this.#off('lease-end'));
    if (this.uptime >= this.#stateAt) said.push(this.state());
    if (this.events.length > 0 && this.uptime >= this.#repeatAt) {
      this.#repeatAt = this.uptime + 1_000;
      said.push(...this.events);
    }
    return said;
  }

  /** Its uptime goes on from somewhere else. */
  leap(ms: number): void {
    this.#uptime += ms;
    this.#stateAt += ms;
    this.#repeatAt += ms;
  }

  /** What it answers to a message. */
  answer(message: HostMessage): GateMessage[] {
    this.received.push(message);
    switch (message.type) {
      case 'hello':
        this.challenge = message.challenge;
        this.#repeatAt = this.uptime + 1_000;
        return [this.identity(), this.state(), ...this.events];
      case 'mute':
        return this.#mute(message);
      case 'allow':
        return this.#allow(message);
      case 'lock':
        this.lastSeq = message.seq;
        this.flags = { ...this.flags, locked: true };
        return [...this.#off('lock'), this.record('lock', 'lock'), this.state()];
      case 'setting':
        return this.#setting(message);
      case 'stored':
        if (message.boot === this.boot && message.event <= this.newest) {
          this.events.splice(0, this.events.length, ...this.events.filter(({ seq }) => seq > message.event));
        }
        return [];
      case 'pair':
        return [{ type: 'nak', message: MESSAGES.pair.id, seq: 0, reason: 'not-pairing' }];
      default:
        message satisfies never;
        return [];
    }
  }

  record(kind: EventKind, reason: Reason, detail = 0): MessageOf<'event'> {
    this.newest += 1;
    if (UNSEEN.has(kind) || (kind === 'live' && reason !== 'allow')) this.#unseen = this.newest;
    const event = {
      type: 'event',
      seq: this.newest,
      boot: this.boot,
      uptime: this.uptime,
      kind,
      reason,
      detail,
    } as const;
    this.events.push(event);
    if (this.events.length > LIMITS.eventRing.value) {
      this.events.shift();
      this.lost += 1;
    }
    return event;
  }

  /** A press that is permitted: live for `ms`. */
  grant(ms: number): GateMessage[] {
    this.phase = 'live';
    this.#reason = 'button';
    this.#leaseEnd = this.uptime + ms;
    const event = this.record('live', 'button', ms);
    return [this.state(), event];
  }

  press(): GateMessage[] {
    return this.#off('press');
  }

  /** Any reset; power loss also empties what is not in EEPROM. */
  reset(powerLost: boolean): void {
    this.boot += 1;
    this.phase = 'muted';
    this.#leaseEnd = null;
    this.lastSeq = 0;
    this.lastMuteSeq = null;
    this.challenge = NO_CHALLENGE;
    this.historyLost = powerLost;
    if (powerLost) {
      this.#uptime = 0;
      this.#stateAt = 0;
      this.#repeatAt = 0;
      this.newest = 0;
      this.#unseen = 0;
      this.events.length = 0;
    }
    this.#reason = powerLost ? 'power-on' : 'watchdog';
    this.record('boot', this.#reason, powerLost ? 1 : 0);
  }

  identity(): MessageOf<'identity'> {
    return {
      type: 'identity',
      boot: this.boot,
      schema: 1,
      firmware: 0x000100,
      product: this.product,
      gate: new Uint8Array(8),
      reset: 'power-on',
      brownOut: '2.7V',
      flags: { bootloader: false, keyed: this.keyed, historyLost: this.historyLost, pairing: false },
      challenge: this.challenge,
    };
  }

  state(): MessageOf<'state'> {
    this.#stateAt = this.uptime + 1_000;
    return {
      type: 'state',
      boot: this.boot,
      uptime: this.uptime,
      phase: this.phase,
      reason: this.#reason,
      leaseLeftMs: this.#leaseEnd === null ? 0 : Math.max(0, this.#leaseEnd - this.uptime),
      flags: { ...this.flags, senseHears: this.flags.sensePresent && this.phase === 'live' },
      fault: this.fault,
      inputs: this.inputs,
      newest: this.newest,
      liveMs: 0,
      lost: this.lost,
      challenge: this.challenge,
    };
  }

  #off(reason: Reason): GateMessage[] {
    const wasLive = this.phase === 'live';
    this.phase = 'muted';
    this.#reason = reason;
    this.#leaseEnd = null;
    return wasLive ? [this.record('mute', reason), this.state()] : [];
  }

  #mute({ seq, reason }: MessageOf<'mute'>): GateMessage[] {
    const isResend = seq === this.lastMuteSeq && this.phase !== 'live';
    this.phase = 'muted';
    this.#reason = reason;
    this.#leaseEnd = null;
    this.lastMuteSeq = seq;
    return isResend ? [this.state()] : [this.record('mute', reason), this.state()];
  }

  #allow(message: MessageOf<'allow'>): GateMessage[] {
    const refusal = this.#refusal(message);
    if (refusal) return [this.#nak(message, refusal)];
    this.lastSeq = message.seq;
    this.lastAllow = message;
    this.challenge = message.challenge;
    if (message.liveUntil === 0) return [...this.#off('withdrawn'), this.state()];
    const wasLive = this.phase === 'live';
    this.phase = 'live';
    this.#reason = 'allow';
    this.#leaseEnd = message.liveUntil;
    const began = wasLive ? [] : [this.record('live', 'allow', message.liveUntil - this.uptime)];
    return [...began, this.state()];
  }

  #refusal({ boot, seq, seen, liveUntil, buttonMs, buttonUntil }: MessageOf<'allow'>): Reason | null {
    const { hostCeilingMs, buttonCeilingMs } = LIMITS;
    if (boot !== this.boot) return 'wrong-boot';
    if (seq <= this.lastSeq) return 'old-sequence';
    if (seen < this.#unseen) return 'unseen';
    if (this.flags.locked) return 'locked';
    if (this.fault !== 'none') return 'faulty';
    if (this.flags.contested) return 'contested';
    if (this.flags.buttonDown && liveUntil !== 0) return 'button-down';
    if (liveUntil !== 0 && liveUntil <= this.uptime) return 'past';
    const isTooFar = liveUntil > this.uptime + hostCeilingMs.value || buttonMs > buttonCeilingMs.value;
    return isTooFar || buttonUntil > this.uptime + buttonCeilingMs.value ? 'ceiling' : null;
  }

  #setting(message: MessageOf<'setting'>): GateMessage[] {
    const value = new Uint8Array(8);
    if (message.op === 'write' && message.seq <= this.lastSeq) return [this.#nak(message, 'old-sequence')];
    if (message.op === 'write' && this.flags.locked) return [this.#nak(message, 'locked')];
    if (message.op === 'write') {
      this.lastSeq = message.seq;
      this.settings.set(message.setting, message.value[0]!);
    }
    value[0] = this.settings.get(message.setting) ?? 255;
    return [{ type: 'value', setting: message.setting, status: 'current', value, challenge: this.challenge }];
  }

  #nak(message: HostMessage & { readonly seq: number }, reason: Reason): GateMessage {
    return { type: 'nak', message: MESSAGES[message.type].id, seq: message.seq, reason };
  }
}
