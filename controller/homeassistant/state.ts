/** What is said of a gate to Home Assistant: its state, and the events that follow from a change of it. Pure. */
import type { GateView } from '../../schemas/api.ts';
import { isErrorCode } from '../../schemas/errors.ts';
import {
  type DecisionEvent,
  type EventPayload,
  type ExposurePayload,
  type Mode,
  OFF,
  ON,
  REASON_STATES,
  type ReasonState,
  type RefusalPayload,
  type StatePayload,
} from '../../schemas/homeassistant-mqtt.ts';
import type { GateEvent } from '../gate/gate.ts';

export interface Seen {
  readonly view: GateView;
  /** Null until it has answered. */
  readonly firmware: string | null;
  /** The rules that decided, such as `never 2`. */
  readonly rules: readonly string[];
  readonly listensUntil: string | null;
  readonly exposure: ExposurePayload;
  readonly lastRefusal: RefusalPayload | null;
  /** How many unmutes were refused so far. */
  readonly refusals: number;
}

export function stateOf({
  view,
  firmware,
  rules,
  listensUntil,
  exposure,
  lastRefusal,
  refusals,
}: Seen): StatePayload {
  const { state, evidence, desired, reason, locked, fault, link, override } = view;
  return {
    microphone: microphoneOf(view),
    live: state === 'muted' ? OFF : ON,
    mode: modeOf(view),
    listens_until: listensUntil,
    reason: reasonStateOf(reason.code),
    lock: locked === null ? null : locked ? OFF : ON,
    fault: link === 'up' ? (fault === null ? OFF : ON) : null,
    link: link === 'up' ? ON : OFF,
    firmware,
    // Unknown counts as live.
    exposure_today: exposure.live + exposure.unknown,
    exposure,
    attributes: {
      state,
      evidence,
      desired,
      code: reason.code,
      explanation: reason.text,
      until: reason.until,
      rules,
      override,
      fault,
      last_refusal: lastRefusal,
      seq: refusals,
    },
  };
}

/** On: it may listen. Off only when that is proven. */
function microphoneOf({ state, desired }: GateView): StatePayload['microphone'] {
  if (state === 'live' || desired === 'listen') return ON;
  return state === 'muted' ? OFF : null;
}

function modeOf({ override }: GateView): Mode {
  if (override === null) return 'auto';
  return override.kind === 'hold' ? 'muted' : 'unmuted';
}

function reasonStateOf(code: string): ReasonState {
  if (Object.hasOwn(REASON_STATES, code)) return code as ReasonState;
  return isErrorCode(code) ? 'link' : 'refused';
}

const ON_THE_WAY: ReadonlySet<string> = new Set<ReasonState>(['moving', 'opening', 'closing']);

/** Not known for as long as the actuator moves, and no decision: what comes of it is one. */
export const isOnTheWay = ({ state, reason }: GateView): boolean =>
  state === 'unknown' && ON_THE_WAY.has(reason.code);

/** The decision that has shown itself between two looks at a gate, null when none has. */
export function decisionEvent(before: GateView | null, view: GateView, at: string): EventPayload | null {
  const { state, reason } = view;
  // What it was at first is no event.
  if (!before || before.state === state || isOnTheWay(view)) return null;
  const event: Exclude<DecisionEvent, 'refused'> = state;
  return { event_type: event, at, reason: reasonStateOf(reason.code), explanation: reason.text };
}

/** An event of the gate as one of its button, null when it is none. */
export function buttonEvent({ kind, reason, at }: GateEvent): EventPayload | null {
  const event_type = pressOf(kind, reason);
  return event_type && { event_type, at: new Date(at).toISOString(), granted: kind === 'live' };
}

function pressOf(kind: GateEvent['kind'], reason: GateEvent['reason']) {
  if (kind === 'mute' && reason === 'press') return 'press_start';
  if (kind === 'live' && (reason === 'button' || reason === 'button-alone')) return 'press_end';
  if (kind === 'press') return 'press_end';
  if (kind === 'lock' && reason === 'press') return 'long_press_start';
  return kind === 'unlock' ? 'long_press_end' : null;
}
