/** Which outage would leave nobody able to unmute which gate: told beforehand (S10), from the configuration alone. Pure. */

import type { Config } from '../../schemas/config.ts';
import { formatDuration } from '../../schemas/duration.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { CalendarConfig } from '../../schemas/rules.ts';
import type { Source } from '../../schemas/sources.ts';
import { both, either, not, type Truth } from '../policy/facts.ts';
import type { Condition, Rule } from '../policy/rules.ts';
import type { Compiled } from './compile.ts';

export interface ConfigNote {
  /** `outage`: something that may fail keeps gates muted. `button-alone`: a press may unmute against a never rule. `over`: the days of a rule have passed. */
  readonly code: 'outage' | 'button-alone' | 'over';
  readonly gates: readonly string[];
  /** One sentence for people. */
  readonly text: string;
}

/** What may fail: the clock, a calendar, or the source of a fact. */
type Failing = { readonly clock: true } | { readonly calendar: string } | { readonly fact: string };

/** A never rule that counts as true while something has failed. */
interface Hit {
  readonly gate: string;
  readonly rule: string;
  /** When it does, null: all the time. */
  readonly when: string | null;
}

/** Everything of this kind that the owner should know before it happens. */
export function configNotes(config: Config, compiled: Compiled): ConfigNote[] {
  const failing: readonly Failing[] = [
    { clock: true },
    ...config.calendars.map(({ name }) => ({ calendar: name })),
    // What is set by hand is on disk and does not fail by itself.
    ...[...compiled.sources].flatMap(([fact, { source }]) => (source.kind === 'manual' ? [] : [{ fact }])),
  ];
  const outages = failing.flatMap((each): ConfigNote[] => {
    const hits = config.gates.flatMap(({ name }) =>
      (compiled.rules.get(name)?.never ?? []).flatMap((rule) => hit(name, rule, each)),
    );
    if (hits.length === 0) return [];
    const text = `while ${failureWords(each, config, compiled)}, nobody can unmute ${listed(byGate(hits))}`;
    return [{ code: 'outage', gates: [...new Set(hits.map(({ gate }) => gate))], text }];
  });
  return [...outages, ...withoutEarlid(config.gates), ...pressesAlone(config.gates)];
}

function hit(gate: string, rule: Rule, failing: Failing): Hit[] {
  const { schedule, calendar, condition } = rule;
  const isClock = 'clock' in failing;
  const fails = {
    schedule: schedule !== null && isClock,
    calendar: calendar !== null && (isClock || ('calendar' in failing && failing.calendar === calendar.name)),
    condition: condition !== null && 'fact' in failing ? whileUnknown(condition, failing.fact) : 'never',
  };
  if (!fails.schedule && !fails.calendar && fails.condition === 'never') return [];
  const others = [
    schedule && !fails.schedule ? `within ${schedule.text}` : null,
    calendar && !fails.calendar ? `during an event of ${calendar.name}` : null,
    condition && fails.condition !== 'always' ? 'while its condition may hold' : null,
  ].filter((each) => each !== null);
  return [{ gate, rule: rule.name, when: others.length > 0 ? others.join(', ') : null }];
}

/** More facts than this in one condition are not gone through. */
const MOST_FACTS = 10;

/** Whether a condition is kept from being false while `fact` is unknown: whatever the other facts are, for some of them, or not. */
function whileUnknown(condition: Condition, fact: string): 'always' | 'sometimes' | 'never' {
  const names = [...factsOf(condition)];
  if (!names.includes(fact)) return 'never';
  const others = names.filter((name) => name !== fact);
  if (others.length > MOST_FACTS) return 'sometimes';
  const values = Array.from({ length: 2 ** others.length }, (_, bits) => {
    const known = new Map<string, Truth>(others.map((name, i) => [name, ((bits >> i) & 1) === 1]));
    return truthOf(condition, known);
  });
  if (values.every((value) => value !== false)) return 'always';
  return values.some((value) => value === null) ? 'sometimes' : 'never';
}

