/** Text to schedule. Pure. Says of a text that is none what is wrong, where, and what was probably meant. */
import { conflicts } from './conflicts.ts';
import { readDays } from './parse-days.ts';
import { MINUTES_A_DAY, readTimes } from './parse-times.ts';
import { Reader } from './reader.ts';
import type { Days, Rule, Schedule, Window } from './schedule.ts';
import { quoted } from './tokens.ts';

const EXAMPLE = 'a schedule looks like Mo-Fr 07:00-08:30; Sa,Su 09:00-23:00; PH off';

/** Throws a `ScheduleError`. */
export function parseSchedule(text: string): Schedule {
  const rules = readRules(new Reader(text));
  conflicts(rules);
  return { rules };
}

function readRules(reader: Reader): Rule[] {
  if (!reader.peek()) reader.fail(null, 'there is no schedule here', EXAMPLE);
  const rules = [readRule(reader, true)];
  for (let token = reader.take(); token; token = reader.take()) {
    if (token.text !== ';' && token.text !== ',')
      reader.fail(token, `${quoted(token.text)} is not expected here`, 'rules are joined by `;` or `,`');
    if (!reader.peek())
      reader.fail(token, `nothing follows this “${token.text}”`, 'leave it out, or write another rule');
    rules.push(readRule(reader, token.text === ';'));
  }
  return rules;
}

function readRule(reader: Reader, replaces: boolean): Rule {
  const { position } = reader;
  const isAlways = readAlways(reader);
  const about = isAlways ? EVERY_DAY : readDays(reader);
  const windows = isAlways ? [WHOLE_DAY] : readTimes(reader);
  return { days: about, windows, replaces, position, length: reader.lengthFrom(position) };
}

function readAlways(reader: Reader): boolean {
  const [hours, slash, week] = reader.ahead(3);
  if (hours?.text !== '24' || slash?.text !== '/' || week?.text !== '7') return false;
  reader.skip(3);
  return true;
}

const EVERY_DAY: Days = { weekdays: null, publicHolidays: false, dates: null };
const WHOLE_DAY: Window = { start: { minute: 0 }, end: { minute: MINUTES_A_DAY } };
