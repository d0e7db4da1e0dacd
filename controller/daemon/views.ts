/** What is shown of a gate, in the words of the local API. Pure. */
import type { GateView, OverrideView, ToldEvent } from '../../schemas/api.ts';
import { describe, isErrorCode } from '../../schemas/errors.ts';
import { REASONS } from '../../schemas/protocol.ts';
import type { GateEvent, GateStatus } from '../gate/gate.ts';
import type { Override } from '../policy/override.ts';
import type { Verdict } from '../policy/verdict.ts';

/** UTC ms as ISO 8601 with Z; null stays null. */
export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export interface Shown {
  readonly status: GateStatus;
  readonly verdict: Verdict;
  readonly override: { readonly override: Override; readonly until: number | null } | null;
  /** Where the link leads, for messages: a path or the name of an emulated board. */
  readonly place: string;
}

export function overrideView(shown: Shown['override']): OverrideView | null {
  if (!shown) return null;
  return { kind: shown.override.kind, until: iso(shown.until), source: shown.override.source };
}

export function gateView(shown: Shown): GateView {
  const { status, override } = shown;
  return {
    gate: status.gate,
    state: status.state,
    evidence: status.evidence,
    desired: status.desired,
    commanded: status.commanded,
    reported: status.reported && { state: status.reported.state, at: iso(status.reported.at) },
    lease: status.lease && { leftMs: Math.round(status.lease.leftMs) },
    override: overrideView(override),
    locked: status.locked,
    fault: status.fault,
    keyed: status.identity?.keyed ?? null,
    link: status.link,
    reason: reasonOf(shown),
  };
}

const MOVING: ReadonlySet<string> = new Set(['starting', 'opening', 'closing']);

/** Why the gate is as it is: what is wrong with it first, else what policy decided. */
function reasonOf({ status, verdict, place }: Shown): GateView['reason'] {
  const because = (code: string, text: string) => ({ code, text, until: null });
  const { problem } = status;
  if (problem && isLinkProblem(problem.code)) {
    const { message, hint } = describe(problem.code, {
      gate: status.gate,
      path: place,
      detail: problem.detail,
    });
    return because(problem.code, hint ? `${message}. ${hint}` : message);
  }
  if (status.link === 'down') return because('connecting', `not heard from yet at ${place}`);
  if (status.link === 'silent') return because('silent', 'the gate is not heard');
  if (status.contested) return because('contested', REASONS.contested[1]);
  if (!status.identity) return because('connecting', 'the gate has not said yet what it is');
  if (status.state === 'unknown' && MOVING.has(status.reported?.state ?? ''))
    return because('moving', 'on its way to the other side');
  if (problem && verdict.listen) return because(problem.code, problem.detail);
  if (isUnproven(status)) return because('unverified', unverified(status));
  if (verdict.listen && (status.state === 'muted' || status.pending.lease) && status.state !== 'live')
    return because('opening', `${verdict.reason.text}; not open yet`);
  if (!verdict.listen && status.state === 'live' && !status.fault)
    return because('closing', `${verdict.reason.text}; not closed yet`);
  if (verdict.listen && status.starting)
    return {
      code: 'starting',
      text: `${verdict.reason.text}; the speaker is starting`,
      until: iso(status.starting.until),
    };
  return { ...verdict.reason, until: iso(verdict.reason.until) };
}

function unverified({ gate, identity }: GateStatus): string {
  if (identity?.product === 'uno-servo')
    return 'off, but a servo without a sense proves nothing: wire a switch that is closed while the shutter is';
  return `off, but it has no sense and its wiring was not verified: run \`earlid verify ${gate}\``;
}

/** Faults and locks are told by the verdict. */
const isLinkProblem = (code: string): boolean => isErrorCode(code) && code !== 'fault' && code !== 'locked';

/** The gate says it is off and nothing can confirm that it takes the hearing away. */
export function isUnproven(status: GateStatus): boolean {
  if (status.link !== 'up' || status.state !== 'unknown' || status.pending.lease) return false;
  return status.reported?.state === 'muted';
}

export function eventView(event: GateEvent): ToldEvent {
  const { gate, boot, seq, kind, reason, at, atErrorMs, uptimeMs, gapBefore } = event;
  const view = { gate, boot, seq, kind, cause: reason, at: iso(at), atErrorMs, uptimeMs };
  return gapBefore ? { ...view, gapBefore } : view;
}
