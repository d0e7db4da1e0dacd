/**
 * One question about a setting of a gate and its answer: read or write. Pure. It is asked again until it is answered,
 * refused for good, or its time is over; writing the same value twice changes nothing.
 */
import type { MessageOf, Reason } from '../../schemas/protocol.ts';

const RETRY_MS = 700;
/** A question that no gate answers ends after this. */
export const EXCHANGE_MS = 5_000;
/** Refusals that pass by themselves. */
const PASSING: ReadonlySet<Reason> = new Set(['busy', 'starting', 'old-sequence', 'wrong-boot']);
const SOON_MS = 100;

export type SettingAsk = Pick<MessageOf<'setting'>, 'op' | 'setting' | 'value'>;
/** What came of it; `silent`: no answer in time. */
export type SettingAnswer =
  | { readonly value: Uint8Array; readonly status: MessageOf<'value'>['status'] }
  | { readonly refused: Reason | 'silent' };

export interface Exchange {
  readonly id: number;
  readonly ask: SettingAsk;
  /** When it ends without an answer, and when it is asked (again): monotonic ms. */
  readonly end: number;
  readonly at: number;
  /** Number of the newest message that asked it; null while none is on its way. */
  readonly seq: number | null;
}

export function beginExchange(id: number, ask: SettingAsk, now: number): Exchange {
  return { id, ask, end: now + EXCHANGE_MS, at: now, seq: null };
}

/** It has been sent with this number. */
export function asked(exchange: Exchange, seq: number | null, now: number): Exchange {
  return { ...exchange, seq, at: now + RETRY_MS };
}

/** The answer in a `value` of the gate, null when it answers something else: also a question before that came late. */
export function answerIn({ ask, seq }: Exchange, received: MessageOf<'value'>): SettingAnswer | null {
  if (seq === null || received.setting !== ask.setting) return null;
  if (ask.op === 'write' && ask.value.some((byte, i) => byte !== received.value[i])) return null;
  return { value: received.value, status: received.status };
}

/** A refusal: the answer, or the same question once more. */
export function refusedBy(exchange: Exchange, reason: Reason, now: number): SettingAnswer | Exchange {
  return PASSING.has(reason) ? { ...exchange, seq: null, at: now + SOON_MS } : { refused: reason };
}
