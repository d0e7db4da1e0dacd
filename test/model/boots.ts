/** Cuts a log into boots of the gate and finds the gate's clock in each, so that everything has a time by the gate's uptime. */
import { LIMITS, type MessageOf } from '../../schemas/protocol.ts';
import type { GuardEvent, Input } from './guard-model.ts';
import type { RunLog, TimedFrame, TimedInput } from './timed-log.ts';

/** One stretch with power. */
interface Session {
  readonly inputs: TimedInput[];
  newest: number;
  endUs: number;
  /** The gate has had a key in it. */
  keyed: boolean;
}

/** One stretch between two resets or losses of power. */
export interface Boot {
  /** The input that began it, and what followed until the next one. */
  readonly begin: Input;
  readonly startUs: number;
  /** From there on it may not have executed anything. */
  readonly lostUs: number;
  readonly endUs: number;
  /** It was ended by a reset or a loss of power, which may have swallowed what was on its way. */
  readonly cut: boolean;
  readonly inputs: readonly TimedInput[];
  readonly states: readonly MessageOf<'state'>[];
  readonly naks: readonly MessageOf<'nak'>[];
  readonly values: readonly MessageOf<'value'>[];
  /** From when to when the gate showed in this boot that it has a key, which it may be given or forget once. */
  readonly keyedFromUs: number;
  readonly keyedUntilUs: number;
  /** Every event ever seen since the supply came up, by number. */
  readonly events: ReadonlyMap<number, GuardEvent>;
  /** What went in since the supply came up until it was lost or the log ended, which was then. */
  readonly session: Session;
  /** Board time at uptime 0, in µs. */
  readonly clockUs: number;
  /** Uptime at which the gate first said that it is no longer starting; null when it never did. */
  readonly startedAt: number | null;
  readonly powered: boolean;
}

/** The gate's clock may begin so much earlier or later than its first instruction. */
const EARLY_US = 2500;
/** A gate with a key signs its first state before it is written. */
const LATE_US = 15_000;
/** From the first instruction to the first millisecond, as it usually is. */
const START_US = 3000;
const SLACK_US = 700;

export class Divergence extends Error {}

const beginsBoot = ({ input }: TimedInput): boolean => input.type === 'power' || input.type === 'reset';

export function bootsOf(log: RunLog): Boot[] {
  const starts = log.inputs.flatMap((input, i) => (beginsBoot(input) ? [i] : []));
  const boots: Boot[] = [];
  let events = new Map<number, GuardEvent>();
  let session: Session = { inputs: [], newest: 0, endUs: 0, keyed: false };
  for (const [n, from] of starts.entries()) {
    const begin = log.inputs[from]!;
    const next = starts[n + 1];
    const endUs = next === undefined ? log.endUs : log.inputs[next]!.atUs;
    if (begin.input.type === 'power') {
      events = new Map();
      session = { inputs: [], newest: 0, endUs, keyed: false };
    }
    const inputs = log.inputs.slice(from + 1, next);
    const frames = log.frames.filter(({ atUs }) => atUs >= begin.atUs && atUs < endUs);
    session.inputs.push(...inputs);
    session.endUs = endUs;
    session.keyed ||= frames.some(({ signed }) => signed);
    session.newest = only(frames, 'state').at(-1)?.newest ?? session.newest;
    const last = boots.at(-1);
    boots.push({
      begin: begin.input,
      startUs: begin.atUs,
      lostUs: begin.lostUs ?? 0,
      endUs,
      cut: next !== undefined,
      inputs,
      session,
      states: only(frames, 'state'),
      naks: only(frames, 'nak'),
      values: answers(only(frames, 'value')),
      keyedFromUs: frames.find(({ signed }) => signed)?.atUs ?? Infinity,
      keyedUntilUs: frames.findLast(({ signed }) => signed)?.atUs ?? Infinity,
      events: collect(events, frames),
      clockUs: clockOf(begin, frames, last),
      startedAt: only(frames, 'state').find(({ phase }) => phase !== 'starting')?.uptime ?? null,
      powered:
        begin.input.type === 'reset'
          ? (last?.powered ?? false)
          : begin.input.type === 'power' && begin.input.on,
    } satisfies Boot);
  }
  return boots;
}

