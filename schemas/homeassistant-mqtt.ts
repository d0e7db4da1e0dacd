/** What Earlid and Home Assistant say to each other through an MQTT broker: topics, payloads and words. */

/** What a message on a topic of availability says. */
export const ONLINE = 'online';
export const OFFLINE = 'offline';

/** What Home Assistant sends when its button is pressed. */
export const PRESS = 'PRESS';
/** Payloads of the switch; also what its state says. */
export const ON = 'ON';
export const OFF = 'OFF';

/** Longest command that is read, in bytes; a longer one can only mute. */
export const MAX_COMMAND = 256;
/** A command that is older than this, in ms, unmutes nothing. */
export const COMMAND_AGE_MS = 10_000;

/** While the controller is there it says so, and what gates are, at least once in so many ms. */
export const HERE_MS = 45_000;
/** What was not said again within so many ms is worth nothing: a broker that restarts has lost our will, and may keep all else. */
export const HERE_LASTS_MS = 4 * HERE_MS;

/** Modes of a gate: by its rules, held muted, or unmuted for a while. */
export const MODES = ['auto', 'muted', 'unmuted'] as const;
export type Mode = (typeof MODES)[number];

/** Every state of the sensor that says why, with its meaning. */
export const REASON_STATES = {
  'no-rule': 'no listen rule holds',
  'listen-rule': 'a listen rule holds',
  'never-rule': 'a never rule holds',
  'never-unknown': 'a never rule may hold: it is not known',
  grant: 'unmuted by somebody for a while',
  hold: 'held muted by somebody',
  locked: 'locked; only its button unlocks it',
  fault: 'a fault is latched',
  starting: 'the gate or its speaker is starting',
  opening: 'to be live, and not live yet',
  closing: 'to be muted, and not muted yet',
  moving: 'on its way to the other side',
  unverified: 'off, but nothing can prove it',
  contested: 'two controllers speak to the gate',
  connecting: 'the gate was not heard yet',
  silent: 'the gate is not heard any more',
  link: 'the link to the gate has a problem',
  refused: 'the gate refuses its lease',
  stopping: 'the daemon stops',
} as const satisfies Readonly<Record<string, string>>;
export type ReasonState = keyof typeof REASON_STATES;

/** Every event of the button of a gate, in Home Assistant's words for buttons. */
export const BUTTON_EVENTS = {
  press_start: 'a press began while live, and muted',
  press_end: 'a press has ended; `granted` says whether it unmuted',
  long_press_start: 'held for three seconds: locked',
  long_press_end: 'held for three seconds while locked: unlocked',
} as const satisfies Readonly<Record<string, string>>;
export type ButtonEvent = keyof typeof BUTTON_EVENTS;

/** Every decision that is told as an event. */
export const DECISION_EVENTS = {
  live: 'the microphone has become live',
  muted: 'the microphone is proven muted',
  unknown: 'it is not known any more what the microphone is; not told while it only moves',
  refused: 'an unmute from Home Assistant was refused',
} as const satisfies Readonly<Record<string, string>>;
export type DecisionEvent = keyof typeof DECISION_EVENTS;

/** Why a command unmutes nothing before anybody is asked. */
export const DROPPED = {
  retained: 'the broker had kept it',
  duplicate: 'the same command came before',
  expired: 'it is too old, or may be, as it was on its way for long',
  malformed: 'it cannot be read',
  'too-many': 'too many commands come at once',
} as const satisfies Readonly<Record<string, string>>;
export type Dropped = keyof typeof DROPPED;

/** An unmute that had no effect. */
export interface RefusalPayload {
  readonly at: string;
  /** `unmute` or `resume`; of what was dropped the last part but one of its topic. */
  readonly command: string;
  /** What stands against it, as in `refusedBy` of the command line, or one of `DROPPED`. */
  readonly by: string;
  readonly message: string;
}

/** For how long a microphone was or may have been live today, in seconds. */
export interface ExposurePayload {
  readonly live: number;
  readonly unknown: number;
}

/** What stands on the state topic of a gate. Null is unknown. */
export interface StatePayload {
  readonly microphone: typeof ON | typeof OFF | null;
  /** `OFF` only while muted is proven. */
  readonly live: typeof ON | typeof OFF;
  readonly mode: Mode;
  /** When it stops to listen by itself. */
  readonly listens_until: string | null;
  readonly reason: ReasonState;
  /** In Home Assistant a lock that is locked is `OFF`: safe. */
  readonly lock: typeof ON | typeof OFF | null;
  readonly fault: typeof ON | typeof OFF | null;
  readonly link: typeof ON | typeof OFF;
  readonly firmware: string | null;
  /** Live and unknown together. */
  readonly exposure_today: number;
  readonly exposure: ExposurePayload;
  readonly attributes: {
    readonly state: 'muted' | 'live' | 'unknown';
    readonly evidence: 'sensed' | 'driven' | 'none';
    readonly desired: 'listen' | 'mute';
    readonly code: string;
    readonly explanation: string;
    readonly until: string | null;
    readonly rules: readonly string[];
    readonly override: {
      readonly kind: string;
      readonly until: string | null;
      readonly source: string;
    } | null;
    readonly fault: string | null;
    readonly last_refusal: RefusalPayload | null;
    /** Counts refusals, so that two alike are two changes. */
    readonly seq: number;
  };
}

/** What is said on the topics of events. */
export type EventPayload =
  | { readonly event_type: ButtonEvent; readonly at: string; readonly granted: boolean }
  | {
      readonly event_type: Exclude<DecisionEvent, 'refused'>;
      readonly at: string;
      readonly reason: string;
      readonly explanation: string;
    }
  | ({ readonly event_type: 'refused' } & RefusalPayload);

/** What can be asked for, by the last part but one of its topic. */
export const COMMAND_TOPICS = {
  microphone: `\`${ON}\` unmutes for \`grants.default\`, \`${OFF}\` mutes`,
  mute: 'mutes, whatever the payload is; a duration such as `2h` says for how long',
  unmute:
    'unmutes for the duration that is the payload, such as `20m`; or a JSON object with `for`, and perhaps `sent` (the time it was sent) and `id` (never twice the same)',
  mode: '`auto` lets the rules decide, `muted` mutes, `unmuted` unmutes for `grants.default`',
} as const satisfies Readonly<Record<string, string>>;
export type CommandTopic = keyof typeof COMMAND_TOPICS;

/** Topics of one controller below its base, such as `earlid`. */
export const topicsOf = (base: string) =>
  ({
    /** `online` while the controller runs. */
    status: `${base}/status`,
    problems: `${base}/problems`,
    /** What `earlid doctor` writes to hear it again; nobody else reads it. */
    doctor: `${base}/doctor`,
    muteEverything: `${base}/mute_everything/set`,
    /** Every command for gates. */
    commands: `${base}/gates/+/+/set`,
    gate: (gate: string) => ({
      /** `online` while the gate is heard. */
      availability: `${base}/gates/${gate}/availability`,
      state: `${base}/gates/${gate}/state`,
      button: `${base}/gates/${gate}/button`,
      decision: `${base}/gates/${gate}/decision`,
      set: (command: CommandTopic) => `${base}/gates/${gate}/${command}/set`,
    }),
  }) as const;

/** Where Home Assistant looks for devices below its prefix, such as `homeassistant`. */
export const discoveryTopic = (prefix: string, id: string): string => `${prefix}/device/${id}/config`;