function factsOf(condition: Condition): Set<string> {
  if (condition.kind === 'fact') return new Set([condition.fact]);
  return new Set(partsOf(condition).flatMap((each) => [...factsOf(each)]));
}

function partsOf(condition: Exclude<Condition, { readonly kind: 'fact' }>): readonly Condition[] {
  return 'ms' in condition || condition.kind === 'not' ? [condition.of] : condition.of;
}

/** What it comes to once `after` and `linger` are over. */
function truthOf(condition: Condition, known: ReadonlyMap<string, Truth>): Truth {
  if (condition.kind === 'fact') return known.get(condition.fact) ?? null;
  const values = partsOf(condition).map((each) => truthOf(each, known));
  if (condition.kind === 'any') return values.reduce(either);
  return condition.kind === 'not' ? not(values[0]!) : values.reduce(both);
}

function failureWords(failing: Failing, config: Config, { sources }: Compiled): string {
  if ('clock' in failing)
    return config.site?.clock === 'trusted'
      ? 'the clock is earlier than what has happened already'
      : 'nobody knows the time (the network or a hardware clock sets it)';
  if ('calendar' in failing)
    return calendarWords(config.calendars.find(({ name }) => name === failing.calendar)!);
  const { source, maxAgeMs } = sources.get(failing.fact)!;
  return sourceWords(source, `for more than ${formatDuration(maxAgeMs)}`);
}

function calendarWords({ name, from, maxAgeMs }: CalendarConfig): string {
  const age = formatDuration(maxAgeMs);
  return 'file' in from
    ? `the file of the calendar ${name} cannot be read for more than ${age}`
    : `the calendar ${name} cannot be fetched for more than ${age} (no network, or its server is down)`;
}

function sourceWords(source: Source, forLong: string): string {
  switch (source.kind) {
    case 'input':
    case 'sensor':
      return `the gate ${source.gate}, which has the ${source.kind} ${source.name}, is not heard ${forLong}`;
    case 'mqtt':
      return `MQTT tells nothing of ${source.topic} ${forLong} (the broker is away, or whoever publishes it)`;
    case 'homeassistant':
      return `Home Assistant does not tell ${forLong} what ${source.entity} is (it is away, or has no such entity)`;
    case 'host':
      return `the network does not tell ${forLong} whether ${source.address} answers`;
    case 'manual':
      return `nobody knows what ${source.name} was set to`;
    default:
      return source satisfies never;
  }
}

/** Such as `kitchen (never 2, within 22:00-07:00)`; every gate once. */
function byGate(hits: readonly Hit[]): string[] {
  const gates = [...new Set(hits.map(({ gate }) => gate))];
  return gates.map((gate) => {
    const rules = hits
      .filter((each) => each.gate === gate)
      .map(({ rule, when }) => (when === null ? rule : `${rule}, ${when}`));
    return `${gate} (${rules.join('; ')})`;
  });
}

function withoutEarlid(gates: readonly GateConfig[]): ConfigNote[] {
  const names = gates.filter(({ buttonAloneMs }) => !buttonAloneMs).map(({ name }) => name);
  if (names.length === 0) return [];
  const text = `while Earlid does not run, or does not reach its gate, nobody can unmute ${listed(names)}: \`button_alone\` is not set`;
  return [{ code: 'outage', gates: names, text }];
}

function pressesAlone(gates: readonly GateConfig[]): ConfigNote[] {
  return gates
    .filter(({ buttonAloneMs, never }) => buttonAloneMs !== null && buttonAloneMs > 0 && never.length > 0)
    .map(({ name, buttonAloneMs }) => ({
      code: 'button-alone',
      gates: [name],
      text: `while Earlid does not run, a press unmutes ${name} for ${formatDuration(buttonAloneMs!)} whatever its never rules say: \`button_alone\` does not know of them`,
    }));
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
