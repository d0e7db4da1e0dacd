/** The host messages in the reference model: `docs/protocol.md`, What the guard does. */
import { type HostMessage, LIMITS, MESSAGES, type MessageOf, type Reason } from '../../schemas/protocol.ts';
import { SETTINGS, type SettingDefinition } from '../../schemas/settings.ts';
import type { Authenticator } from './guard-model.ts';
import {
  buttonDown,
  contested,
  type Draft,
  endLease,
  type GuardState,
  listen,
  lock,
  phaseOf,
  record,
} from './guard-state.ts';

const { hostCeilingMs, buttonCeilingMs, contestedMs, confirmMs } = LIMITS;

/** The reasons a host may give for a mute. */
const MUTE_REASONS: ReadonlySet<Reason> = new Set(['policy', 'cli', 'homeassistant', 'stop']);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A mute with the number of the last one is the same one for so long. */
const RESEND_MS = 2000;

/** What a gate with a key takes from anybody. */
function isOpen(message: HostMessage): boolean {
  const { type } = message;
  return (
    type === 'hello' || type === 'mute' || type === 'pair' || (type === 'setting' && message.op === 'read')
  );
}

/** One valid frame of a host. */
export function receive(d: Draft, message: HostMessage, authenticator: Authenticator): void {
  const { s } = d;
  const isVerified = authenticator === 'right' && s.key !== null;
  if (authenticator !== 'none' && !isVerified) {
    refuse(d, message, 'bad-authenticator');
    return;
  }
  if (s.key !== null && !isVerified && !isOpen(message)) {
    refuse(d, message, 'unauthenticated');
    return;
  }
  const isCompany = s.key === null || isVerified || message.type === 'hello' || message.type === 'mute';
  const refusals = d.effects.length;
  act(d, message);
  if (isVerified && d.effects.slice(refusals).every(({ type }) => type !== 'nak')) s.verifiedAt = s.now;
  if (isCompany) s.frameAt = s.now;
}

function act(d: Draft, message: HostMessage): void {
  const { s } = d;
  switch (message.type) {
    case 'hello':
      s.challenge = hex(message.challenge);
      hello(d, message.controller);
      break;
    case 'allow':
      allow(d, message);
      break;
    case 'mute':
      mute(d, MUTE_REASONS.has(message.reason) ? message.reason : 'garbled', message.seq);
      break;
    case 'lock':
      lockByHost(d, message);
      break;
    case 'setting':
      settingByHost(d, message);
      break;
    case 'stored':
      if (message.boot === s.boot && message.event <= s.newest)
        s.ring = s.ring.filter(({ seq }) => seq > message.event);
      break;
    case 'pair':
      pair(d, message);
      break;
  }
}

/** Answered only when it is written. */
function pair(d: Draft, m: MessageOf<'pair'>): void {
  const { s } = d;
  const refusal = s.locked ? 'locked' : s.pairingUntil === null ? 'not-pairing' : s.nextKey ? 'busy' : null;
  if (refusal) refuse(d, m, refusal);
  else s.nextKey = hex(m.key);
}

/** The new key stands everywhere; one of zeros is none. */
export function paired(d: Draft): void {
  const { s } = d;
  if (s.nextKey === null) return;
  s.key = /^0*$/.test(s.nextKey) ? null : s.nextKey;
  s.nextKey = null;
  s.pairingUntil = null;
  record(d, 'paired', 'none', s.key === null ? 0 : 1);
}

/** A mute, or with no sequence the ruins of one; only the resend of a mute that has done its work is not an event. */
export function mute(d: Draft, reason: Reason, seq: number | null): void {
  const { s } = d;
  const resend = seq !== null && s.lastMute?.seq === seq && s.now - s.lastMute.at < RESEND_MS;
  if (seq !== null) s.lastMute = { seq, at: s.now };
  if (reason === 'stop') s.permission = null;
  if (s.button.press) s.button.press.overruled = true;
  if (s.on) endLease(d, reason);
  else if (!resend) record(d, 'mute', reason);
}

function hello(d: Draft, controller: number): void {
  const { s } = d;
  const differs = s.controller !== null && s.controller !== controller;
  s.controller = controller;
  if (!differs || s.frameAt === null || s.now - s.frameAt > contestedMs.value) return;
  if (s.button.press) s.button.press.overruled = true;
  if (s.on) endLease(d, 'contested');
  else if (!contested(s)) record(d, 'mute', 'contested');
  s.contestedUntil = s.now + contestedMs.value;
}

