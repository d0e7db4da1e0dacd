/** Turns what `earlid.yaml` says into rules that can be asked, and says of everything that cannot. Pure. */
import type { Condition as WrittenCondition } from '../../schemas/conditions.ts';
import type { Config } from '../../schemas/config.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { RuleConfig } from '../../schemas/rules.ts';
import { factName, type Source } from '../../schemas/sources.ts';
import { agendaName } from '../policy/facts.ts';
import { type Condition, NO_RULES, type Rule, type Rules } from '../policy/rules.ts';
import { matchProblem } from '../presence/calendar/match.ts';
import type { Site } from '../schedule/days.ts';
import { Evaluator } from '../schedule/evaluate.ts';
import { parseSchedule } from '../schedule/parse.ts';
import { prospect } from '../schedule/prospect.ts';
import { type Schedule, ScheduleError } from '../schedule/schedule.ts';
import { zoneOf } from '../schedule/zone.ts';
import { nearest, nearestZone } from './nearest.ts';

/** What is wrong at a place of the configuration. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where in the text of the value, in code points from 0. */
  readonly mark?: { readonly position: number; readonly length: number };
}

/** A calendar as a gate asks it. */
export interface AskedAgenda {
  readonly calendar: string;
  readonly match: string | null;
}

export interface Compiled {
  readonly site: Site | null;
  /** By the name of the gate. */
  readonly rules: ReadonlyMap<string, Rules>;
  /** By its name; one with a mistake in it is missing. */
  readonly presence: ReadonlyMap<string, Condition>;
  /** Sources of the facts that rules ask, by the name of the fact, with the shortest time that any condition believes them. */
  readonly sources: ReadonlyMap<string, { readonly source: Source; readonly maxAgeMs: number }>;
  /** By `agendaName`. */
  readonly agendas: ReadonlyMap<string, AskedAgenda>;
  readonly problems: readonly RuleProblem[];
  /** Rules whose days have passed: no mistake, but no longer of use. */
  readonly over: readonly RuleProblem[];
}

export interface CompileOptions {
  /** Holidays at the site. */
  readonly isHoliday: Site['isHoliday'];
  /** A rule that can never hold is refused, seen from here (UTC ms). Null: not looked at. */
  readonly now: number | null;
}

export function compile(config: Config, options: CompileOptions): Compiled {
  return new Compiler(config, options).result();
}

type Path = readonly (string | number)[];

class Compiler {
  readonly #config: Config;
  readonly #options: CompileOptions;
  readonly #site: Site | null;
  readonly #problems: RuleProblem[] = [];
  readonly #over: RuleProblem[] = [];
  readonly #sources = new Map<string, { source: Source; maxAgeMs: number }>();
  readonly #agendas = new Map<string, AskedAgenda>();
  readonly #evaluators = new Map<string, Evaluator>();
  readonly #presence = new Map<string, Condition | null>();

  constructor(config: Config, options: CompileOptions) {
    this.#config = config;
    this.#options = options;
    this.#site = this.#findSite();
  }

