/** The local API: what the daemon and its clients exchange as JSON over the Unix socket. */
import { z } from 'zod';
import type { ErrorView } from './errors.ts';
import type { Product } from './protocol.ts';
import { SETTINGS, type SettingName } from './settings.ts';
import { WIRINGS, type WiringGrade } from './wiring.ts';

/** Largest request body in bytes. */
export const MAX_BODY = 4 * 1024;
/** Most events one answer holds. */
const MAX_EVENTS = 10_000;

const timeoutMs = z.int().min(0).max(60_000).default(5_000);
const holder = z.string().min(1).max(64);
const lengthMs = z.int().min(1_000).max(86_400_000);

/** An instant, or a time on the wall at the site such as `22:00`; instead of a length. */
const until = z.string().min(1).max(64);

/** How long a released gate stays released unless that is asked for again. */
export const RELEASE_MS = 180_000;

/** Bodies of `POST /v1/gates/<gate>/<command>`; `mute` also of `POST /v1/mute`, which mutes all. */
export const COMMAND_BODIES = {
  mute: z.strictObject({ timeoutMs, forMs: lengthMs.optional(), until: until.optional() }),
  unmute: z.strictObject({ timeoutMs, forMs: lengthMs.optional(), until: until.optional() }),
  resume: z.strictObject({ timeoutMs }),
  lock: z.strictObject({ timeoutMs }),
  /**
   * Mutes, then lets go of the serial port so that the caller can flash the board; taken back after `forMs` by itself.
   * `holder` is a word of the caller's own: nobody else may renew it or give it back.
   */
  release: z.strictObject({ timeoutMs, holder, forMs: z.int().min(1_000).max(600_000).default(RELEASE_MS) }),
  reclaim: z.strictObject({ timeoutMs, holder }),
  press: z.strictObject({ timeoutMs, ms: z.int().min(1).max(20_000).default(200) }),
} as const;
export type CommandName = keyof typeof COMMAND_BODIES;

const settingName = z.enum(Object.keys(SETTINGS) as [SettingName, ...SettingName[]]);

/** Query of `GET /v1/gates/<gate>/settings`; without a name all of them are read. */
export const settingsQuery = z.strictObject({ name: settingName.optional() });
/** Body of `POST /v1/gates/<gate>/settings`: the value as people write it. */
export const settingBody = z.strictObject({ name: settingName, value: z.string().min(1).max(64) });
/** Body of `POST /v1/gates/<gate>/wiring`; null forgets what was found out. */
export const wiringBody = z.strictObject({ wiring: z.enum(WIRINGS).nullable() });

const keyText = z.base64().max(64);
/**
 * Body of `POST /v1/gates/<gate>/key`, from whoever pairs its board. `begin`: it is about to be told (null: to forget);
 * `taken`: it has shown that it did as it was told; `abandon`: it refused; `forget`: there is no key of it here any more.
 * Keys go in and never come out.
 */
export const keyBody = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('begin'), key: keyText.nullable() }),
  z.strictObject({ do: z.enum(['taken', 'abandon', 'forget']) }),
]);

/** Query of `GET /v1/gates/<gate>/why`: an instant, or a time on the wall at the site; without one, now. */
export const whyQuery = z.strictObject({ at: z.string().min(1).max(64).optional() });
const MAX_SET_MS = 30 * 86_400_000;
/** Body of `POST /v1/presence/<name>`: what it is from now on, for so long or until it is set again. */
export const presenceBody = z.strictObject({
  value: z.boolean(),
  forMs: z.int().min(1_000).max(MAX_SET_MS).optional(),
});

/** Query of `GET /v1/events`. */
export const eventsQuery = z.strictObject({
  gate: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_EVENTS).default(100),
});

/** The override of a gate; `until` is null for a hold that lasts until somebody resumes or unmutes. */
export interface OverrideView {
  readonly kind: 'grant' | 'hold';
  readonly until: string | null;
  readonly source: string;
}

/** What a board said of itself when it last answered. */
export interface BoardView {
  readonly product: string;
  readonly firmware: string;
  /** Hash of the protocol definition that its firmware was built from. */
  readonly schema: number;
  /** Empty when it has none. */
  readonly gateId: string;
  readonly boot: number;
  readonly reset: string;
  readonly brownOut: string;
  readonly bootloader: boolean;
  /** It holds a key. */
  readonly keyed: boolean;
}

/** One gate in `status --json`. */
export interface GateView {
  readonly gate: string;
  readonly state: 'muted' | 'live' | 'unknown';
  readonly evidence: 'sensed' | 'driven' | 'none';
  readonly desired: 'listen' | 'mute';
  readonly commanded: 'listen' | 'mute' | null;
  readonly reported: { readonly state: string; readonly at: string } | null;
  readonly lease: { readonly leftMs: number } | null;
  readonly override: OverrideView | null;
  readonly locked: boolean | null;
  readonly fault: string | null;
  /** Its board holds a key; null until it has answered. */
  readonly keyed: boolean | null;
  readonly link: 'up' | 'silent' | 'down';
  readonly reason: { readonly code: string; readonly text: string; readonly until: string | null };
}

