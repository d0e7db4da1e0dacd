/** What a bridge hands on to a gate of what comes over MQTT. Pure. It holds no key, so it cannot tell who is right: it looks at kinds. */
import { decodeFrame, SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { LIMITS, MESSAGES } from '../../schemas/protocol.ts';

const MUTE = MESSAGES.mute.id;
/** What else may ever be handed on; neither a key nor a setting comes over MQTT. */
const OTHERS: ReadonlySet<number> = new Set(
  (['hello', 'allow', 'lock', 'setting', 'stored'] as const).map((name) => MESSAGES[name].id),
);
/** Longest content between F0 and F7. */
const MOST = LIMITS.frameBytes.value - 2;
/** What stands between F0 and F7 of a mute without content: it acts, and is recorded as one that could not be read. */
export const GARBLED_MUTE = Uint8Array.of(MUTE);

/** Frames of one payload, each what stood between F0 and F7; of what is no mute, only those whose id may be handed on. */
export interface Found {
  readonly mutes: readonly Uint8Array[];
  readonly others: readonly Uint8Array[];
}

/** Looks for frames, and at nothing but their ids: whoever floods is to cost little. */
export function framesIn(payload: Uint8Array): Found {
  const mutes: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  for (
    let start = payload.indexOf(SYSEX_START);
    start >= 0;
    start = payload.indexOf(SYSEX_START, start + 1)
  ) {
    let end = start + 1;
    while (end < payload.length && payload[end]! < 0x80) end++;
    const inner = payload.subarray(start + 1, end);
    const [id = 0] = inner;
    if (id === MUTE) mutes.push(inner);
    else if (payload[end] === SYSEX_END && inner.length <= MOST && OTHERS.has(id)) others.push(inner);
  }
  return { mutes, others };
}

/** Whether a mute may be in it. */
export function mayMute(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(SYSEX_START); at >= 0; at = bytes.indexOf(SYSEX_START, at + 1))
    if (bytes[at + 1] === MUTE) return true;
  return false;
}

/** A mute as the gate is to get it: whole, or as one that could not be read. */
export function muteOf(inner: Uint8Array): Uint8Array {
  return inner.length <= MOST && 'message' in decodeFrame(inner) ? framed(inner) : framed(GARBLED_MUTE);
}

/** Whether a frame that is no mute may be handed on to a gate that says of itself whether it holds a key. */
export function mayPass(inner: Uint8Array, isKeyed: boolean): boolean {
  const decoded = decodeFrame(inner);
  if ('error' in decoded) return false;
  const { message, hasAuthenticator } = decoded;
  switch (message.type) {
    case 'hello':
      return true;
    case 'setting':
      return message.op === 'read';
    case 'allow':
    case 'lock':
    case 'stored':
      return isKeyed && hasAuthenticator;
    default:
      return false;
  }
}

/** What stood between F0 and F7 as it goes over a wire. */
export function framed(inner: Uint8Array): Uint8Array {
  const frame = new Uint8Array(inner.length + 2);
  frame[0] = SYSEX_START;
  frame.set(inner, 1);
  frame[frame.length - 1] = SYSEX_END;
  return frame;
}
