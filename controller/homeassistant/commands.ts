/** Reads what Home Assistant, or anybody else at the broker, asks for. Pure, but for what it remembers of earlier unmutes. */
import { parseDuration } from '../../schemas/duration.ts';
import {
  COMMAND_AGE_MS,
  COMMAND_TOPICS,
  type CommandTopic,
  type Dropped,
  MAX_COMMAND,
  OFF,
  ON,
  topicsOf,
} from '../../schemas/homeassistant-mqtt.ts';

/** A message on a topic of commands. */
export interface Arrived {
  readonly topic: string;
  /** Null: it was too large to be read. */
  readonly payload: Uint8Array | null;
  /** The broker had kept it: nobody asks for it now. */
  readonly retained: boolean;
  /** Its sender says that it may have come before. */
  readonly repeated: boolean;
  /** It was not under way for longer. */
  readonly transitMs: number;
}

/** What is to be done. `forMs` null: as long as the configuration says. `late`: it may be old, or have come before. */
export type Asked =
  | {
      readonly ask: 'mute';
      readonly gate: string | null;
      readonly forMs: number | null;
      readonly late?: true;
    }
  | { readonly ask: 'unmute'; readonly gate: string; readonly forMs: number | null }
  | { readonly ask: 'resume'; readonly gate: string }
  | { readonly ask: 'nothing'; readonly gate: string; readonly command: string; readonly why: Dropped };

/** What was read, and what tells whether it came before. */
type Read =
  | Exclude<Asked, { readonly ask: 'unmute' | 'resume' }>
  | { readonly ask: 'resume'; readonly gate: string }
  | {
      readonly ask: 'unmute';
      readonly gate: string;
      readonly forMs: number | null;
      readonly sent?: number | undefined;
      readonly id?: string | undefined;
    };

/** Two alike without an id within so many ms are copies of one. */
const ALIKE_MS = 3_000;
/** So many ids are remembered of one gate. */
const MOST_IDS = 256;
const [SHORTEST_MS, LONGEST_MS] = [1_000, 86_400_000];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const GATE_COMMAND = /^gates\/([a-z0-9_-]{1,32})\/([a-z]{1,16})\/set$/;

export class CommandReader {
  readonly #base: string;
  readonly #seen = new Map<string, { text: string; at: number; readonly ids: Set<string> }>();

  /** `base` is what all topics of this controller begin with. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Null: nothing that is meant for this controller. `counted` is ms on a clock that is never set, `wall` UTC ms. */
  read(arrived: Arrived, now: { readonly wall: number; readonly counted: number }): Asked | null {
    const { topic, payload, retained, repeated, transitMs } = arrived;
    const text = payload === null || payload.length > MAX_COMMAND ? null : textOf(payload);
    const isLate = transitMs > COMMAND_AGE_MS;
    const late = (isLate || repeated) && ({ late: true } as const);
    if (topic === topicsOf(this.#base).muteEverything)
      return retained ? null : { ask: 'mute', gate: null, forMs: lengthIn(text), ...late };
    const [, gate, command] = GATE_COMMAND.exec(topic.slice(this.#base.length + 1)) ?? [];
    if (!topic.startsWith(`${this.#base}/`) || gate === undefined || !isCommand(command)) return null;
    const nothing = (why: Dropped): Asked => ({ ask: 'nothing', gate, command, why });
    const read = READERS[command](gate, text);
    // A mute that the broker kept is as old as any other: it would mute again at every connection.
    if (retained) return read?.ask === 'mute' ? null : nothing('retained');
    if (read === null) return nothing('malformed');
    if (read.ask === 'mute') return { ...read, ...late };
    if (read.ask === 'nothing') return read;
    const came = this.#remember(gate, `${command} ${text}`, read.ask === 'unmute' ? read.id : undefined, now);
    if (repeated || came) return nothing('duplicate');
    if (isLate) return nothing('expired');
    if (read.ask === 'resume') return read;
    if (read.sent !== undefined && Math.abs(now.wall - read.sent) > COMMAND_AGE_MS) return nothing('expired');
    return { ask: 'unmute', gate, forMs: read.forMs };
  }

  /** True when it came before. */
  #remember(gate: string, text: string, id: string | undefined, { counted }: { counted: number }): boolean {
    const before = this.#seen.get(gate) ?? { text: '', at: Number.NEGATIVE_INFINITY, ids: new Set<string>() };
    const { ids } = before;
    const came = id === undefined ? before.text === text && counted - before.at < ALIKE_MS : ids.has(id);
    if (id !== undefined) ids.add(id);
    for (const oldest of ids) {
      if (ids.size <= MOST_IDS) break;
      ids.delete(oldest);
    }
    this.#seen.set(gate, { text, at: came ? before.at : counted, ids });
    return came;
  }
}

type Reader = (gate: string, text: string | null) => Read | null;

const READERS: Readonly<Record<CommandTopic, Reader>> = {
  microphone: (gate, text) => {
    if (text?.toUpperCase() === OFF) return { ask: 'mute', gate, forMs: null };
    return text === ON ? { ask: 'unmute', gate, forMs: null } : null;
  },
  // Whatever it says.
  mute: (gate, text) => ({ ask: 'mute', gate, forMs: lengthIn(text) }),
  unmute: (gate, text) => {
    if (text === null) return null;
    const forMs = lengthIn(text);
    return forMs === null ? unmuteIn(gate, text) : { ask: 'unmute', gate, forMs };
  },
  mode: (gate, text) => {
    if (text === 'muted') return { ask: 'mute', gate, forMs: null };
    if (text === 'unmuted') return { ask: 'unmute', gate, forMs: null };
    return text === 'auto' ? { ask: 'resume', gate } : null;
  },
};

const isCommand = (text: string | undefined): text is CommandTopic =>
  text !== undefined && Object.hasOwn(COMMAND_TOPICS, text);

function textOf(payload: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload).trim();
  } catch {
    return null;
  }
}

function lengthIn(text: string | null): number | null {
  const ms = text === null ? null : parseDuration(text);
  return ms !== null && ms >= SHORTEST_MS && ms <= LONGEST_MS ? ms : null;
}

/** Such as `{"for": "20m", "sent": "2026-11-26T07:00:00Z", "id": "a1"}`; null when anything of it is strange. */
function unmuteIn(gate: string, text: string): Read | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { for: length, sent, id, ...strange } = value as Record<string, unknown>;
  if (Object.keys(strange).length > 0) return null;
  const forMs = typeof length === 'string' ? lengthIn(length) : null;
  if (length !== undefined && forMs === null) return null;
  if (sent !== undefined && (typeof sent !== 'string' || !INSTANT.test(sent))) return null;
  if (id !== undefined && (typeof id !== 'string' || id.length === 0 || id.length > 64)) return null;
  const at = sent === undefined ? undefined : Date.parse(sent);
  if (Number.isNaN(at)) return null;
  return { ask: 'unmute', gate, forMs, sent: at, id };
}
