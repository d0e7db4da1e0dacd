/** Figures of a gate with a key, measured on the emulated board: what an authenticator takes, and what a flood of forged ones delays. */
import type { GateKey } from '../../../schemas/authenticator.ts';
import type { MessageOf } from '../../../schemas/protocol.ts';
import { BYTE_MS, Rig } from '../rig.ts';
import type { Figure } from './sample.ts';

const RUNS = 40;
const gateId = Buffer.from('kitchen');
const KEY: GateKey = { key: new Uint8Array(32).fill(0x5c), gateId };
const FORGER: GateKey = { key: new Uint8Array(32).fill(0x36), gateId };
/** Firmata: asks for its version and is answered at once. */
const VERSION = 0xf9;
/** Steps the phase between the board's clock and what happens. */
const phase = (run: number): number => (run * 0.737) % 11;

const forged = (rig: Rig): Uint8Array => rig.frame(rig.allow({ liveMs: 9000 }), FORGER);

/** Sends so many ms of forged frames; returns when the last byte will have come. */
function flood(rig: Rig, ms: number): number {
  const frame = forged(rig);
  const count = Math.ceil(ms / (frame.length * BYTE_MS));
  const from = rig.board.timeMs;
  for (let i = 0; i < count; i++) rig.board.send(frame);
  return from + count * frame.length * BYTE_MS;
}

/** Until the gate has said what there was to say. */
function calm(rig: Rig, ms = 400): void {
  rig.board.runFor(ms);
}

function liveUnderFlood(rig: Rig, run: number): number {
  calm(rig, 2500);
  rig.hello();
  calm(rig);
  rig.goLive(30_000);
  rig.board.runFor(phase(run));
  return flood(rig, 120);
}

const off = (rig: Rig): number => {
  rig.board.runUntil(() => rig.board.level('actuator') === 0, 500, 0.05);
  return rig.edges('actuator', 0).at(-1)!;
};

/** From the last byte of a frame to the first of its refusal. */
function verified(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const samples = Array.from({ length: RUNS }, (_, run) => {
    calm(rig, 300 + phase(run));
    const frame = forged(rig);
    const last = rig.board.timeMs + frame.length * BYTE_MS;
    rig.board.send(frame);
    let first = 0;
    const stop = rig.board.onBytes(() => {
      first ||= rig.board.timeMs - BYTE_MS;
    });
    rig.next('nak');
    stop();
    return first - last;
  });
  return { name: 'keyed: forged frame → its refusal', unit: 'ms', samples, limit: 30 };
}

/** How much longer an answer takes that needs nothing but the main loop, while a frame is being verified. */
function longestSlice(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  let first = 0;
  rig.board.onBytes(() => {
    first ||= rig.board.timeMs - BYTE_MS;
  });
  const answered = (): number => {
    first = 0;
    const last = rig.board.timeMs + BYTE_MS;
    rig.board.send(Uint8Array.of(VERSION));
    rig.board.runUntil(() => first > 0, 5, 0.05);
    return first - last;
  };
  const samples = Array.from({ length: RUNS }, (_, run) => {
    calm(rig, 300 + phase(run));
    const idle = answered();
    calm(rig, 5);
    rig.board.send(forged(rig));
    rig.board.runFor(6 + (run % 8));
    return Math.max(0, answered() - idle);
  });
  return { name: 'keyed: longest slice of an authenticator', unit: 'ms', samples, limit: 0.3 };
}

function allowToOn(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const samples = Array.from({ length: RUNS }, (_, run) => {
    rig.tell({ type: 'mute', seq: run + 1, reason: 'cli' });
    rig.hello();
    calm(rig, 300 + phase(run));
    const from = rig.board.timeMs;
    rig.board.send(rig.frame(rig.allow({ liveMs: 9000 })));
    rig.board.runUntil(() => rig.board.level('actuator') === 1, 100, 0.05);
    return rig.edges('actuator', 1).at(-1)! - from;
  });
  return { name: 'keyed: allow frame → actuator on', unit: 'ms', samples, limit: null };
}

function muteToOff(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const samples = Array.from({ length: RUNS }, (_, run) => {
    const begins = liveUnderFlood(rig, run);
    const frame = rig.frame({ type: 'mute', seq: run + 1, reason: 'cli' });
    rig.board.send(frame);
    return off(rig) - begins - 1.2 * frame.length * BYTE_MS;
  });
  return {
    name: 'keyed, flooded: mute → actuator off, beyond 1.2 × wire time',
    unit: 'ms',
    samples,
    limit: 0.3,
  };
}

function buttonToOff(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const samples = Array.from({ length: RUNS }, (_, run) => {
    liveUnderFlood(rig, run);
    rig.board.runFor(50 + phase(run));
    const from = rig.board.timeMs;
    rig.board.press(60);
    const ms = off(rig) - from;
    calm(rig);
    return ms;
  });
  return { name: 'keyed, flooded: button edge → actuator off', unit: 'ms', samples, limit: 1 };
}

function leaseEnd(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const samples = Array.from({ length: RUNS }, (_, run) => {
    calm(rig, 1200 + phase(run));
    rig.hello();
    calm(rig, 600);
    const allow = rig.allow({ liveMs: 300 + run * 3 }) as MessageOf<'allow'>;
    const known = rig.events().length;
    rig.board.send(rig.frame(allow));
    rig.board.runUntil(() => rig.board.level('actuator') === 1, 100, 0.5);
    flood(rig, 700);
    const lasted = off(rig) - rig.edges('actuator', 1).at(-1)!;
    calm(rig, 600);
    rig.hello();
    calm(rig);
    const { uptime } = rig
      .events()
      .slice(known)
      .find(({ kind }) => kind === 'live')!;
    rig.tell({ type: 'stored', boot: rig.last('state')!.boot, event: rig.newest() });
    return Math.abs(lasted - (allow.liveUntil - uptime));
  });
  return { name: 'keyed, flooded: lease end, error', unit: 'ms', samples, limit: 2 };
}

/** Between two reports, while forged frames fill the wire for 20 s. */
function stateGaps(): Figure {
  const rig = Rig.keyed(KEY, { bounceMs: 0 });
  const from = rig.board.timeMs;
  flood(rig, 20_000);
  rig.board.runFor(20_000);
  const at = rig.received.flatMap(({ message, authentic, atMs }) =>
    message.type === 'state' && authentic && atMs > from ? [atMs] : [],
  );
  const samples = at.slice(1).map((ms, i) => ms - at[i]!);
  return { name: 'keyed, flooded: from one state to the next', unit: 'ms', samples, limit: 1_100 };
}

export function keyedFigures(): Figure[] {
  return [verified(), longestSlice(), allowToOn(), muteToOff(), buttonToOff(), leaseEnd(), stateGaps()];
}
