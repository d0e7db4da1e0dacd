/**
 * Compares a log with the reference model.
 *
 * The gate's clock is known to about a millisecond only, and the texts allow 2 ms. So every input is also tried 2 ms
 * earlier and later: where that changes what happens (a press of 49 to 51 ms, an `allow` in the millisecond in which a
 * lease ends) each outcome becomes a candidate, and those that contradict what was seen are given up. Only when none is
 * left do gate and model diverge. Where the boot number is being committed, a moment no text fixes, both are tried too.
 */
import { LIMITS } from '../../schemas/protocol.ts';
import { type Boot, bootsOf, Divergence } from './boots.ts';
import { advance, type Candidate, enterBoot, firstCandidate, leaveBoot } from './candidate.ts';
import { type GuardState, type Input, statusOf } from './guard-model.ts';
import { setting } from './guard-state.ts';
import type { RunLog } from './timed-log.ts';

/** The smallest that makes a difference comes first and is kept: it leaves the most room for the next one. */
const SKEWS_MS = [0, -0.7, 0.7, -2, 2];
/** Committing the boot number and, on a new chip, everything else takes no longer. */
const COMMIT_MS = 500;
/** From the end of a frame until the guard is told of it. */
const READ_MS = 0.5;
const MOST_CANDIDATES = 64;

/** Everything but times: two candidates that agree in it will be told apart, if ever, by the skews of a later input. */
function shape(c: Candidate): string {
  const { state: s } = c;
  const { leaseEnd, ...status } = statusOf(s);
  // What a press that has just ended was is decided by its length, but only when the release is certain.
  const { down, edgeAt } = s.button;
  const short = s.button.press && !down && edgeAt - s.button.press.from < LIMITS.pressMinMs.value;
  const press = s.button.press && { ...s.button.press, from: short };
  return JSON.stringify([
    status,
    leaseEnd === null,
    [s.lastSeq, s.lastMute?.seq, s.controller, s.mustSee, s.settings, s.committed, s.allowAt === null],
    [s.permission?.ms, s.pending && [s.pending.setting, s.pending.value]],
    [
      s.unlockingSince === null,
      s.mayPair,
      s.key,
      s.nextKey,
      // When it was verified shows only in what the gate says later.
      s.verifiedAt !== null && Math.round(s.verifiedAt),
      s.pairingUntil === null,
      s.button.down,
      s.button.armed || Math.round(s.button.edgeAt),
      press,
      s.sense.high,
    ],
    [c.edges, c.unseenOn === null, c.naks, c.values],
    // A phase of a ms or less may be the one that a report shows.
    c.history.map(({ status: { phase } }) => phase),
  ]);
}

/** Tries every way for every candidate; the divergence of the first way that fails is kept for the report. */
function each(candidates: readonly Candidate[], ways: readonly Way[]): Candidate[] {
  const next = new Map<string, Candidate>();
  let first: Divergence | null = null;
  for (const way of ways) {
    for (const candidate of candidates) {
      try {
        const result = way(candidate);
        const key = shape(result);
        if (!next.has(key)) next.set(key, result);
      } catch (error) {
        if (!(error instanceof Divergence)) throw error;
        first ??= error;
      }
    }
  }
  if (next.size === 0) throw first ?? new Divergence('no candidate');
  return [...next.values()].slice(0, MOST_CANDIDATES);
}

/** What only the gate knows the moment of, because no text fixes how long the EEPROM takes: read from its own reports. */
function told(boot: Boot, number: number): { uptime: number; input: Input }[] {
  const { startedAt, events } = boot;
  const moments: { uptime: number; input: Input }[] = [];
  if (startedAt !== null) moments.push({ uptime: startedAt, input: { type: 'committed' } });
  const unlocked = (uptime: number) => moments.push({ uptime, input: { type: 'unlocked' } });
  for (const event of events.values()) {
    if (event.boot !== number) continue;
    if (event.kind === 'unlock') unlocked(event.uptime);
    if (event.kind === 'paired') moments.push({ uptime: event.uptime, input: { type: 'paired' } });
  }
  for (const [i, { uptime, flags }] of boot.states.entries()) {
    const writing = boot.states[i - 1]?.flags.verifying;
    if (writing && !flags.verifying && !flags.locked) unlocked(uptime);
  }
  return moments;
}

const isMute = (input: Input): boolean =>
  input.type === 'garbled-mute' || (input.type === 'message' && input.message.type === 'mute');

type Way = (c: Candidate) => Candidate;
/** A way for those alone that are so. */
const where = (fits: (c: Candidate) => boolean, ways: readonly Way[]): Way[] =>
  ways.map((way) => (c) => {
    if (!fits(c)) throw new Divergence('another way');
    return way(c);
  });

/** While a press goes on, its length is looked at every ms: a closure shorter than that may be missed. */
const GLANCE_MS = 1;
function isGlimpse(
  steps: readonly { uptime: number; input: Input }[],
  down: boolean,
  uptime: number,
): boolean {
  return steps.some(({ input, uptime: other }) => {
    const length = down ? other - uptime : uptime - other;
    return input.type === 'button' && input.down !== down && length >= 0 && length <= GLANCE_MS;
  });
}

/**
 * Until the button has once been up for 20 ms it means nothing, and is only looked at every few ms: a shorter pulse may
 * be missed.
 */
const LOOK_MS = 4;
const isUnarmed = (c: Candidate): boolean => !c.state.button.armed;
const isPressed = (c: Candidate): boolean => c.state.button.press !== null;