function refuse(d: Draft, message: HostMessage, reason: Reason): void {
  const seq = 'seq' in message ? message.seq : 0;
  d.effects.push({ type: 'nak', message: MESSAGES[message.type].id, seq, reason });
}

function whyNotAllow(s: GuardState, m: MessageOf<'allow'>): Reason | null {
  if (!s.started || s.pairingUntil !== null) return 'starting';
  if (m.boot !== s.boot) return 'wrong-boot';
  if (m.seq <= s.lastSeq) return 'old-sequence';
  if (m.seen < s.mustSee || m.seen > s.newest) return 'unseen';
  if (s.locked) return 'locked';
  if (s.fault !== 'none') return 'faulty';
  if (contested(s)) return 'contested';
  if (m.liveUntil !== 0 && buttonDown(s)) return 'button-down';
  if (m.liveUntil !== 0 && m.liveUntil <= s.now) return 'past';
  if (m.liveUntil > s.now + hostCeilingMs.value) return 'ceiling';
  if (m.buttonMs > buttonCeilingMs.value || m.buttonUntil > s.now + buttonCeilingMs.value) return 'ceiling';
  return null;
}

function allow(d: Draft, m: MessageOf<'allow'>): void {
  const { s } = d;
  const why = whyNotAllow(s, m);
  if (why) {
    refuse(d, m, why);
    return;
  }
  s.lastSeq = m.seq;
  s.allowAt = s.now;
  s.challenge = hex(m.challenge);
  s.permission = m.buttonMs > 0 && m.buttonUntil > s.now ? { ms: m.buttonMs, until: m.buttonUntil } : null;
  if (m.liveUntil !== 0) listen(d, m.liveUntil, 'allow');
  else endLease(d, 'withdrawn');
}

/** On a locked gate that is not being unlocked it changes nothing but the sequence and what a press in progress, or just ended, may still do. */
function lockByHost(d: Draft, m: MessageOf<'lock'>): void {
  const { s } = d;
  const why = m.boot !== s.boot ? 'wrong-boot' : m.seq <= s.lastSeq ? 'old-sequence' : null;
  if (why) {
    refuse(d, m, why);
    return;
  }
  s.lastSeq = m.seq;
  const undoes = s.unlockingSince !== null;
  s.unlockingSince = null;
  if (s.button.press) Object.assign(s.button.press, { overruled: true, relocked: true });
  if (!s.locked || undoes) lock(d, 'lock');
}

const definitionOf = (id: number): SettingDefinition | undefined =>
  Object.values(SETTINGS).find((definition) => definition.id === id);

function numberIn(definition: SettingDefinition, bytes: Uint8Array): number {
  return definition.type === 'u16' ? bytes[0]! + 256 * bytes[1]! : bytes[0]!;
}

function whyNotWrite(s: GuardState, m: MessageOf<'setting'>): Reason | null {
  const definition = definitionOf(m.setting);
  if (!s.started || s.pairingUntil !== null) return 'starting';
  if (m.boot !== s.boot) return 'wrong-boot';
  if (m.seq <= s.lastSeq) return 'old-sequence';
  if (s.locked) return 'locked';
  if (!definition) return 'unknown-setting';
  if (definition.confirm && phaseOf(s) !== 'muted') return 'not-muted';
  const value = numberIn(definition, m.value);
  return value < definition.min || value > definition.max ? 'range' : null;
}

/** Numeric settings only: nothing the guard decides depends on `gate_id` or the declared inputs. */
function settingByHost(d: Draft, m: MessageOf<'setting'>): void {
  const { s } = d;
  const definition = definitionOf(m.setting);
  const why = m.op === 'write' ? whyNotWrite(s, m) : null;
  if (why || !definition) {
    refuse(d, m, why ?? 'unknown-setting');
  } else if (m.op === 'read') {
    const pending = s.pending?.setting === m.setting ? s.pending : null;
    const value = pending?.value ?? s.settings[m.setting]!;
    d.effects.push({ type: 'value', setting: m.setting, pending: pending !== null, value });
  } else {
    write(d, m, definition);
  }
}

function write(d: Draft, m: MessageOf<'setting'>, definition: SettingDefinition): void {
  const { s } = d;
  const value = numberIn(definition, m.value);
  s.lastSeq = m.seq;
  if (definition.confirm) {
    s.pending = { setting: m.setting, value, until: s.now + confirmMs.value };
  } else {
    s.settings = { ...s.settings, [m.setting]: value };
    record(d, 'setting', 'setting', m.setting);
  }
  d.effects.push({ type: 'value', setting: m.setting, pending: definition.confirm, value });
}
