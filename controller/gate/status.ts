/** What the twin of a gate says to the rest of the controller. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { LIMITS, type MessageOf } from '../../schemas/protocol.ts';
import { boardOf } from '../link/board.ts';
import { appraise } from './appraise.ts';
import type { GateStatus, Wiring } from './gate.ts';
import { isTwice, needsProof, strangerBeside, strangerInstead } from './proof.ts';
import type { Problem } from './twin-border.ts';
import { ageOf, currentReport, freshReport, startingUntil, type TwinState } from './twin-state.ts';
import type { Instant } from './uptime.ts';

/** Why the gate takes no lease now, null when nothing stands against it. */
export function obstacle(report: MessageOf<'state'>): Problem | null {
  const { flags, fault, phase } = report;
  if (fault !== 'none') return { code: 'fault', detail: fault };
  if (flags.locked) return { code: 'locked', detail: 'unlocked only at its button' };
  if (flags.contested) return { code: 'contested', detail: 'another controller speaks to this gate' };
  if (phase === 'starting') return { code: 'starting', detail: 'the gate is still starting' };
  if (flags.buttonDown) return { code: 'button-down', detail: 'its button is down' };
  return null;
}

function linkOf(s: TwinState, at: Instant): GateStatus['link'] {
  if (!s.connected) return 'down';
  if (strangerInstead(s, at, LIMITS.silentMs.value)) return 'up';
  const report = currentReport(s);
  return report && ageOf(s, report, at) <= LIMITS.silentMs.value ? 'up' : 'silent';
}

/** The status at an instant; it changes by itself as reports age. */
export function statusOf(s: TwinState, at: Instant): GateStatus {
  const fresh = freshReport(s, at);
  const state = fresh?.message ?? null;
  const ageMs = fresh ? ageOf(s, fresh, at) : Number.POSITIVE_INFINITY;
  const { product = null } = s.identity ?? {};
  const appraised = appraise({
    report: state,
    ageMs,
    product,
    verified: isTrusted(s),
    leaseSent: s.lease !== null,
    isTwice: isTwice(s, at),
  });
  const leftMs = state ? Math.max(0, Math.round(state.leaseLeftMs - ageMs)) : 0;
  const until = startingUntil(s, at);
  return {
    gate: s.config.name,
    ...appraised,
    desired: s.stance,
    commanded: s.commanded,
    reported: s.report && { state: s.report.message.phase, at: Math.round(s.report.madeUtc) },
    lease: leftMs > 0 ? { leftMs } : null,
    starting: appraised.state === 'live' && until !== null ? { until } : null,
    pending: {
      mute: s.mute !== null,
      lock: s.lockWanted,
      // A renewal on its way to a live gate is no news.
      lease: (s.stance === 'listen' && !s.leaseShown) || (s.lease !== null && state?.phase === 'muted'),
    },
    locked: state?.flags.locked ?? null,
    fault: state && state.fault !== 'none' ? state.fault : null,
    contested: state?.flags.contested ?? false,
    link: linkOf(s, at),
    problem: problemOf(s, at),
    sense: state && senseOf(state.flags),
    inputs: [0, 1, 2, 3].map((i) =>
      state && state.inputs & (0x10 << i) && isInForce(s, i) ? (state.inputs & (1 << i)) !== 0 : null,
    ),
    identity: s.identity && boardOf(s.identity),
    resetOnOpen: s.connected ? s.resetByLink : null,
    record: state && {
      boot: state.boot,
      uptimeMs: state.uptime,
      liveMs: state.liveMs,
      newest: state.newest,
      lost: state.lost,
    },
  };
}

/** Nobody learns anything new from the second. A lease that runs down is not news. */
export function tellsTheSame(before: GateStatus, after: GateStatus): boolean {
  // In this alone most of them differ.
  if (before.reported?.at !== after.reported?.at) return false;
  const told = ({ lease, ...rest }: GateStatus) => ({ ...rest, lease: lease !== null });
  return isDeepStrictEqual(told(before), told(after));
}

/** True when nothing is owed to the gate any more that could leave it live: it has shown that it is muted, or never was live. */
export function isAtRest(s: TwinState, at: Instant): boolean {
  if (s.mute || (needsProof(s) && s.lease && s.connected)) return false;
  const phase = s.connected ? freshReport(s, at)?.message.phase : s.report?.message.phase;
  return s.connected
    ? phase === 'muted'
    : s.commanded !== 'listen' && phase !== 'live' && phase !== 'opening';
}

function problemOf(s: TwinState, at: Instant): Problem | null {
  if (!s.connected) return s.linkProblem;
  if (s.foreign !== null) {
    return { code: 'old-firmware', detail: `it speaks guard protocol version ${s.foreign}` };
  }
  if (isTwice(s, at)) return { code: 'gate-twice', detail: 'both with its key' };
  const fresh = freshReport(s, at);
  if (fresh) {
    const stands = obstacle(fresh.message);
    const refused = s.refusal && { code: s.refusal, detail: 'the gate refused the last lease' };
    return stands ?? strangerBeside(s, at) ?? refused;
  }
  const instead = strangerInstead(s, at, LIMITS.silentMs.value);
  if (instead) return instead;
  const last = currentReport(s);
  if (!last) return s.linkProblem;
  return linkOf(s, at) === 'up' ? null : { code: 'port-silent', detail: 'the gate has fallen silent' };
}

function senseOf({ sensePresent, senseHears }: MessageOf<'state'>['flags']): GateStatus['sense'] {
  if (!sensePresent) return 'none';
  return senseHears ? 'hears' : 'deaf';
}

function isTrusted({ wiring, identity }: TwinState): boolean {
  return identity !== null && wiring !== null && isOfBoard(wiring, boardOf(identity));
}

/** What was found out about a wiring holds for this board. */
export function isOfBoard(wiring: Wiring, board: Wiring): boolean {
  return wiring.product === board.product && wiring.gateId === board.gateId;
}

/** An input that is wired to another pin than the configuration says tells nothing. */
function isInForce({ config, sync }: TwinState, index: number): boolean {
  return config.inputs === null || (sync?.right[index] ?? false);
}
