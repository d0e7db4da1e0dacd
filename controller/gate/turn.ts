/** One turn of the twin: a copy of its state that may be changed, and the effects that come of it. */
import type { HostMessage, MessageOf, Reason, Unsent } from '../../schemas/protocol.ts';
import { covers, order } from './backlog.ts';
import { challenged } from './challenges.ts';
import type { SettingAnswer } from './exchange.ts';
import type { Doubt } from './gate.ts';
import { needsSeal } from './seal.ts';
import type { MuteReason, TwinEffect, TwinInput } from './twin-border.ts';
import { currentReport, freshReport, identifiedReport, MAX_SEQ, type TwinState } from './twin-state.ts';
import { type Instant, leastUptime } from './uptime.ts';

/** Reasons for which only somebody else mutes by a frame of his own; `stop` may be the twin's of an earlier run. */
const OUTSIDE: ReadonlySet<Reason> = new Set(['cli', 'homeassistant', 'garbled']);

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

export class Turn {
  readonly s: Changeable<TwinState>;
  readonly at: Instant;
  readonly effects: TwinEffect[] = [];

  constructor(state: TwinState, input: TwinInput) {
    this.s = { ...state };
    this.at = { now: input.now, utc: input.utc };
  }

  send(message: Unsent<HostMessage>): void {
    if (!this.s.connected) return;
    if (needsSeal(message)) this.s.sealedAt = this.at.now;
    const isAsked = message.type === 'hello' || message.type === 'allow';
    this.effects.push({
      type: 'send',
      message: isAsked ? { ...message, challenge: this.#challenge() } : message,
    });
  }

  #challenge(): Uint8Array {
    const { s, at } = this;
    s.challengeCount += 1;
    const bytes = s.config.challenge(s.challengeCount);
    const { message: proven = null } = currentReport(s) ?? {};
    s.challenges = challenged(s.challenges, bytes, at, proven);
    return bytes;
  }

  readonly log = (level: 'debug' | 'info' | 'warn', text: string): void => {
    this.effects.push({ type: 'log', level, text });
  };

  /** The next number for `allow`, `lock` and `setting`; null when the numbers of this boot are used up. */
  nextSeq(): number | null {
    if (this.s.seq >= MAX_SEQ) return null;
    this.s.seq += 1;
    return this.s.seq;
  }

  /** Policy has every event that the gate had when it last reported. */
  get covered(): boolean {
    const report = identifiedReport(this.s);
    return report !== null && covers(this.s.backlog, report.message.boot, report.message.newest);
  }

  /** The lease that an `allow` gave may still be running, or something newer may have made the gate live. */
  get mayBeLive(): boolean {
    const { s } = this;
    if (s.mute) return true;
    const phase = s.report?.message.phase;
    if (!s.connected) return s.commanded === 'listen' || phase === 'live' || phase === 'opening';
    return s.commanded === 'listen' || freshReport(s, this.at)?.message.phase !== 'muted';
  }

  /**
   * The newest event of the gate says that it is not live, and the last `allow`, should it still be on its way, changes
   * nothing of that: it had not seen the event, so that the gate refuses it, or it carried no lease.
   */
  get hasMutedItself(): boolean {
    const { backlog, lastAllow, identity, greeted } = this.s;
    const { accepted, acceptedKind: kind } = backlog;
    if (!greeted || !accepted || !lastAllow || accepted.boot !== identity?.boot) return false;
    const isHarmless = accepted.seq > lastAllow.seen || !lastAllow.hasLease;
    return isHarmless && (kind === 'mute' || kind === 'lock' || kind === 'fault');
  }

  /** A mute by a person or a broken frame that cannot have come from this twin. */
  isForeignMute({ boot, seq, kind, reason }: MessageOf<'event'>): boolean {
    if (kind !== 'mute' || !OUTSIDE.has(reason) || this.s.mute) return false;
    return this.s.mutedTo === null || order({ boot, seq }, this.s.mutedTo) > 0;
  }

  /** No lease until policy has decided anew. */
  raise(doubt: Doubt): void {
    // What is said of another board holds for its events as well.
    if (this.s.doubt?.what === 'other-board') return;
    this.s.doubt = { what: doubt, at: this.at.now };
  }

  /** What answers is to identify itself again before it is given anything. */
  lookAgain(): void {
    const { s, at } = this;
    s.greeted = false;
    s.lastAllow = s.lastAllow && { ...s.lastAllow, seq: null };
    s.leaseShown = false;
    s.refusal = null;
    s.uncoveredSince = null;
    s.renewAt = at.now;
  }

  /** Ends the question about a setting that is open. */
  answer(answer: SettingAnswer): void {
    if (this.s.exchange) this.effects.push({ type: 'answered', id: this.s.exchange.id, answer });
    this.s.exchange = null;
  }

  /** Begins a mute: with a number of its own, so that the gate counts it whatever came before. Sent at once (S3). */
  beginMute(reason: MuteReason): void {
    const { s, at } = this;
    s.commanded = 'mute';
    s.leaseShown = false;
    s.muteSeq = (s.muteSeq + 1) % (MAX_SEQ + 1);
    const report = identifiedReport(s);
    const uptime = report && leastUptime(s.track, report.message.boot, at.now);
    s.mute = {
      reason,
      seq: s.muteSeq,
      since: at.now,
      sentAt: null,
      before:
        report && uptime !== null
          ? { boot: report.message.boot, uptime, newest: report.message.newest }
          : null,
    };
    this.sendMute();
  }

  sendMute(): void {
    const { mute, connected } = this.s;
    if (!mute || !connected) return;
    this.send({ type: 'mute', seq: mute.seq, reason: mute.reason });
    this.s.mute = { ...mute, sentAt: this.at.now };
  }
}
