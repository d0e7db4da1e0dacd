/** Brings the declared inputs stored on a gate in line with the configuration: read each, write what differs. Pure. */
import type { MessageOf, Reason } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';

const IDS = [SETTINGS.input0.id, SETTINGS.input1.id, SETTINGS.input2.id, SETTINGS.input3.id] as const;
const NO_PIN = 255;
const RETRY_MS = 1_000;
const MAX_TRIES = 5;
/** Refusals that pass by themselves. */
const PASSING: ReadonlySet<Reason> = new Set(['busy', 'starting', 'old-sequence', 'wrong-boot']);

export interface InputSync {
  /** Pins of inputs 0 to 3, as the settings hold them. */
  readonly pins: readonly number[];
  /** The input being dealt with; 4: done. */
  readonly index: number;
  readonly op: 'read' | 'write';
  readonly tries: number;
  /** When to ask next, in monotonic ms. */
  readonly at: number;
}

/** The work for one connection; `pins` beyond the declared ones are set to none. */
export function startSync(pins: readonly number[], now: number): InputSync {
  const all = IDS.map((_, i) => pins[i] ?? NO_PIN);
  return { pins: all, index: 0, op: 'read', tries: 0, at: now };
}

export function isDone(sync: InputSync): boolean {
  return sync.index >= IDS.length;
}

/** What to send now, without boot and sequence; after too many tries an input is passed over until the next connection. */
export function request(
  sync: InputSync,
  now: number,
): { sync: InputSync; ask: Pick<MessageOf<'setting'>, 'op' | 'setting' | 'value'> | null } {
  if (isDone(sync) || now < sync.at) return { sync, ask: null };
  if (sync.tries >= MAX_TRIES) return { sync: next(sync, now), ask: null };
  const value = new Uint8Array(8);
  if (sync.op === 'write') value[0] = sync.pins[sync.index]!;
  return {
    sync: { ...sync, tries: sync.tries + 1, at: now + RETRY_MS },
    ask: { op: sync.op, setting: IDS[sync.index]!, value },
  };
}

/** Takes an answer of the gate. */
export function answered(sync: InputSync, value: MessageOf<'value'>, now: number): InputSync {
  if (isDone(sync) || value.setting !== IDS[sync.index]) return sync;
  if (value.value[0] === sync.pins[sync.index]) return next(sync, now);
  return sync.op === 'read' ? { ...sync, op: 'write', tries: 0, at: now } : sync;
}

/** Takes a refusal: what does not pass by itself is not asked again. */
export function refused(sync: InputSync, reason: Reason, now: number): InputSync {
  return isDone(sync) || PASSING.has(reason) ? sync : next(sync, now);
}

function next(sync: InputSync, now: number): InputSync {
  return { ...sync, index: sync.index + 1, op: 'read', tries: 0, at: now };
}
