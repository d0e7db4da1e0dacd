/** What avrdude's output means: 6.3, which many systems still have, words some of it differently from 7. Pure. */
import type { ErrorCode } from '../../schemas/errors.ts';

export interface Progress {
  readonly doing: 'writing' | 'verifying';
  readonly percent: number;
}

/** How a run of avrdude ended: by itself, or because it was of no use to wait, nothing came any more, or somebody stopped it. */
export type Ending = 'exited' | 'hopeless' | 'stalled' | 'stopped';

export interface AvrdudeRun {
  readonly text: string;
  /** Exit code; null when a signal ended it. */
  readonly exit: number | null;
  readonly ending: Ending;
}

/** avrdude tries ten times, with 5 s between; a bootloader that is there answers at once. */
const MOST_ATTEMPTS = 3;
const BAR_LENGTH = 50;

/** Where avrdude is, by the newest bar it has drawn. */
export function progressOf(text: string): Progress | null {
  const bar = [...text.matchAll(/(Writing|Reading) \| (#*)/g)].at(-1);
  if (!bar) return null;
  const percent = Math.min(100, Math.round((bar[2]!.length / BAR_LENGTH) * 100));
  return { doing: bar[1] === 'Writing' ? 'writing' : 'verifying', percent };
}

const isConnected = (text: string): boolean => /device signature = 0x/i.test(text);

/** avrdude goes on for minutes where nothing can come of it. */
export function isHopeless(text: string): boolean {
  const [attempts] = [...text.matchAll(/attempt (\d+) of \d+: not in sync/g)].slice(-1);
  if (Number(attempts?.[1] ?? 0) >= MOST_ATTEMPTS) return true;
  return isConnected(text) && /not responding|not in sync|write failed/i.test(afterConnecting(text));
}

const afterConnecting = (text: string): string => text.slice(text.search(/device signature = 0x/i));

type Rule = readonly [pattern: RegExp, code: ErrorCode];

/** What ends a run whatever else was said; `$1` of the pattern is the detail. */
const CLEAR: readonly Rule[] = [
  [/expected signature for/i, 'flash-wrong-board'],
  [/invalid device signature/i, 'flash-wrong-board'],
  [/verif\w+ (?:error|mismatch)/i, 'flash-mismatch'],
];

/** What kept it from beginning. */
const OPENING: readonly Rule[] = [
  [/(?:can't|cannot) open (?:device|port).*(?:No such (?:file|device)|ENXIO)/i, 'port-missing'],
  [/(?:can't|cannot) open (?:device|port).*Permission denied/i, 'port-forbidden'],
  [/(?:can't|cannot) open (?:device|port).*(?:busy|temporarily unavailable)/i, 'port-busy'],
  [/(?:can't|cannot) (?:open|set attributes for) (?:device|port)/i, 'link-failed'],
];

/** The same for a programmer. */
const PROGRAMMER: readonly Rule[] = [
  [
    /initialization failed|target (?:doesn't|does not) answer|double check (?:the )?connections/i,
    'programmer-no-target',
  ],
  [/find (?:any )?USB|unable to open programmer|not in sync|not responding/i, 'programmer-missing'],
];

/** What stands behind a failure: a code of `schemas/errors.ts` and its detail. */
export interface Diagnosis {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Null when the run did what it should. */
export function diagnose(
  { text, exit, ending }: AvrdudeRun,
  way: 'bootloader' | 'programmer',
): Diagnosis | null {
  if (ending === 'exited' && exit === 0) return null;
  const clear = CLEAR.find(([pattern]) => pattern.test(text));
  if (clear) return { code: clear[1], detail: detailOf(clear[1], text) };
  if (ending === 'stopped') return { code: 'flash-interrupted', detail: 'it was stopped' };
  if (isConnected(text)) return { code: 'flash-interrupted', detail: interrupted(text, ending) };
  const rules = way === 'bootloader' ? OPENING : [...OPENING, ...PROGRAMMER];
  const opening = rules.find(([pattern]) => pattern.test(text));
  if (opening) return { code: opening[1], detail: lastComplaint(text) };
  if (way === 'bootloader' && (ending !== 'exited' || /not in sync|not responding|getsync/i.test(text)))
    return { code: 'flash-no-answer', detail: answered(text) };
  if (ending === 'stalled') return { code: 'flash-failed', detail: 'avrdude said nothing more' };
  return { code: 'flash-failed', detail: lastComplaint(text) };
}

function detailOf(code: ErrorCode, text: string): string {
  if (code === 'flash-wrong-board')
    return /device signature = (0x[0-9a-f]+(?: \([^)]*\))?)/i.exec(text)?.[1] ?? 'no signature was told';
  return (
    /device 0x\w+ != input 0x\w+ at addr 0x\w+/i.exec(text)?.[0] ??
    /first mismatch at byte 0x\w+/i.exec(text)?.[0] ??
    'what was read back differs'
  );
}

function interrupted(text: string, ending: Ending): string {
  const at = progressOf(text);
  const where = at ? ` while ${at.doing} (at ${at.percent} %)` : '';
  return ending === 'stalled' ? `nothing came any more${where}` : `the board stopped answering${where}`;
}

/** Bytes of something else are another trouble than silence. */
function answered(text: string): string {
  const odd = [...text.matchAll(/resp=0x([0-9a-f]{2})/gi)].some(([, byte]) => byte !== '00');
  return odd ? 'something else answers' : 'nothing answers';
}

/** The last thing that avrdude called wrong, without its own name. */
function lastComplaint(text: string): string {
  const lines = text.split(/[\r\n]+/).filter((line) => !/TIOCMGET|TIOCMSET|avrdude done|^\s*$/.test(line));
  const wrong = lines.filter((line) => /error|cannot|can't|fail|unable|unknown|invalid/i.test(line));
  const line = wrong.at(0) ?? lines.at(-1) ?? 'avrdude said nothing';
  return line.replace(/^avrdude(?: OS)?(?: error| warning)?:\s*/i, '').trim();
}