function throughBoot(log: RunLog, from: readonly Candidate[], boot: Boot): Candidate[] {
  let candidates = each(from, [(c) => enterBoot(c, boot, log.actuator)]);
  const state = candidates[0]!.state;
  const startsAt = state.resetAt + setting(state, 'travel');
  const at = (uptime: number, skews: readonly number[], ...inputs: (Input | null)[]) =>
    skews.map((skew) => (c: Candidate) => {
      const put = (before: Candidate, input: Input | null) =>
        advance(before, uptime + skew, input, boot, log.actuator);
      return inputs.reduce(put, c);
    });
  const after = (
    moment: { uptime: number; input: Input },
    uptime: number,
    skews: readonly number[],
    input: Input,
  ) =>
    skews.map((skew) => (c: Candidate) => {
      const told = advance(c, Math.min(moment.uptime, uptime + skew), moment.input, boot, log.actuator);
      return advance(told, uptime + skew, input, boot, log.actuator);
    });
  const end = (boot.endUs - boot.clockUs) / 1000;
  const moments = told(boot, state.boot);
  const steps = [
    ...moments.map((moment) => ({ ...moment, skews: [0] })),
    ...boot.inputs.map(({ atUs, input, delaysMs }) => {
      const soonest = delaysMs?.[0] ?? 0;
      const skews = delaysMs?.map((ms) => ms - soonest) ?? SKEWS_MS;
      return { uptime: (atUs - boot.clockUs) / 1000 + soonest, input, skews };
    }),
  ].sort((a, b) => a.uptime - b.uptime);
  for (const { uptime, input, skews } of steps) {
    const ways = at(uptime, skews, input);
    const latest = uptime + Math.max(...skews);
    const mayHaveStarted = latest >= startsAt - 3 && uptime <= (boot.startedAt ?? Infinity) + 3;
    if (mayHaveStarted) ways.push(...at(uptime, skews, { type: 'committed' }, input));
    // What the gate told with a whole ms may have come before or after an input in the same one.
    for (const moment of moments.filter(
      (other) => other.input !== input && other.uptime > uptime - 3 && other.uptime < latest + 3,
    ))
      ways.push(...after(moment, uptime, skews, input), ...at(uptime, skews, input, moment.input));
    const followed = steps.some((other) => other.uptime > uptime && other.uptime < uptime + 3);
    if (followed && moments.some((moment) => moment.input === input)) ways.push(...at(uptime, [0], null));
    // What came in the last moment before a reset or a loss of power may not have been handled any more.
    if (boot.cut && uptime > end - 3 && input.type === 'message') ways.push(...at(uptime, skews, null));
    // An edge of the button is noted at once, a frame is read when the loop comes to it. The edge twice is the edge once.
    const overtaking = steps.find(
      (other) => other.input.type === 'button' && other.uptime > uptime && other.uptime < uptime + READ_MS,
    );
    if (input.type === 'message' && overtaking) ways.push(...at(uptime, [0], overtaking.input, input));
    if (input.type === 'button') {
      ways.push(...where(isUnarmed, [...at(uptime, [-LOOK_MS], input), ...at(uptime, [0], null)]));
      if (isGlimpse(steps, input.down, uptime)) ways.push(...where(isPressed, at(uptime, [0], null)));
    }
    // Mutes that end within one millisecond reach the guard as one.
    const mutesNear = steps.filter((other) => isMute(other.input) && Math.abs(other.uptime - uptime) < 1.5);
    if (isMute(input) && mutesNear.length > 1) ways.push(...at(uptime, [0], null));
    candidates = each(candidates, ways);
  }
  candidates = each(candidates, at(end, boot.cut ? SKEWS_MS : [0], null));
  if (boot.powered && boot.startedAt === null && end > startsAt + COMMIT_MS) {
    throw new Divergence('never said that it had started');
  }
  return each(candidates, [(c) => leaveBoot(c, boot)]);
}

/** After its answer to the last hello the gate tells all events it keeps, and none that were stored. */
function tellsItsEvents(log: RunLog, { state }: Candidate): boolean {
  const answer = log.frames.findLastIndex(({ message }) => message.type === 'identity');
  if (answer < 0 || log.frames[answer]!.atUs < log.lastHelloUs) return false;
  const told = log.frames
    .slice(answer)
    .flatMap(({ message }) => (message.type === 'event' ? [message.seq] : []));
  const kept = state.ring.map(({ seq }) => seq);
  const overwritten = state.newest - LIMITS.eventRing.value;
  return (
    kept.every((seq) => told.includes(seq)) && told.every((seq) => kept.includes(seq) || seq <= overwritten)
  );
}

/** The states the gate may be in at the end. Throws `Divergence` when the model cannot explain what was seen. */
export function explainLog(log: RunLog, initial: GuardState): GuardState[] {
  let candidates: Candidate[] = [firstCandidate(initial)];
  for (const boot of bootsOf(log)) candidates = throughBoot(log, candidates, boot);
  const explained = candidates.filter(({ edges }) => edges === log.actuator.length);
  if (explained.length === 0) {
    const edge = log.actuator[candidates[0]!.edges];
    throw new Divergence(`unexpected edge of the actuator: ${JSON.stringify(edge)}`);
  }
  const told = explained.filter((candidate) => tellsItsEvents(log, candidate));
  if (told.length === 0)
    throw new Divergence('after the last hello: not the events that should have been kept');
  return told.map(({ state }) => state);
}