  result(): Compiled {
    for (const name of this.#config.presence.keys()) this.#named(name, ['presence', name], []);
    const rules = new Map(this.#config.gates.map((gate) => [gate.name, this.#rulesOf(gate)]));
    return {
      site: this.#site,
      rules,
      presence: new Map([...this.#presence].flatMap(([name, found]) => (found ? [[name, found]] : []))),
      sources: this.#sources,
      agendas: this.#agendas,
      problems: this.#problems,
      over: this.#over,
    };
  }

  #wrong(path: Path, message: string, mark?: RuleProblem['mark']): void {
    this.#problems.push({ path, message, ...(mark && { mark }) });
  }

  #findSite(): Site | null {
    const { site } = this.#config;
    if (!site) return null;
    const zone = zoneOf(site.zone);
    if (zone) return { zone, place: site.place, isHoliday: this.#options.isHoliday };
    const meant = nearestZone(site.zone);
    this.#wrong(
      ['site', 'timezone'],
      `there is no time zone named \`${site.zone}\`; ${meant ? `did you mean \`${meant}\`?` : 'zones are named like Europe/Berlin'}`,
    );
    return null;
  }

  #rulesOf(gate: GateConfig): Rules {
    const side = (which: 'listen' | 'never') =>
      gate[which].map((rule, index) =>
        this.#rule(rule, `${which} ${index + 1}`, ['gates', gate.name, which, index]),
      );
    const path = ['gates', gate.name, 'night'];
    const night = gate.night === null ? null : this.#schedule(gate.night, path);
    return { ...NO_RULES, listen: side('listen'), never: side('never'), night: night?.moments ?? null };
  }

  #rule({ schedule, calendar, condition }: RuleConfig, name: string, path: Path): Rule {
    return {
      name,
      schedule: schedule === null ? null : this.#ruleSchedule(schedule, [...path, 'schedule']),
      calendar: calendar && this.#calendar(calendar, [...path, 'calendar']),
      condition: condition && this.#condition(condition, null, [...path, 'if'], []),
    };
  }

  #ruleSchedule(text: string, path: Path): Rule['schedule'] {
    const found = this.#schedule(text, path);
    const { now } = this.#options;
    const comes = found && now !== null ? prospect(found.schedule, found.moments, now) : 'comes';
    if (comes === 'never')
      this.#wrong(path, 'this schedule holds at no time to come, so the rule can never be true');
    if (comes === 'over') this.#over.push({ path, message: 'its days have passed' });
    return found && { text, moments: found.moments };
  }

  #schedule(text: string, path: Path): { schedule: Schedule; moments: Evaluator } | null {
    let schedule: Schedule;
    try {
      schedule = parseSchedule(text);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      const { message, hint, position, length } = error.problem;
      this.#wrong(path, `${message} (${hint})`, { position, length });
      return null;
    }
    const points = schedule.rules.flatMap(({ windows }) => windows.flatMap(({ start, end }) => [start, end]));
    const { site } = this.#config;
    if (!site) this.#wrong(path, 'a schedule needs `site.timezone`: the time zone of the clock on the wall');
    else if (!site.place && points.some((point) => 'sun' in point))
      this.#wrong(path, 'the sun needs `site.latitude` and `site.longitude`');
    else if (!site.holidays && schedule.rules.some(({ days }) => days.publicHolidays))
      this.#wrong(path, '`PH` needs `site.holidays`: where public holidays come from');
    else if (this.#site) return { schedule, moments: this.#evaluator(text, schedule, this.#site) };
    return null;
  }

  /** Rules with the same text share what is remembered of it. */
  #evaluator(text: string, schedule: Schedule, site: Site): Evaluator {
    const known = this.#evaluators.get(text);
    if (known) return known;
    const made = new Evaluator(schedule, site);
    this.#evaluators.set(text, made);
    return made;
  }

  #calendar({ name, match }: NonNullable<RuleConfig['calendar']>, path: Path): Rule['calendar'] {
    const names = this.#config.calendars.map((calendar) => calendar.name);
    if (!names.includes(name)) this.#wrong(path, noSuch('calendar', name, names));
    else if (!this.#config.site) this.#wrong(path, 'a calendar needs `site.timezone`');
    const wrong = match === null ? null : matchProblem(match);
    if (wrong !== null) this.#wrong([...path.slice(0, -1), 'match'], wrong);
    const agenda = agendaName(name, match);
    this.#agendas.set(agenda, { calendar: name, match });
    return { name, match, agenda };
  }

  /** The presence `name`; null when it is not to be had. `inside` names those that it is asked by. */
  #named(name: string, path: Path, inside: readonly string[]): Condition | null {
    if (inside.includes(name)) {
      const circle = [...inside.slice(inside.indexOf(name)), name].join(' → ');
      this.#wrong(path, `conditions in a circle: ${circle}`);
      return null;
    }
    const known = this.#presence.get(name);
    if (known !== undefined) return known;
    const written = this.#config.presence.get(name);
    if (!written) {
      this.#wrong(path, noSuch('presence', name, [...this.#config.presence.keys()]));
      return null;
    }
    const condition = this.#condition(written, name, ['presence', name], [...inside, name]);
    this.#presence.set(name, condition);
    return condition;
  }

  #condition(
    written: WrittenCondition,
    name: string | null,
    path: Path,
    inside: readonly string[],
  ): Condition | null {
    switch (written.kind) {
      case 'named':
        return this.#named(written.name, path, inside);
      case 'any':
      case 'all': {
        const { kind } = written;
        const of = written.of.map((each, i) => this.#condition(each, null, [...path, kind, i], inside));
        return of.every((each) => each !== null) ? { kind, name, of } : null;
      }
      case 'not': {
        const of = this.#condition(written.of, null, [...path, 'not'], inside);
        return of && { kind: 'not', name, of };
      }
      case 'after':
      case 'linger': {
        const { kind, ms } = written;
        const of = this.#condition(written.of, null, path, inside);
        return of && { kind, name, ms, of };
      }
      case 'fact':
        return this.#fact(written.source, written.maxAgeMs, name, path);
    }
  }

  #fact(source: Source, maxAgeMs: number, name: string | null, path: Path): Condition | null {
    const why = this.#missing(source);
    if (why) {
      this.#wrong([...path, source.kind], why);
      return null;
    }
    const fact = factName(source);
    const known = this.#sources.get(fact);
    this.#sources.set(fact, { source, maxAgeMs: Math.min(maxAgeMs, known?.maxAgeMs ?? maxAgeMs) });
    return { kind: 'fact', name, fact, maxAgeMs };
  }

  /** Why there is no such source, null when there is. */
  #missing(source: Source): string | null {
    if (source.kind === 'manual')
      return source.name === '' ? '`manual` stands alone under a name of its own in `presence`' : null;
    if (source.kind === 'mqtt' && !this.#config.mqtt)
      return '`mqtt` needs the broker: `mqtt: { url: mqtt://192.168.1.2:1883 }` at the top of the file';
    if (source.kind === 'mqtt' && this.#config.mqtt?.embedded && this.#config.mqtt.username === null)
      return '`mqtt` needs `username` and `password_file` beside `mqtt.embedded`: without them every program on this machine could tell any fact';
    if (source.kind === 'homeassistant' && !this.#config.homeassistant?.api)
      return '`homeassistant` needs its address: `homeassistant: { url: ws://homeassistant.local:8123, token_file: ha-token }` at the top of the file';
    if (source.kind !== 'input' && source.kind !== 'sensor') return null;
    const gate = this.#config.gates.find(({ name }) => name === source.gate);
    if (!gate)
      return noSuch(
        'gate',
        source.gate,
        this.#config.gates.map(({ name }) => name),
      );
    const names =
      source.kind === 'input'
        ? gate.inputs.map(({ name }) => name)
        : gate.accessories.flatMap((each) => (each.kind === 'sensor' ? [each.name] : []));
    return names.includes(source.name)
      ? null
      : noSuch(`${source.kind} at \`${source.gate}\``, source.name, names);
  }
}

function noSuch(what: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, [...names]);
  const known =
    names.length === 0 ? 'there is none' : `there are ${names.map((each) => `\`${each}\``).join(', ')}`;
  return `no ${what} is named \`${name}\`; ${meant ? `did you mean \`${meant}\`?` : known}`;
}
