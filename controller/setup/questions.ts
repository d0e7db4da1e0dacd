/** What `earlid init` asks, and what it takes for an answer. */

import type { Config } from '../../schemas/config.ts';
import { parseDuration } from '../../schemas/duration.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { NAME } from '../../schemas/name.ts';
import { compile } from '../config/compile.ts';
import { parseConfig } from '../config/file.ts';
import { nearestZone } from '../config/nearest.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { parseSchedule } from '../schedule/parse.ts';
import { ScheduleError } from '../schedule/schedule.ts';
import { zoneOf } from '../schedule/zone.ts';
import { type Setup, type SetupGate, setupText } from './file.ts';
import type { SpeakerKind } from './kinds.ts';

export interface Person {
  say(...lines: string[]): void;
  /** The answer without spaces around it; empty is what the question proposes. Rejects when there is none any more. */
  ask(question: string): Promise<string>;
  /** Says why `text` is no answer; the question comes again. */
  refuse(error: EarlidError | ScheduleError, text: string): void;
}

/** A board at this computer, in words. */
export interface FoundBoard {
  readonly path: string;
  readonly words: string;
}

/** What was said on the command line already; null: ask. */
export interface Given {
  readonly zone: string | null;
  readonly gates: readonly Pick<SetupGate, 'name' | 'link'>[] | null;
  readonly schedule: string | null;
}

export interface Proposals {
  /** The zone of this computer. */
  readonly zone: string;
  readonly kinds: readonly SpeakerKind[];
  readonly boards: () => Promise<readonly FoundBoard[]>;
  /** UTC ms. */
  readonly now: number;
}

const NAMES = ['kitchen', 'living-room', 'bedroom', 'study', 'hall'];
const LEFT_OUT = '-';
const KIND = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Most speakers take 30 to 60 s from their supply to their first answer. */
const READY_AFTER = '45s';
const WHEN = 'When may it listen by itself, such as Mo-Fr 07:00-08:30? [never] ';

const wrong = (detail: string, hint: string): EarlidError => new EarlidError('bad-answer', { detail, hint });

/** Asks until everything is known. Throws what is wrong with what was given. */
export async function askSetup(person: Person, given: Given, proposals: Proposals): Promise<Setup> {
  const here = zoneOf(proposals.zone) ? proposals.zone : 'UTC';
  const zone = await known(person, given.zone, `Time zone of the clock on the wall [${here}] `, (text) =>
    checkedZone(text || here),
  );
  const named = given.gates ?? (await askGates(person, await proposals.boards()));
  let place: Setup['place'] = null;
  const gates: SetupGate[] = [];
  for (const { name, link } of named) {
    person.say('', name);
    const speaker = await askSpeaker(person, proposals.kinds);
    const { schedule, sun } = await known(person, given.schedule, WHEN, (text) =>
      checkedSchedule(text, zone, proposals.now),
    );
    if (sun)
      place ??= await repeat(person, 'Where is that, for the sun, such as 52.52 13.40? ', checkedPlace);
    gates.push({ name, link, ...speaker, schedule });
  }
  return { zone, place, gates };
}

/** Reads what was given, else asks for it. */
async function known<T>(
  person: Person,
  given: string | null,
  question: string,
  read: (text: string) => T,
): Promise<T> {
  return given === null ? repeat(person, question, read) : read(given);
}

/** Asks until `read` takes the answer. */
async function repeat<T>(person: Person, question: string, read: (text: string) => T): Promise<T> {
  for (;;) {
    const text = await person.ask(question);
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof EarlidError || error instanceof ScheduleError)) throw error;
      person.refuse(error, text);
    }
  }
}

function checkedZone(text: string): string {
  if (zoneOf(text)) return text;
  const meant = nearestZone(text);
  const hint = meant ? `Did you mean \`${meant}\`?` : 'Zones are named like Europe/Berlin.';
  throw new EarlidError('unknown-zone', { zone: text, hint });
}