/** What `mute`, `unmute`, `resume`, `lock` and `press` answer; `error` is there when `ok` is false. */
export interface CommandView {
  readonly gate: string;
  readonly ok: boolean;
  readonly state: GateView['state'];
  readonly evidence: GateView['evidence'];
  readonly until: string | null;
  readonly override: OverrideView | null;
  readonly refusedBy: string | null;
  readonly error?: ErrorView;
  /** The command acted, but something about it is not as it should be. */
  readonly warning?: ErrorView;
}

/** One event in `events --json`. */
export interface EventView {
  readonly gate: string;
  readonly boot: number;
  readonly seq: number;
  readonly kind: string;
  readonly cause: string;
  readonly at: string;
  readonly atErrorMs: number;
  readonly uptimeMs: number;
}

/** One event of `GET /v1/events`. */
export interface ToldEvent extends EventView {
  /** Events between the one before and this one are lost: that interval is unknown (S9). */
  readonly gapBefore?: true;
}

/** `GET /v1/status`, and each line of `GET /v1/watch`. */
export interface StatusAnswer {
  readonly at: string;
  readonly gates: readonly GateView[];
  /** What is wrong with the daemon itself: its disk, its state. */
  readonly problems: readonly ErrorView[];
}
/** One gate in `GET /v1/diagnosis`: its status, and what is known of the board itself. */
export interface DiagnosisView extends GateView {
  /** The serial port of the configuration; null where there is none at this computer. */
  readonly port: string | null;
  readonly via: 'serial' | 'mqtt' | 'bench';
  /** Where its link leads, for messages. */
  readonly place: string;
  /** Null until it has answered. */
  readonly board: BoardView | null;
  readonly wiring: WiringAnswer;
  readonly key: KeyAnswer;
  readonly sense: 'hears' | 'deaf' | 'none' | null;
  /** Opening its port reset the board; null while that is not known. */
  readonly resetOnOpen: boolean | null;
  /** Two controllers speak to it. */
  readonly contested: boolean;
  /** Why the link is not up, or why the gate is given no lease: a code of the error table and a detail. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}
export interface DiagnosisAnswer {
  readonly at: string;
  readonly gates: readonly DiagnosisView[];
  readonly problems: readonly ErrorView[];
}
export interface EventsAnswer {
  readonly events: readonly ToldEvent[];
}
/** One setting as the gate stores it, in the words that people write. */
export interface SettingView {
  readonly name: SettingName;
  readonly value: string;
  /** `pending`: waits for a press at the gate; `writing`: in force, not yet stored. */
  readonly status: 'current' | 'pending' | 'writing';
}
export interface SettingsAnswer {
  readonly gate: string;
  readonly product: Product;
  readonly settings: readonly SettingView[];
}
/** What is known of the wiring of a gate. */
export interface WiringAnswer {
  readonly gate: string;
  readonly product: Product | null;
  /** A sense is configured and reports. */
  readonly sense: boolean | null;
  readonly readyAfterMs: number;
  /** Null: never checked, or at another board. */
  readonly wiring: {
    readonly grade: WiringGrade;
    readonly at: string;
    readonly firmware: string;
  } | null;
}
/** What is kept of the key of a gate; never the key. */
export interface KeyAnswer {
  readonly gate: string;
  /** `unusable`: the keys of this controller cannot be read. */
  readonly key: 'none' | 'held' | 'unusable';
  readonly pairedAt: string | null;
}
/** One fact behind a presence. */
export interface FactView {
  /** Its source, such as `input basement.motion`. */
  readonly fact: string;
  /** As it is believed now: null is unknown. */
  readonly value: boolean | null;
  /** What its source said in its own words; null while it has said nothing. */
  readonly detail: string | null;
  /** Since its source last stood behind it. */
  readonly ageMs: number | null;
  /** How old it may be and still be believed; null: as old as it likes. */
  readonly maxAgeMs: number | null;
}
/** One presence in `presence list --json`. */
export interface PresenceView {
  readonly presence: string;
  readonly value: boolean | null;
  /** It is set by hand. */
  readonly manual: boolean;
  /** When what was set by hand ends. */
  readonly until: string | null;
  readonly facts: readonly FactView[];
}
export interface PresencesAnswer {
  readonly at: string;
  readonly presence: readonly PresenceView[];
}
/** What `presence set` answers. */
export interface PresenceSetAnswer extends PresenceView {
  /** It is in force, but will not survive a restart. */
  readonly warning?: ErrorView;
}
/** `GET /v1/config`, and `POST /v1/reload` when the file was looked at. */
export interface ConfigurationAnswer {
  /** Null: the daemon was not started with a file. */
  readonly file: string | null;
  /** SHA-256 of what the daemon goes by, in hex. */
  readonly digest: string | null;
  readonly readAt: string | null;
  /** Why the file as it is now is not followed; null when it is. */
  readonly problem: ErrorView | null;
}
export interface CommandsAnswer {
  readonly results: readonly CommandView[];
}
export interface FailureAnswer {
  readonly error: ErrorView;
}
