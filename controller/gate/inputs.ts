/**
 * Brings the declared inputs stored on a gate in line with the configuration. Pure.
 *
 * First each is read; then each that differs is set to none, for a pin can only be one input at a time and may be asked
 * for by another; then it is given its pin.
 */
import type { MessageOf, Reason } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';

const IDS = [SETTINGS.input0.id, SETTINGS.input1.id, SETTINGS.input2.id, SETTINGS.input3.id] as const;
const NO_PIN = 255;
const RETRY_MS = 1_000;
const MAX_TRIES = 5;
/** Refusals that pass by themselves. */
const PASSING: ReadonlySet<Reason> = new Set(['busy', 'starting', 'old-sequence', 'wrong-boot', 'locked']);
const STEPS = ['read', 'clear', 'write'] as const;

export interface InputSync {
  /** Pins of inputs 0 to 3, as the settings hold them. */
  readonly pins: readonly number[];
  /** Inputs that are known to be wired as configured. */
  readonly right: readonly boolean[];
  /** What each was found to be; null while it has not been read. */
  readonly found: readonly (number | null)[];
  /** Why an input could not be dealt with; null while it could. */
  readonly trouble: readonly (string | null)[];
  readonly step: (typeof STEPS)[number];
  /** The input being dealt with; 4: all steps are done. */
  readonly index: number;
  readonly tries: number;
  /** When to ask next, in monotonic ms. */
  readonly at: number;
  /** A person has heard how it ended. */
  readonly told: boolean;
}

/** The work for one connection; `pins` beyond the declared ones are set to none. */
export function startSync(pins: readonly number[], now: number): InputSync {
  return {
    pins: IDS.map((_, i) => pins[i] ?? NO_PIN),
    right: IDS.map(() => false),
    found: IDS.map(() => null),
    trouble: IDS.map(() => null),
    step: 'read',
    index: 0,
    tries: 0,
    at: now,
    told: false,
  };
}

export function isDone(sync: InputSync): boolean {
  return sync.index >= IDS.length;
}

/** What a person should hear of work that is done; null when all went well. */
export function complaint({ right, trouble }: InputSync): string | null {
  const wrong = right.flatMap((isRight, i) => (isRight ? [] : [`input ${i} (${trouble[i] ?? 'no answer'})`]));
  return wrong.length === 0
    ? null
    : `not wired as configured, and so unknown: ${wrong.join(', ')}; see \`inputs\` in the configuration`;
}

/** What to send now, without boot and sequence; after too many tries an input is passed over until the next connection. */
export function request(
  sync: InputSync,
  now: number,
): { sync: InputSync; ask: Pick<MessageOf<'setting'>, 'op' | 'setting' | 'value'> | null } {
  if (isDone(sync) || now < sync.at) return { sync, ask: null };
  if (sync.tries >= MAX_TRIES) return { sync: next(failed(sync, null), now), ask: null };
  const value = new Uint8Array(8);
  if (sync.step !== 'read') value[0] = wanted(sync);
  const op = sync.step === 'read' ? 'read' : 'write';
  return {
    sync: { ...sync, tries: sync.tries + 1, at: now + RETRY_MS },
    ask: { op, setting: IDS[sync.index]!, value },
  };
}

/** Takes an answer of the gate. */
export function answered(sync: InputSync, value: MessageOf<'value'>, now: number): InputSync {
  if (isDone(sync) || value.setting !== IDS[sync.index]) return sync;
  const pin = value.value[0]!;
  const right = sync.right.with(sync.index, pin === sync.pins[sync.index]);
  const found = sync.found.with(sync.index, pin);
  if (sync.step === 'read' || pin === wanted(sync)) return next({ ...sync, right, found }, now);
  return sync;
}

/** Takes a refusal: what does not pass by itself is not asked again. */
export function refused(sync: InputSync, reason: Reason, now: number): InputSync {
  return isDone(sync) || PASSING.has(reason) ? sync : next(failed(sync, reason), now);
}

function wanted({ step, pins, index }: InputSync): number {
  return step === 'clear' ? NO_PIN : pins[index]!;
}

function failed(sync: InputSync, reason: Reason | null): InputSync {
  return { ...sync, trouble: sync.trouble.with(sync.index, reason ?? 'no answer') };
}

/** The next input of this step that needs it, else of the next step. */
function next(sync: InputSync, now: number): InputSync {
  let { step, index } = sync;
  do {
    index += 1;
    if (index === IDS.length && step !== 'write') {
      step = STEPS[STEPS.indexOf(step) + 1]!;
      index = 0;
    }
  } while (index < IDS.length && !isNeeded({ ...sync, step, index }));
  return { ...sync, step, index, tries: 0, at: now };
}

function isNeeded({ step, index, right, found, trouble }: InputSync): boolean {
  if (step === 'read') return true;
  if (right[index] || trouble[index] !== null) return false;
  return step === 'write' || found[index] !== NO_PIN;
}
