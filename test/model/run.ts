/** Runs a sequence of commands on an emulated board and writes the log of it. */

import { Board } from '../../controller/bench/board.ts';
import type { GateKey } from '../../schemas/authenticator.ts';
import { decodeFrame, isAuthentic } from '../../schemas/codec.ts';
import type { GateMessage } from '../../schemas/protocol.ts';
import { type Build, SIGNING_MS, VERIFIED_AFTER_MS } from '../builds/builds.ts';
import { Divergence } from './boots.ts';
import type { Command, TimedCommand } from './commands.ts';
import type { Input } from './guard-model.ts';
import { Host, keyOf } from './host.ts';
import type { RunLog } from './timed-log.ts';
import { wireParser } from './wire-parser.ts';

const BYTE_US = 1e7 / 115_200;
const STARTUP_MS = 65;
const RESET_MS = STARTUP_MS + 1;
/** The longest the watchdog may take. */
const WATCHDOG_MS = 300;
/** Committing a boot number and storing lock or settings take no longer; power is cut at other times elsewhere. */
const EEPROM_MS = 300;
/** A ring full of events, signed one by one. */
const TELL_ALL_MS = 900;
/** A frame has been verified, and another authenticator before it made. */
const VERIFIED_MS = 60;
/** A key stands in every record. */
const PAIRED_MS = 3000;
/** Holds of about this length unlock; the lock cells are written and read back after the release within less than the other. */
const HOLD_MS = 2900;
const UNLOCK_MS = 80;
/** A button that comes down again so soon may not have been up for the gate. */
const BOUNCE_MS = 25;
/** From its first instruction until the gate listens to the wire for certain. */
const READY_MS = 5;

const carriesAuthenticator = (inner: Uint8Array): boolean => {
  const decoded = decodeFrame(inner);
  return 'message' in decoded && decoded.hasAuthenticator;
};

/** The key that a frame gives, which may be a copy of an earlier one; null: it gives none. */
const keyIn = (frame: Uint8Array): Uint8Array | null => {
  const decoded = decodeFrame(frame.subarray(1, -1));
  return 'message' in decoded && decoded.message.type === 'pair' ? decoded.message.key : null;
};

/** The frames in the bytes of a gate, with the moment each began. */
function gateFrames(deliver: (message: GateMessage, atUs: number, inner: Uint8Array) => void) {
  let inner: number[] | null = null;
  let startUs = 0;
  return (byte: number, endUs: number): void => {
    if (byte === 0xf0) {
      inner = [];
      startUs = endUs - BYTE_US;
    } else if (byte < 0x80) {
      inner?.push(byte);
    } else {
      const bytes = inner && byte === 0xf7 ? Uint8Array.from(inner) : null;
      const decoded = bytes && decodeFrame(bytes);
      inner = null;
      if (decoded && 'message' in decoded) deliver(decoded.message as GateMessage, startUs, bytes!);
    }
  };
}

/** One board on its way through a sequence. */
class Run {
  readonly log: RunLog = {
    inputs: [],
    frames: [],
    actuator: [],
    lastHelloUs: 0,
    endUs: 0,
  };
  readonly #build: Build;
  readonly #board: Board;
  readonly #host: Host;
  #parser = this.#newParser();
  /** The key that is being written; undefined: none is. */
  #nextKey: GateKey | null | undefined;
  #powered = false;
  /** The chip executes from here on; bytes before are lost. */
  #runsFromUs = 0;
  #wireFreeUs = 0;
  #eepromUntilUs = 0;
  /** Since when the button is down but for bounces, when it last came up, and when it did so after a hold that may unlock. */
  #downUs = -Infinity;
  #upUs = -Infinity;
  #heldUntilUs = -Infinity;

