/** Why a gate is as it is, for people: one sentence, then every rule and the facts behind it. Pure. */
import { formatDuration } from '../../schemas/duration.ts';
import { REASONS } from '../../schemas/protocol.ts';
import type {
  CalendarPart,
  ConditionPart,
  FactPart,
  RulePart,
  SchedulePart,
  WhyAnswer,
} from '../../schemas/why.ts';
import { wallParts, wallTimes } from './wall.ts';
import { stateWords } from './words.ts';

type Wall = (at: string) => string;

/** `zone` is where the reader is: it counts for a configuration that names none. */
export function whyLines(answer: WhyAnswer, zone: string): string[] {
  const place = answer.zone ?? zone;
  const wall = wallTimes(place, answer.at);
  const there = wallParts(place)(answer.at);
  return [
    sentence(answer, wall),
    '',
    `Times are those of ${place}; ${answer.now ? 'it is' : 'this is about'} ${there.weekday} ${there.date} ${there.time} there.`,
    ...(answer.clock.known || !answer.rules.some(({ schedule, calendar }) => schedule ?? calendar)
      ? []
      : [`The time is not known, so schedules and calendars are not: ${answer.clock.why}.`]),
    ...answer.rules.flatMap((rule) => ['', ...ruleLines(rule, wall)]),
    ...(answer.rules.length === 0 ? ['', 'It has no rules: only people unmute it.'] : []),
    '',
    ...nextLines(answer, wall),
  ];
}

/** What it is, until when, and because of what: the verdict may outlast the rule that decides now. */
function sentence({ gate, now, verdict, override }: WhyAnswer, wall: Wall): string {
  const wanted = verdict.listen ? 'may listen' : 'is to be muted';
  const until = verdict.until ? `, until ${wall(verdict.until)}` : openEnd(verdict.code, override);
  const because = `because ${becauseOf(verdict)}.`;
  if (!now) return `${gate} ${wanted} then${until}, ${because}`;
  const state = stateWords(now);
  const isSettled = now.reason.code === verdict.code;
  if (isSettled) return `${gate} is ${state}${until}, ${because}`;
  return `${gate} is ${state}: ${now.reason.text}. It ${wanted}${until}, ${because}`;
}

function openEnd(code: string, override: WhyAnswer['override']): string {
  return code === 'hold' && override?.until === null ? ', until somebody resumes or unmutes it' : '';
}

const SENTENCES: Readonly<Record<string, (text: string) => string>> = {
  grant: (text) => `it was ${text}`,
  hold: (text) => `it is ${text}`,
  locked: () => 'it is locked; only its button unlocks it',
  fault: (text) => `it has a ${text}`,
};
const becauseOf = ({ code, text }: WhyAnswer['verdict']): string => SENTENCES[code]?.(text) ?? text;

const RULE_VALUES = { true: 'holds', false: 'does not hold', null: 'is not known' } as const;
const wordOf = (value: boolean | null) => String(value) as 'true' | 'false' | 'null';

function ruleLines({ rule, value, decisive, schedule, calendar, condition }: RulePart, wall: Wall): string[] {
  const [side, number] = rule.split(' ');
  return [
    `${side === 'never' ? 'Never' : 'Listen'} rule ${number} ${RULE_VALUES[wordOf(value)]}.${decisive ? ' It decides.' : ''}`,
    ...(schedule ? [`  ${scheduleLine(schedule, wall)}`] : []),
    ...(calendar ? [`  ${calendarLine(calendar, wall)}`] : []),
    ...(condition ? conditionLines(condition, wall).map((line) => `  ${line}`) : []),
  ];
}

const ON_OFF = { true: 'on', false: 'off', null: 'not known' } as const;

/** Since and until when, where that is known. */
function span(
  { value, since, until }: { value: boolean | null; since: string | null; until: string | null },
  wall: Wall,
): string {
  const words = [
    ON_OFF[wordOf(value)],
    ...(since ? [`since ${wall(since)}`] : []),
    ...(until ? [`until ${wall(until)}`] : []),
  ];
  return words.join(' ');
}

const scheduleLine = (part: SchedulePart, wall: Wall): string =>
  `${part.text}: ${span(part, wall)}${part.problem ? ` (${part.problem})` : ''}`;