async function askGates(
  person: Person,
  boards: readonly FoundBoard[],
): Promise<Pick<SetupGate, 'name' | 'link'>[]> {
  const gates: Pick<SetupGate, 'name' | 'link'>[] = [];
  const nameOf = (proposed: string, mayLeaveOut: boolean) => (text: string) => {
    const name = text || proposed;
    if (mayLeaveOut && name === LEFT_OUT) return null;
    if (!NAME.test(name)) throw wrong(`\`${name}\` is no name`, 'At most 32 small letters, digits, - and _.');
    if (gates.some((gate) => gate.name === name))
      throw wrong(`${name} is taken`, 'Each gate has a name of its own.');
    return name;
  };
  for (const { path, words } of boards) {
    person.say('', path, `  ${words}`);
    const free =
      NAMES.find((name) => !gates.some((gate) => gate.name === name)) ?? `gate-${gates.length + 1}`;
    const question = `Name of this gate, or ${LEFT_OUT} to leave it out [${free}] `;
    const name = await repeat(person, question, nameOf(free, true));
    if (name !== null) gates.push({ name, link: { serial: path } });
  }
  if (gates.length > 0) return gates;
  person.say(
    '',
    `${boards.length === 0 ? 'No board is plugged in' : 'No board is taken'}: an emulated one shows how it works.`,
  );
  const name = await repeat(person, 'Its name [demo] ', nameOf('demo', false));
  return [{ name: name!, link: { bench: 'uno-relay' } }];
}

async function askSpeaker(
  person: Person,
  kinds: readonly SpeakerKind[],
): Promise<Pick<SetupGate, 'kind' | 'readyAfter'>> {
  person.say(...kinds.map(({ name }, i) => `  ${String(i + 1).padStart(2)}  ${name}`));
  const kind = await repeat(
    person,
    'Which speaker, by its number or a word of your own? [not said] ',
    (text) => {
      if (text === '') return null;
      const found = /^\d+$/.test(text) ? kinds[Number(text) - 1] : kinds.find(({ id }) => id === text);
      if (found) return found;
      if (/^\d+$/.test(text))
        throw wrong(`there is no speaker ${text}`, `The list goes from 1 to ${kinds.length}.`);
      if (!KIND.test(text))
        throw wrong(`\`${text}\` is no kind of speaker`, 'Small letters, digits and -, such as echo-dot-5.');
      return { id: text, name: text, build: null };
    },
  );
  if (kind?.build !== 'relay-supply') return { kind: kind?.id ?? null, readyAfter: null };
  const question = `Its gate switches its supply. How long does it take to start? [${READY_AFTER}] `;
  const readyAfter = await repeat(person, question, (text) => {
    const ms = parseDuration(text || READY_AFTER);
    if (ms === null || ms > 5 * 60_000)
      throw wrong(`\`${text}\` is no time to start`, 'Such as 45s, at most 5m.');
    return text || READY_AFTER;
  });
  return { kind: kind.id, readyAfter };
}

/** Refuses what `earlid config check` would refuse as well. */
function checkedSchedule(
  text: string,
  zone: string,
  now: number,
): { readonly schedule: string | null; readonly sun: boolean } {
  if (text === '') return { schedule: null, sun: false };
  const { rules } = parseSchedule(text);
  const sun = rules.some(({ windows }) => windows.some(({ start, end }) => 'sun' in start || 'sun' in end));
  const gate = { name: 'gate', link: { bench: 'uno-relay' }, kind: null, readyAfter: null, schedule: text };
  const no = (detail: string) =>
    new EarlidError('bad-schedule', { detail, hint: 'More can be added to the file later.' });
  let config: Config;
  try {
    const place = sun ? { latitude: 0, longitude: 0 } : null;
    config = parseConfig(setupText({ zone, place, gates: [gate] }), '', now);
  } catch (error) {
    if (!(error instanceof EarlidError)) throw error;
    const [problem] = error.view.problems as readonly ConfigProblem[];
    throw no(problem?.message ?? error.message);
  }
  const [over] = compile(config, { isHoliday: () => null, now }).over;
  if (over) throw no(over.message);
  return { schedule: text, sun };
}

function checkedPlace(text: string): { readonly latitude: number; readonly longitude: number } {
  if (text === '')
    throw wrong(
      'this schedule asks for the sun, and nobody has said where',
      'Latitude and longitude in degrees, such as 52.52 13.40. Without anybody to ask, leave the sun out.',
    );
  const [latitude, longitude, ...more] = text.split(/[\s,]+/).map(Number);
  const within = (value: number | undefined, most: number) => value !== undefined && Math.abs(value) <= most;
  if (within(latitude, 90) && within(longitude, 180) && more.length === 0)
    return { latitude: latitude!, longitude: longitude! };
  throw wrong(`\`${text}\` is no place`, 'Latitude and longitude in degrees, such as 52.52 13.40.');
}
