/**
 * Asks whatever is at a port what it is. Opening the port resets many boards, so a port that somebody else uses is never
 * probed. Sends `hello` and Firmata questions only: nothing that can open a gate or make it forget an event.
 */
import { encodeFrame } from '../../schemas/codec.ts';
import type { GateMessage, MessageOf } from '../../schemas/protocol.ts';
import { type Board, boardOf } from './board.ts';
import type { Clock } from './clock.ts';
import { askFirmata, FIRMATA_BAUD } from './firmata.ts';
import type { Connection, LinkFactory } from './link.ts';
import { RECONNECT } from './reconnect.ts';
import { problemOf, Use } from './use.ts';

/** What answered. */
export type ProbeResult =
  /** The Earlid firmware; `state` is the newest it told. */
  | {
      readonly kind: 'earlid';
      readonly board: Board;
      readonly state: MessageOf<'state'>;
      /** Opening the port reset the board; null: not known, or not asked for. */
      readonly resetOnOpen: boolean | null;
    }
  /** The Earlid firmware with a guard protocol that is not spoken. */
  | { readonly kind: 'other-version'; readonly version: number }
  | { readonly kind: 'firmata'; readonly name: string }
  /** Bytes of something else; `sample` is what of them can be printed. */
  | { readonly kind: 'garbage'; readonly sample: string }
  | { readonly kind: 'silent' }
  /** It could not be asked. */
  | { readonly kind: 'missing' | 'busy' | 'forbidden' | 'failed'; readonly detail: string };

export interface ProbeOptions {
  readonly clock: Clock;
  /** The id of this controller: another one would make the gate `contested` for half a minute. */
  readonly controllerId: number;
  /** Mutes first, which anybody may (S3), and waits until the gate shows it. */
  readonly mute?: boolean;
  /** Finds out whether opening the port reset the board. */
  readonly resets?: boolean;
}

const ASK_EVERY_MS = 500;
/** A gate that answers, but neither says who it is nor gets muted, is not waited for longer. */
const MOST_MS = 6_000;
const SAMPLE_CHARACTERS = 40;
/** A board that has just started tells of it within this time. */
const BOOT_EVENT_MS = 300;
/** What a state takes to arrive, and the uptime to be rounded. */
const MARGIN_MS = 100;

/** Takes about 0.1 s where a gate answers (2 s when it was reset), 8 s where nothing does. Never rejects. */
export async function probe(open: LinkFactory, options: ProbeOptions): Promise<ProbeResult> {
  try {
    const heard = await askGuard(open, options);
    if (heard.answer) return heard.answer;
    const { name, sawBytes } = await askForFirmata(open, options.clock);
    if (name !== null) return { kind: 'firmata', name };
    return heard.sawBytes || sawBytes ? { kind: 'garbage', sample: heard.sample } : { kind: 'silent' };
  } catch (error) {
    const { code, detail } = problemOf(error);
    const kinds = { 'port-missing': 'missing', 'port-busy': 'busy', 'port-forbidden': 'forbidden' } as const;
    return { kind: code in kinds ? kinds[code as keyof typeof kinds] : 'failed', detail };
  }
}

interface Heard {
  readonly answer: ProbeResult | null;
  readonly sawBytes: boolean;
  readonly sample: string;
}