function calendarLine(part: CalendarPart, wall: Wall): string {
  const name = `calendar ${part.name}${part.match === null ? '' : ` with ${part.match}`}`;
  const read = part.readAt ? `, read at ${wall(part.readAt)}` : ', never read yet';
  const problem = part.problem ? ` (${part.problem})` : '';
  if (part.value === null) return `${name}: not known${read}${problem}`;
  const { event } = part;
  const what = !event
    ? 'no event ahead'
    : part.value
      ? `“${event.title}” until ${wall(event.end)}`
      : `off, “${event.title}” from ${wall(event.start)}`;
  return `${name}: ${what}${read}${problem}`;
}

const CONDITION_VALUES = { true: 'yes', false: 'no', null: 'not known' } as const;

function conditionLines(part: ConditionPart, wall: Wall): string[] {
  const value = CONDITION_VALUES[wordOf(part.value)];
  if (part.fact) return [`${part.name === null ? '' : `${part.name}: `}${factWords(part.fact, part.value)}`];
  const time = part.ms === null ? '' : ` ${formatDuration(part.ms)}`;
  const own = {
    any: 'any of',
    all: 'all of',
    not: 'not',
    after: `for at least${time}`,
    linger: `now or within${time}`,
    fact: '',
  };
  const until = part.until && part.ms !== null ? ` until ${wall(part.until)}` : '';
  return [
    `${part.name === null ? '' : `${part.name}, `}${own[part.kind]}: ${value}${until}`,
    ...part.of.flatMap((each) => conditionLines(each, wall)).map((line) => `  ${line}`),
  ];
}

function factWords({ name, detail, ageMs, maxAgeMs }: FactPart, value: boolean | null): string {
  const yes = CONDITION_VALUES[wordOf(value)];
  if (ageMs === null) return `${name}: not known, nothing was heard of it yet`;
  const told = detail === '' ? '' : ` (${detail})`;
  if (maxAgeMs === null) return `${name}: ${yes}${told}`;
  const age = ageMs < 1_000 ? 'just now' : `${formatDuration(ageMs)} ago`;
  if (ageMs >= maxAgeMs)
    return `${name}: not known, last heard ${age}${told}, and believed for ${formatDuration(maxAgeMs)}`;
  return `${name}: ${yes}${told}, heard ${age}, believed for ${formatDuration(maxAgeMs)}`;
}

function nextLines(answer: WhyAnswer, wall: Wall): string[] {
  const { verdict, wouldChange, refusedPress, gate } = answer;
  const other = verdict.listen ? 'is muted at' : 'may listen from';
  const next = verdict.changesAt
    ? `By itself it ${other} ${wall(verdict.changesAt)}.`
    : 'By itself nothing changes.';
  return [
    next,
    ...(verdict.listen && verdict.unheardAt
      ? [`It is muted at ${wall(verdict.unheardAt)} already if nothing is heard of the facts it rests upon.`]
      : []),
    ...changeLines(wouldChange),
    buttonLine(answer, wall),
    ...(refusedPress
      ? [`The last press that was refused: ${wall(refusedPress.at)} (${causeWords(refusedPress.cause)}).`]
      : []),
    ...(verdict.listen ? [`Anybody may mute it: earlid mute ${gate}`] : []),
  ];
}

function buttonLine({ verdict, button: { ms, until, refusal } }: WhyAnswer, wall: Wall): string {
  if (verdict.listen) return 'Its button mutes it.';
  if (refusal !== null) return `Its button unmutes nothing: ${refusal}.`;
  return `Its button unmutes it for ${formatDuration(ms)}${until ? `, at most until ${wall(until)}` : ''}.`;
}

const causeWords = (cause: string): string =>
  Object.hasOwn(REASONS, cause) ? REASONS[cause as keyof typeof REASONS][1] : cause;

/** One line for each fact that alone would make a difference. */
function changeLines(changes: WhyAnswer['wouldChange']): string[] {
  const facts = [...new Set(changes.map(({ fact }) => fact))];
  return facts.map((fact) => {
    const of = changes.filter((change) => change.fact === fact);
    const values = of.map(({ value }) => ({ true: 'yes', false: 'no', null: 'not known' })[wordOf(value)]);
    return `If ${fact} became ${values.join(' or ')}, it ${of[0]!.listen ? 'would listen' : 'would be muted'}.`;
  });
}
