/**
 * Noise on the wire of the real image: never live without a valid `allow`, never hung, and a mute among it always acts.
 * The first test sends `EARLID_FUZZ_BYTES` bytes (a million in `.ci/run`), the second one mute per 5000 of them. A gate with a key
 * hears frames signed by somebody else among them, and stays live through whatever is not signed by its own controller.
 */
import { describe, expect, test } from '@jest/globals';
import { eepromImage } from '../../controller/bench/eeprom-image.ts';
import { BYTE_MS, Rig } from '../../controller/bench/rig.ts';
import type { GateKey } from '../../schemas/authenticator.ts';
import { LIMITS, MESSAGES, type MessageOf } from '../../schemas/protocol.ts';
import type { Input } from '../model/guard-model.ts';
import { Noise, type Target } from '../model/noise.ts';
import { wireParser } from '../model/wire-parser.ts';
import { KITCHEN, OTHER_KEY } from './rules/keyed-gates.ts';

const BYTES = Number(process.env.EARLID_FUZZ_BYTES ?? 6_000);
const MANY_BYTES = 500_000;
/** Most of them for a gate with a key: an authenticator takes long to emulate. */
const KEYED_BYTES = 250_000;
const SEED = Number(process.env.EARLID_SEED ?? 1);
const TIMEOUT_MS = 30 * 60 * 1000;
/** Bytes between two looks at the gate. */
const BLOCK = BYTES < MANY_BYTES ? 2000 : 4000;
/** A mute acts in the receive interrupt of its last byte. */
const ACTS_WITHIN_MS = 0.5;
/** The gate's clock is known to this. */
const CLOCK_MS = 3;
/** How soon an accepted `allow` opens, and how old a report may be: a gate with a key verifies one and signs the other. */
const SOON_MS = { 'without a key': { opens: 5, tells: 30 }, 'with a key': { opens: 60, tells: 90 } } as const;
/** From power to the first instruction. */
const STARTUP_MS = 65;

type Kind = keyof typeof SOON_MS;

interface Heard {
  readonly atMs: number;
  readonly input: Input;
}

const isMute = ({ input }: Heard): boolean =>
  input.type === 'garbled-mute' || (input.type === 'message' && input.message.type === 'mute');

/** A rig, and by the reference parser what the guard has been told in all the bytes it was sent. */
class Listener {
  readonly rig: Rig;
  readonly heard: Heard[] = [];
  readonly soonMs: (typeof SOON_MS)[Kind];
  sent = 0;
  readonly #by: GateKey | null;
  readonly #parser;

  constructor(kind: Kind, seed: number) {
    this.soonMs = SOON_MS[kind];
    this.#by = kind === 'with a key' ? KITCHEN : null;
    this.#parser = wireParser(() => this.#by);
    const eeprom = eepromImage({ product: 'uno-relay', settings: { sense: 1 } });
    const options = { seed, bounceMs: 0 };
    this.rig = this.#by ? Rig.keyed(this.#by, options) : new Rig({ ...options, eeprom });
    this.rig.board.onTrace(({ signal, level, tUs }) => {
      if (signal === 'actuator' && level === 1) this.#opened(tUs / 1000);
    });
  }