async function askGuard(
  open: LinkFactory,
  { clock, controllerId, mute, resets }: ProbeOptions,
): Promise<Heard> {
  const connection = await open();
  const openedAt = clock.now();
  let [identity, state]: [MessageOf<'identity'> | null, MessageOf<'state'> | null] = [null, null];
  let version: number | null = null;
  let started: MessageOf<'event'> | null = null;
  let openMs = 0;
  let cancelWait = () => {};
  let sample = '';
  let done = () => {};
  const answered = new Promise<void>((resolve) => {
    done = resolve;
  });
  const take = (message: GateMessage) => {
    if (message.type === 'identity') identity = message;
    if (message.type === 'state') {
      state = message;
      openMs = clock.now() - openedAt;
    }
    if (message.type === 'event' && message.kind === 'boot') started = message;
    if (!identity || state?.boot !== identity.boot || (mute && state.phase !== 'muted')) return;
    if (!resets || started?.boot === identity.boot) return done();
    cancelWait();
    cancelWait = clock.after(BOOT_EVENT_MS, done);
  };
  const use = new Use(connection, clock, {
    message: take,
    foreign: (spoken) => {
      version = spoken;
      done();
    },
    firmata: (bytes) => {
      sample = (sample + printable(bytes)).slice(0, SAMPLE_CHARACTERS);
    },
    up() {},
    down() {},
    discarded() {},
  });
  const frames = question(controllerId, mute === true);
  let cancelAsk = () => {};
  const ask = () => {
    for (const frame of frames()) connection.sink(frame);
    cancelAsk = clock.after(ASK_EVERY_MS, ask);
  };
  const cancelMost = clock.after(MOST_MS, () => done());
  try {
    ask();
    await Promise.race([use.read(), use.silent, answered]);
  } finally {
    use.end();
    cancelAsk();
    cancelMost();
    cancelWait();
    await connection.close();
  }
  const firmata = use.firmata && ({ kind: 'firmata', name: use.firmata.detail } as const);
  const reset = resets === true && identity && state ? wasReset(identity, state, started, openMs) : null;
  return { answer: answerOf(identity, state, version, reset) ?? firmata, sawBytes: use.sawBytes, sample };
}

/**
 * By the event of its start, whose age the uptime tells; the uptime itself survives a reset. A board that was reset by its pin
 * before tells nothing: whoever had the port open last may have left the line as it is now.
 */
function wasReset(
  { boot, reset }: MessageOf<'identity'>,
  { uptime }: MessageOf<'state'>,
  started: MessageOf<'event'> | null,
  openMs: number,
): boolean | null {
  if (reset === 'power-on') return false;
  const byPin = reset === 'external-reset' || reset === 'hidden-reset';
  return byPin && started?.boot === boot && uptime - started.uptime <= openMs + MARGIN_MS ? true : null;
}

function answerOf(
  identity: MessageOf<'identity'> | null,
  state: MessageOf<'state'> | null,
  version: number | null,
  resetOnOpen: boolean | null,
): ProbeResult | null {
  if (identity && state) return { kind: 'earlid', board: boardOf(identity), state, resetOnOpen };
  return version === null ? null : { kind: 'other-version', version };
}

/** What is sent each time; a mute keeps its number, so that the gate counts it once. */
function question(controllerId: number, mute: boolean): () => Uint8Array[] {
  let count = 0;
  const seq = controllerId >>> 0;
  return () => [
    ...(mute ? [encodeFrame({ type: 'mute', seq, reason: 'cli' }, count++ & 0xff)] : []),
    encodeFrame({ type: 'hello', controller: controllerId }, count++ & 0xff),
  ];
}

async function askForFirmata(
  open: LinkFactory,
  clock: Clock,
): Promise<{ readonly name: string | null; readonly sawBytes: boolean }> {
  let connection: Connection;
  try {
    connection = await open({ baud: FIRMATA_BAUD });
  } catch {
    return { name: null, sawBytes: false };
  }
  const question = askFirmata(connection, clock);
  let cancel = () => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(RECONNECT.probe, resolve);
  });
  try {
    await Promise.race([question.answered, timeout]);
  } catch {
    // A port that breaks while it is asked has not answered.
  } finally {
    cancel();
    question.end();
    await connection.close();
  }
  const { firmware, version, sawBytes } = question.answer;
  return { name: firmware ?? version, sawBytes };
}

function printable(bytes: Uint8Array): string {
  return [...bytes]
    .filter((byte) => byte >= 0x20 && byte < 0x7f)
    .map((byte) => String.fromCharCode(byte))
    .join('');
}
