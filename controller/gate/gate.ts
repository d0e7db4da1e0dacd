/** A gate as the rest of the controller sees it. `twin.ts` is the pure machine behind it, `session.ts` runs it on a link. */
import type { EventKind, Phase, Reason } from '../../schemas/protocol.ts';
import type { Board } from '../link/board.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { SettingAnswer, SettingAsk } from './exchange.ts';

export type MicrophoneState = 'muted' | 'live' | 'unknown';
export type Evidence = 'sensed' | 'driven' | 'none';

/** An event of a gate with the instant it happened at. */
export interface GateEvent {
  readonly gate: string;
  readonly boot: number;
  readonly seq: number;
  readonly kind: EventKind;
  readonly reason: Reason;
  readonly detail: number;
  readonly uptimeMs: number;
  /** UTC ms. */
  readonly at: number;
  /** Half-width in ms of the interval in which it happened. */
  readonly atErrorMs: number;
  /** Set when events between the one before and this one are lost for good: that interval is unknown (S9). */
  readonly gapBefore?: true;
  /** Set when policy has had this event already and only writing it to disk is tried again. */
  readonly repeated?: true;
  /** Set when this is a mute by a person or a broken frame that this controller did not send (S3). */
  readonly foreign?: true;
  /** The id of the board it came from, where it has one. */
  readonly gateId?: string;
}

/**
 * Why decisions made about a gate before may not be carried over: another board answers, or events are lost without
 * one that follows and could tell so. `press-lost`: among those that are given up for lost is the press that muted it.
 */
export type Doubt = 'other-board' | 'events-lost' | 'press-lost';

/** A wiring that somebody stands for, and the board it was found at: another one proves nothing by it. */
export type Wiring = Pick<Board, 'product' | 'gateId'>;

/** What a gate counts by itself, as of one report. */
export interface GateRecord {
  readonly boot: number;
  /** Since its supply came up. */
  readonly uptimeMs: number;
  /** For how long its speaker may have heard since this boot. */
  readonly liveMs: number;
  /** The sequence of its newest event. */
  readonly newest: number;
  /** Events that it lost before they were stored; stays at 255. */
  readonly lost: number;
}

/** What a gate is known to be, never more than it has proved (design section 6). */
export interface GateStatus {
  readonly gate: string;
  readonly state: MicrophoneState;
  readonly evidence: Evidence;
  readonly desired: 'listen' | 'mute';
  readonly commanded: 'listen' | 'mute' | null;
  /** The newest report, and when the gate made it: it may have waited on the way. */
  readonly reported: { readonly state: Phase; readonly at: number } | null;
  readonly lease: { readonly leftMs: number } | null;
  /** Live, but the speaker is still being started by its supply: until when, in UTC ms. */
  readonly starting: { readonly until: number } | null;
  /** What was asked of the gate and no report made afterwards shows yet. */
  readonly pending: { readonly mute: boolean; readonly lock: boolean; readonly lease: boolean };
  readonly locked: boolean | null;
  readonly fault: Reason | null;
  readonly contested: boolean;
  readonly link: 'up' | 'silent' | 'down';
  /** Why the link is not up, or why the gate is given no lease: a code of `schemas/errors.ts` and a detail. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
  /** A sense is configured at the gate; null while that is not known. */
  readonly sense: 'hears' | 'deaf' | 'none' | null;
  /** Declared inputs 0 to 3; null where none is declared or the state is older than 3 s. */
  readonly inputs: readonly (boolean | null)[];
  readonly identity: Board | null;
  /** Opening its port reset the board; null while that is not known. */
  readonly resetOnOpen: boolean | null;
  /** As of the report behind `state`; null when that is older than 3 s. */
  readonly record: GateRecord | null;
}

/**
 * Takes events in order and writes them in that order. `deliver` returns after policy has them (`want` may be called
 * meanwhile); the promise resolves when they are on disk. When it rejects, they come again, marked `repeated`; when
 * `deliver` itself throws, they come again unmarked and the gate is given no lease until policy has them.
 */
export interface EventSink {
  deliver(events: readonly GateEvent[]): Promise<void>;
  /** The newest event of this gate on disk, null when there is none; read once, at start. */
  newest(gate: string): GateEvent | null;
  /** Decides anew. The gate is given no lease until this has returned. Left out, the verdict stands. */
  doubt?(doubt: Doubt): void;
}

export interface Gate {
  readonly name: string;
  start(): void;
  /** Mutes first: what is or may be live, and on a muted gate what its button may grant. Waits for the proof at most `timeoutMs`, then closes the link. */
  stop(timeoutMs: number): Promise<void>;
  /**
   * Mutes like `stop` and closes the link so that somebody else can use the port; resolves with what was known just before
   * that. The status is then `released` with `detail`; what is asked for meanwhile still counts.
   */
  release(timeoutMs: number, detail: string): Promise<GateStatus>;
  /** Takes the link back. Without effect on a gate that was not released. */
  reclaim(): Promise<void>;
  /** What policy wants from now on. */
  want(verdict: Verdict): void;
  /** Mutes at once and again every 100 ms until `state` shows it, less often while this computer is behind. The verdict must say mute as well, or the next lease follows. */
  mute(reason: Extract<Reason, 'cli' | 'homeassistant' | 'policy' | 'stop'>): void;
  lock(): void;
  /** Reads or writes one setting that the gate stores; questions wait for one another. */
  exchange(ask: SettingAsk): Promise<SettingAnswer>;
  /** The keys of this gate are others than before: it is to prove anew which one it holds. */
  keysChanged(): void;
  /** The wiring that has passed `earlid verify`; null: a gate that has no sense is never called muted. */
  trustWiring(wiring: Wiring | null): void;
  status(): GateStatus;
  /** Called after every change of `status()`; returns the way to stop. */
  onChange(listener: (status: GateStatus) => void): () => void;
}