  get target(): Target {
    const { rig } = this;
    const { boot, newest } = rig.last('state')!;
    return { boot, newest, ...(this.#by && { uptime: Math.round(rig.board.timeMs - STARTUP_MS) }) };
  }

  /** Sends bytes at the wire's speed and returns when they have arrived. */
  send(bytes: Uint8Array): void {
    const { board } = this.rig;
    const startMs = board.timeMs;
    for (const [i, byte] of bytes.entries()) {
      const input = this.#parser.byte(byte);
      if (input) this.heard.push({ atMs: startMs + (i + 1) * BYTE_MS, input });
    }
    this.sent += bytes.length;
    board.send(bytes);
    board.runFor(bytes.length * BYTE_MS + 0.01);
  }

  allow(liveMs: number): void {
    this.send(this.rig.frame(this.rig.allow({ liveMs })));
    this.rig.board.runFor(this.soonMs.opens);
  }

  get live(): boolean {
    return this.rig.board.level('actuator') === 1;
  }

  /** Throws unless an `allow` for this boot, with a lease that the gate may give, has just been heard. */
  #opened(atMs: number): void {
    const { received } = this.rig;
    const last = received.findLast(({ message }) => message.type === 'state')!;
    const state = last.message as MessageOf<'state'>;
    const uptime = state.uptime + atMs - last.atMs;
    const valid = this.heard.some(({ atMs: heardMs, input }) => {
      if (input.type !== 'message' || input.message.type !== 'allow') return false;
      if (input.authenticator !== (this.#by ? 'right' : 'none')) return false;
      const { boot, liveUntil } = input.message;
      const inTime =
        liveUntil > uptime - CLOCK_MS && liveUntil < uptime + LIMITS.hostCeilingMs.value + CLOCK_MS;
      return heardMs > atMs - this.soonMs.opens && boot === state.boot && inTime;
    });
    if (!valid) throw new Error(`live at ${atMs} ms without a valid allow`);
  }

  /** The gate answers, has not been reset, and its clock has gone on at its speed. */
  answers(): void {
    const { rig } = this;
    const { starts } = rig.board;
    this.send(rig.frame({ type: 'hello', controller: 1 }));
    rig.next('identity', undefined, 300);
    const state = rig.next('state', undefined, 1200);
    expect(rig.board.starts).toBe(starts);
    expect(starts).toBe(1);
    expect(Math.abs(state.uptime - (rig.board.timeMs - STARTUP_MS))).toBeLessThan(this.soonMs.tells);
  }
}

function started(kind: Kind, seed: number): Listener {
  const listener = new Listener(kind, seed);
  listener.rig.hello();
  listener.rig.board.runFor(300);
  return listener;
}

const noiseFor = (kind: Kind, seed: number): Noise =>
  new Noise(seed, kind === 'with a key' ? OTHER_KEY : null);

/** Pieces of noise that a live gate is to survive: nothing in them mutes, and no other controller greets. */
function tame(noise: Noise, { rig, target }: Listener): Uint8Array {
  for (;;) {
    const piece = noise.piece(target);
    const parser = wireParser(() => rig.by);
    const heard = [...piece, 0xf7].map((byte) => parser.byte(byte)).filter((input) => input !== null);
    const isRefused = (input: Input): boolean =>
      rig.by !== null &&
      input.type === 'message' &&
      !(input.message.type === 'hello' && input.authenticator === 'none');
    if (heard.every(isRefused) && !piece.includes(MESSAGES.mute.id)) return piece;
  }
}

describe.each(Object.keys(SOON_MS) as Kind[])('noise on the wire of a gate %s', (kind) => {
  const count = kind === 'with a key' ? Math.min(BYTES, KEYED_BYTES) : BYTES;

  test(
    `${count} bytes: never live without a valid allow, never hung, every mute acts`,
    () => {
      const noise = noiseFor(kind, SEED);
      const gate = started(kind, SEED);
      for (let block = 0; gate.sent < count; block++) {
        const isLive = block % 4 === 0;
        const isTame = isLive || (kind === 'with a key' && block % 4 === 2);
        if (isTame) {
          gate.rig.board.runFor(LIMITS.contestedMs.value + 1000);
          gate.answers();
        }
        if (isLive) {
          gate.allow(2000);
          expect(gate.live).toBe(true);
        }
        const end = gate.sent + BLOCK;
        while (gate.sent < end) {
          const before = gate.heard.length;
          gate.send(isTame ? tame(noise, gate) : noise.piece(gate.target));
          if (gate.heard.slice(before).some(isMute)) expect(gate.live).toBe(false);
        }
        if (isLive) expect(gate.live).toBe(true);
        gate.answers();
      }
      // Noise seldom makes a mute: a short run may have none.
      if (count >= MANY_BYTES) expect(gate.heard.filter(isMute).length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    'a mute after noise and before noise acts with its last byte',
    () => {
      const noise = noiseFor(kind, SEED + 1);
      const gate = started(kind, SEED + 1);
      const { board } = gate.rig;
      for (let i = 0; i < Math.max(12, count / 5000); i++) {
        gate.allow(3000);
        expect(gate.live).toBe(true);
        for (let n = noise.pick(4); n > 0; n--) gate.send(tame(noise, gate));
        expect(gate.live).toBe(true);
        const mute = someMute(gate, noise);
        const before = gate.heard.length;
        const piece = tame(noise, gate);
        gate.send(Uint8Array.of(...mute, ...piece));
        const muted = gate.heard[before]!;
        expect(isMute(muted)).toBe(true);
        const off = gate.rig.edges('actuator', 0).at(-1)!;
        expect(off - muted.atMs).toBeGreaterThan(-0.1);
        expect(off - muted.atMs).toBeLessThan(ACTS_WITHIN_MS);
        board.runFor(60 + gate.soonMs.opens);
      }
      gate.answers();
    },
    TIMEOUT_MS,
  );
});

/** A mute: whole, with a damaged content, cut short, or ended by another status byte. */
function someMute({ rig }: Listener, noise: Noise): number[] {
  const whole = [...rig.frame({ type: 'mute', seq: noise.pick(2 ** 32), reason: 'cli' })];
  const at = 2 + noise.pick(whole.length - 3);
  switch (noise.pick(4)) {
    case 0:
      return whole;
    case 1:
      return whole.map((byte, i) => (i === at ? byte ^ (1 << noise.pick(7)) : byte));
    case 2:
      return [...whole.slice(0, at), 0xf7];
    default:
      return [...whole.slice(0, -1), 0x80 + noise.pick(0x80)];
  }
}