  constructor(build: Build, eeprom: Uint8Array, seed: number, by: GateKey | null) {
    this.#build = build;
    this.#host = new Host(by);
    this.#board = new Board({
      product: 'uno-relay',
      ...build.options({
        eeprom,
        seed,
        powered: false,
        bounceMs: 0,
        startupMs: STARTUP_MS,
        traceLimit: 0,
      }),
    });
    const read = gateFrames((message, atUs, inner) => this.#hear(message, atUs, inner));
    this.#board.onBytes((bytes) => {
      for (const byte of bytes) read(byte, this.#board.timeUs);
    });
    this.#board.onTrace(({ signal, level, tUs }) => {
      if (signal === 'actuator') this.log.actuator.push({ atUs: tUs, high: level === 1 });
      if (signal === 'contact') this.#note({ type: 'sense', high: level === 1 }, tUs);
    });
  }

  /** The EEPROM as it is now. */
  get eeprom(): Uint8Array {
    return this.#board.eeprom.bytes.slice();
  }

  #newParser(): ReturnType<typeof wireParser> {
    return wireParser(() => this.#host.by);
  }

  #hear(message: GateMessage, atUs: number, inner: Uint8Array): void {
    const signed = carriesAuthenticator(inner);
    const isBy = (key: GateKey | null): boolean =>
      key === null || message.type === 'nak' ? !signed : isAuthentic(inner, key);
    if (!isBy(this.#host.by)) {
      if (this.#nextKey === undefined || !isBy(this.#nextKey))
        throw new Divergence(`not by its key: ${JSON.stringify(message)}`);
      this.#host.by = this.#nextKey;
    }
    const madeUs = atUs - (signed ? SIGNING_MS * 1000 : 0);
    this.log.frames.push({ atUs: madeUs, message, signed });
    this.#host.hear(message, madeUs / 1000);
  }

  #note(input: Input, atUs = this.#board.timeUs): void {
    this.log.inputs.push({ atUs, input });
  }

  /** Notes what ends a boot, or begins one, and from when on the chip executes. */
  #noteBoot(input: Input, lostMs: number): void {
    const atUs = this.#board.timeUs;
    this.log.inputs.push({ atUs, input, lostUs: lostMs * 1000 });
    this.#parser = this.#newParser();
    this.#runsFromUs = atUs + lostMs * 1000;
    this.#eepromUntilUs = this.#runsFromUs + EEPROM_MS * 1000;
  }

  wait(ms: number): void {
    this.#board.runFor(ms);
  }

  /** Waits until nothing is on its way to the gate or to its EEPROM. */
  #quiet(): void {
    const until = Math.max(this.#wireFreeUs + 1000, this.#eepromUntilUs);
    if (until > this.#board.timeUs) this.wait((until - this.#board.timeUs) / 1000);
  }

  #mayStore(): void {
    this.#eepromUntilUs =
      Math.max(this.#eepromUntilUs, this.#board.timeUs, this.#wireFreeUs) + EEPROM_MS * 1000;
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    if (!on) this.#quiet();
    this.#powered = on;
    this.#noteBoot({ type: 'power', on }, STARTUP_MS);
    this.#board.power(on);
  }

  reset(): void {
    this.#quiet();
    this.#noteBoot({ type: 'reset', cause: 'external-reset' }, RESET_MS);
    this.#board.reset();
  }

  /** An endless loop until the watchdog has had enough. */
  hang(): void {
    this.#quiet();
    const { starts } = this.#board;
    const mend = this.#build.hang(this.#board);
    const hungUs = this.#board.timeUs;
    const noted = this.log.inputs.length;
    this.#board.runUntil(() => this.#board.starts > starts, WATCHDOG_MS + STARTUP_MS);
    mend();
    const lostUs = this.#board.timeUs - hungUs;
    this.log.inputs.splice(noted, 0, { atUs: hungUs, input: { type: 'reset', cause: 'watchdog' }, lostUs });
    this.#parser = this.#newParser();
    this.#runsFromUs = this.#board.timeUs;
    this.#eepromUntilUs = this.#runsFromUs + EEPROM_MS * 1000;
  }

  send(bytes: Uint8Array): void {
    const readyUs = this.#runsFromUs + READY_MS * 1000;
    if (this.#powered && this.#board.timeUs < readyUs) this.wait((readyUs - this.#board.timeUs) / 1000);
    this.#board.send(bytes);
    let isAnsweredLater = false;
    for (const byte of bytes) {
      this.#wireFreeUs = Math.max(this.#wireFreeUs, this.#board.timeUs) + BYTE_US;
      const input = this.#powered ? this.#parser.byte(byte) : null;
      const delaysMs =
        input && this.#host.by && input.type === 'message' && input.authenticator !== 'none'
          ? VERIFIED_AFTER_MS
          : null;
      if (input) this.log.inputs.push({ atUs: this.#wireFreeUs, input, ...(delaysMs && { delaysMs }) });
      const stores = input?.type === 'message' && /lock|setting/.test(input.message.type);
      if (stores) this.#mayStore();
      isAnsweredLater ||= delaysMs !== null || (stores && this.#host.by !== null);
    }
    // Nothing else comes before it has been acted on, or answered where only one answer can wait: only the gate knows when that is.
    if (isAnsweredLater) this.wait((this.#wireFreeUs - this.#board.timeUs) / 1000 + VERIFIED_MS);
  }

  /** Nothing comes while key records are written. */
  #pair(key: Uint8Array, bytes: Uint8Array): void {
    this.#quiet();
    this.#nextKey = keyOf(key);
    this.send(bytes);
    this.wait(PAIRED_MS);
    this.#nextKey = undefined;
    // Whoever gives a key is no company to a gate that has one: it tells what happened to one that says hello.
    this.send(this.#host.lastHello());
    this.wait(TELL_ALL_MS);
  }

  #holdPower(ms: number): void {
    this.power(false);
    this.wait(100);
    this.#button(true, []);
    this.wait(100);
    this.power(true);
    this.wait(STARTUP_MS + ms);
    this.#button(false, []);
  }

  /** A level of the button, with a bounce of so many ms between its edges. */
  #button(down: boolean, bounce: readonly number[]): void {
    if (down || bounce.length > 0) this.#settleUnlock();
    if (down) {
      if (this.#board.timeUs - this.#upUs > BOUNCE_MS * 1000) this.#downUs = this.#board.timeUs;
      this.#upUs = Infinity;
    }
    let level = down;
    for (const ms of [...bounce.slice(0, bounce.length & ~1), 0]) {
      this.#note({ type: 'button', down: level });
      if (level) this.#board.buttonDown();
      else this.#board.buttonUp();
      if (ms > 0) this.wait(ms);
      level = !level;
    }
    if (!down) this.#release();
    this.#mayStore();
  }

  #release(): void {
    this.#upUs = this.#board.timeUs;
    if (this.#upUs - this.#downUs > HOLD_MS * 1000) this.#heldUntilUs = this.#upUs;
  }

  /** No text says whether a press that begins while an unlock is being written began locked. */
  #settleUnlock(): void {
    const writtenUs = this.#heldUntilUs + UNLOCK_MS * 1000;
    if (this.#board.timeUs < writtenUs) this.wait((writtenUs - this.#board.timeUs) / 1000);
  }

  do(command: Command): void {
    switch (command.do) {
      case 'wait':
        this.wait(command.ms);
        break;
      case 'down':
      case 'up':
        this.#button(command.do === 'down', command.bounce);
        break;
      case 'press':
        this.#button(true, command.bounce);
        this.wait(command.ms);
        this.#button(false, command.bounce);
        break;
      case 'contact':
        this.#board.fault(command.fault);
        break;
      case 'reset':
        if (this.#powered) this.reset();
        break;
      case 'hang':
        if (this.#powered) this.hang();
        break;
      case 'power':
        this.power(false);
        this.wait(command.offMs);
        this.power(true);
        break;
      case 'hold-power':
        this.#holdPower(command.ms);
        break;
      default: {
        if (command.do === 'write' || command.do === 'read') this.#quiet();
        const bytes = this.#powered ? this.#host.frame(command, this.#board.timeMs) : null;
        const key = bytes && keyIn(bytes);
        if (key) this.#pair(key, bytes);
        else if (bytes) this.send(bytes);
      }
    }
  }

  /** Lets the gate tell all it still has, and closes the log. */
  finish(): RunLog {
    this.power(true);
    this.#quiet();
    this.log.lastHelloUs = this.#board.timeUs;
    this.send(this.#host.lastHello());
    this.wait(TELL_ALL_MS);
    this.log.endUs = this.#board.timeUs;
    this.log.inputs.sort((a, b) => a.atUs - b.atUs);
    return this.log;
  }
}

/** What came of a sequence: the log, and the EEPROM it left. */
export interface RunResult {
  readonly log: RunLog;
  readonly eeprom: Uint8Array;
}

/** Powers a board with this EEPROM, and the key that is in it, up and gives it the commands. The same arguments give the same log. */
export function runCommands(
  build: Build,
  eeprom: Uint8Array,
  seed: number,
  commands: readonly TimedCommand[],
  by: GateKey | null = null,
): RunResult {
  const run = new Run(build, eeprom, seed, by);
  run.power(true);
  run.wait(STARTUP_MS);
  for (const { command, gap } of commands) {
    run.do(command);
    if (gap > 0) run.wait(gap);
  }
  return { log: run.finish(), eeprom: run.eeprom };
}