function only<K extends 'state' | 'nak' | 'value' | 'event'>(
  frames: readonly TimedFrame[],
  type: K,
): MessageOf<K>[] {
  return frames.flatMap(({ message }) => (message.type === type ? [message as unknown as MessageOf<K>] : []));
}

/** A change is told as being written and once more when it is stored: one answer for the model. */
function answers(values: readonly MessageOf<'value'>[]): MessageOf<'value'>[] {
  const writing = new Set<number>();
  return values.filter(({ setting, status }) => {
    if (status === 'writing') writing.add(setting);
    return !(status === 'current' && writing.delete(setting));
  });
}

/** From the end of a frame until all that is kept has been told again, and while a controller counts as heard. */
const TOLD_AGAIN_US = 1_900_000;
const HEARD_US = LIMITS.silentMs.value * 1000;
const MARGIN_US = 100_000;

/**
 * Whether nobody may have been told of an event: it is sent only while a controller is heard, then and every second, and
 * is gone when it was stored (a host may store what it has not been told), overwritten or the supply was lost.
 */
export function mayBeUntold({ session, clockUs, startUs }: Boot, { seq, uptime }: GuardEvent): boolean {
  const atUs = clockUs + uptime * 1000;
  const messages = session.inputs.flatMap(({ atUs: heardUs, input }) =>
    input.type === 'message' && isCompany(input, session.keyed) ? [{ heardUs, message: input.message }] : [],
  );
  if (
    messages.some(
      ({ heardUs, message }) => message.type === 'stored' && heardUs > atUs && message.event >= seq,
    )
  )
    return true;
  if (session.newest >= seq + LIMITS.eventRing.value) return true;
  const told = ({ heardUs }: { heardUs: number }): boolean =>
    heardUs > Math.max(startUs, atUs - HEARD_US + MARGIN_US) &&
    Math.max(heardUs, atUs) + TOLD_AGAIN_US < session.endUs;
  return !messages.some(told);
}

/** Anybody to a gate without a key. */
const isCompany = (input: Extract<Input, { type: 'message' }>, keyed: boolean): boolean =>
  keyed
    ? input.authenticator === 'right' || /hello|mute/.test(input.message.type)
    : input.authenticator === 'none';

/** Adds to the events of this supply; the same number must always tell the same. */
function collect(known: Map<number, GuardEvent>, frames: readonly TimedFrame[]): Map<number, GuardEvent> {
  for (const { seq, boot, uptime, kind, reason, detail } of only(frames, 'event')) {
    const event = { seq, boot, uptime, kind, reason, detail };
    const before = known.get(seq);
    if (before && JSON.stringify(before) !== JSON.stringify(event)) {
      throw new Divergence(`event told in two ways: ${JSON.stringify(before)}, ${JSON.stringify(event)}`);
    }
    known.set(seq, event);
  }
  return known;
}

/**
 * A frame is written when its uptime is read, or later when others wait before it: the earliest one shows the clock best,
 * but where all had to wait, what the start of a gate usually takes is the better guess.
 */
function clockOf(begin: TimedInput, frames: readonly TimedFrame[], last: Boot | undefined): number {
  const lostUs = begin.lostUs ?? 0;
  const continued = (begin.input.type === 'reset' && last ? last.clockUs : begin.atUs) + lostUs;
  const seen = frames.flatMap(({ atUs, message }) =>
    message.type === 'state' ? [atUs - message.uptime * 1000] : [],
  );
  if (seen.length === 0) return continued + START_US;
  const clock = Math.min(...seen);
  if (clock < continued - EARLY_US || clock > continued + LATE_US) {
    throw new Divergence(`after ${begin.input.type} the uptime lags by ${(clock - continued) / 1000} ms`);
  }
  return Math.min(clock, continued + START_US + SLACK_US);
}
