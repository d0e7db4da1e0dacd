/** How gates, ends and events are put into words for people. Pure. The state is always a word, colour only repeats it. */
import type { CommandView, GateView, ToldEvent } from '../../schemas/api.ts';
import { formatDuration } from '../../schemas/duration.ts';

const COLOURS = { muted: '32', live: '31;1', unknown: '33' } as const;

/** `text` in the colour of `state`. */
export function paint(text: string, state: GateView['state'], colour: boolean): string {
  return colour ? `\u001b[${COLOURS[state]}m${text}\u001b[0m` : text;
}

/** State and evidence: "muted", "muted, not sensed", "live", "unknown". */
export function stateWords({ state, evidence }: Pick<GateView, 'state' | 'evidence'>): string {
  if (state === 'unknown') return 'unknown';
  return evidence === 'sensed' ? `${state}, sensed` : `${state}, not sensed`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Time of day where the reader is; with the date when it is not today. */
export function clockTime(at: string, now: number): string {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** "until 19:42:10 (5m left)". */
export function untilWords(until: string, now: number): string {
  const left = leftWords(until, now);
  return `until ${clockTime(until, now)}${left && ` (${left} left)`}`;
}

/** Empty when it is over. */
function leftWords(until: string, now: number): string {
  const left = Date.parse(until) - now;
  return left > 0 ? formatDuration(Math.max(1_000, left)) : '';
}

/** What comes of the rules once the verdict changes. */
const NEXT: Readonly<Record<string, string>> = {
  'never-rule': 'may listen',
  'never-unknown': 'may listen',
  'no-rule': 'may listen',
  'listen-rule': 'muted',
};

/** Why the gate is as it is, and until when. The next rule may take over from the one that decides now. */
export function reasonWords({ reason }: Pick<GateView, 'reason'>, now: number): string {
  const next = NEXT[reason.code];
  if (reason.until && next) {
    const left = leftWords(reason.until, now);
    return `${reason.text}; ${next} from ${clockTime(reason.until, now)}${left && ` (in ${left})`}`;
  }
  if (reason.until) return `${reason.text}, ${untilWords(reason.until, now)}`;
  return reason.code === 'hold' ? `${reason.text}, until somebody resumes or unmutes it` : reason.text;
}

/** One line about a gate, its name and state padded to the given widths. */
export function gateLine(gate: GateView, now: number, colour: boolean, nameWidth: number): string {
  const words = stateWords(gate).padEnd(17);
  return `${gate.gate.padEnd(nameWidth)}  ${paint(words, gate.state, colour)}  ${reasonWords(gate, now)}`;
}

/** Width of the longest name. */
export function nameWidth(gates: readonly GateView[]): number {
  return Math.max(0, ...gates.map(({ gate }) => gate.length));
}

/** One line about what a command did. Every mute says when it ends. */
export function commandLine(view: CommandView, now: number, colour: boolean): string {
  const state = paint(stateWords(view), view.state, colour);
  return `${view.gate}: ${state}${endWords(view, now)}`;
}

function endWords({ until, override }: CommandView, now: number): string {
  if (until) return `, ${untilWords(until, now)}`;
  return override?.kind === 'hold' ? ', until somebody resumes or unmutes it' : '';
}

/** A key is given and taken nowhere else. */
const AT_THE_GATE = 'its key was changed, with its button held';

const CAUSES: Readonly<Record<string, string>> = {
  button: 'by the button',
  'button-alone': 'by the button, without the controller',
  allow: 'by the controller',
  press: 'by the button',
  lock: 'by the controller',
  'power-on': 'the power came up',
  'external-reset': 'the reset pin was pulled',
  cli: 'from the command line',
  homeassistant: 'from Home Assistant',
  policy: 'by the controller',
  stop: 'by the controller as it stopped',
  'lease-end': 'its time was over',
};

/** One line about an event, after one about what is lost before it. */
export function eventLines(event: ToldEvent, now: number, nameWidth: number): string[] {
  const cause = event.kind === 'paired' ? AT_THE_GATE : (CAUSES[event.cause] ?? event.cause);
  const margin = event.atErrorMs >= 1_000 ? ` ±${formatDuration(event.atErrorMs)}` : '';
  const line = (kind: string, text: string) =>
    `${clockTime(event.at, now)}${margin}  ${event.gate.padEnd(nameWidth)}  ${kind.padEnd(8)} ${text}`;
  const lines = [line(event.kind, cause)];
  return event.gapBefore ? [line('gap', 'what happened before this is not known'), ...lines] : lines;
}
