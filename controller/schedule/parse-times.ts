/** The windows of a rule: `07:00-08:30,17:00-22:00`, `(sunset-00:30)-24:00`, `off`. Pure. */
import { isDay, isMonth, isSun } from './names.ts';
import { failWord } from './parse-days.ts';
import type { Reader } from './reader.ts';
import { SUN_EVENTS, type SunEvent, type TimePoint, type Window } from './schedule.ts';
import { quoted, type Token } from './tokens.ts';

export const MINUTES_A_DAY = 1_440;
const HOURS = 'hours 00-24, minutes 00-59; for a window past midnight write 22:00-07:00';

/** Reads them, or throws a `ScheduleError`. */
export function readTimes(reader: Reader): readonly Window[] {
  const token = reader.peek();
  if (token?.text === 'off' || token?.text === 'closed') {
    reader.skip(1);
    return [];
  }
  if (!token || !startsTime(reader, 0)) failTime(reader, token);
  const windows = [readWindow(reader)];
  while (reader.peek()?.text === ',' && startsTime(reader, 1)) {
    reader.skip(1);
    windows.push(readWindow(reader));
  }
  return windows;
}

/** Where a list of days goes on with something that is no day, that is what is wrong. */
function failTime(reader: Reader, token: Token | null): never {
  const after = reader.ahead(2)[1];
  if (token?.text === ',' && after?.kind === 'word' && !isDay(after.text) && !isMonth(after.text))
    failWord(reader, after);
  if (token?.text === ',' && after?.kind === 'number')
    reader.fail(after, 'a date begins with its month', 'such as Dec 24,Dec 31');
  if (token && isMonth(token.text))
    reader.fail(token, 'dates stand before the days of the week', 'such as Dec 24-26 Mo 07:00-08:30');
  if (token?.kind === 'number')
    reader.fail(token, 'a month is expected after a year', `such as ${token.text} Dec 24`);
  reader.fail(token, 'a time is expected here', 'such as 07:00-08:30, or `off`');
}

function startsTime(reader: Reader, at: number): boolean {
  const [token, after] = reader.ahead(2, at);
  if (token?.text === '(') return true;
  if (token?.kind === 'word') return isSun(token.text);
  // A year begins a date.
  return token?.kind === 'number' && !(token.length === 4 && after?.kind === 'word');
}

function readWindow(reader: Reader): Window {
  const { position } = reader;
  const start = readPoint(reader, false);
  if (!reader.is('-'))
    reader.fail(reader.peek(), 'a window has a start and an end', 'write them with a hyphen: 07:00-08:30');
  const end = readPoint(reader, true);
  if (samePoint(start, end))
    reader.failAt(
      position,
      reader.lengthFrom(position),
      'this window is empty',
      'for the whole day write 00:00-24:00 or 24/7',
    );
  return { start, end };
}

function readPoint(reader: Reader, isEnd: boolean): TimePoint {
  const token = reader.take();
  if (token?.kind === 'word') {
    if (!isSun(token.text))
      reader.fail(
        token,
        `${quoted(token.text)} is not a time of day`,
        `the sun has ${SUN_EVENTS.join(', ')}`,
      );
    return { sun: token.text as SunEvent, offsetMinutes: 0 };
  }
  if (token?.text === '(') return readOffset(reader);
  if (token?.kind !== 'number') reader.fail(token, 'a time of day is expected here', HOURS);
  return { minute: readClock(reader, token, isEnd) };
}

function readOffset(reader: Reader): TimePoint {
  const event = reader.take();
  if (!event || !isSun(event.text))
    reader.fail(event, 'a sun event is expected here', 'such as (sunset-00:30)');
  const sign = reader.take();
  if (sign?.text !== '+' && sign?.text !== '-')
    reader.fail(sign, 'an offset with + or - is expected here', 'such as (sunset-00:30)');
  const hours = reader.take();
  if (hours?.kind !== 'number')
    reader.fail(hours, 'an offset is a number of hours and minutes', 'such as 00:30');
  const minutes = readClock(reader, hours, false);
  if (minutes > MINUTES_A_DAY / 2)
    reader.fail(hours, 'an offset of more than 12 hours', 'take the next sun event instead');
  const close = reader.take();
  if (close?.text !== ')') reader.fail(close, 'a `)` is expected here', 'such as (sunset-00:30)');
  return { sun: event.text as SunEvent, offsetMinutes: sign.text === '-' ? 0 - minutes : minutes };
}

function readClock(reader: Reader, hours: Token, isEnd: boolean): number {
  const [colon, minutes] = reader.ahead(2);
  const isWhole = colon?.text === ':' && minutes?.kind === 'number';
  const text = isWhole ? `${hours.text}:${minutes.text}` : hours.text;
  const length = isWhole ? minutes.position + minutes.length - hours.position : hours.length;
  const value = Number(hours.text) * 60 + Number(minutes?.text);
  const isTime = isWhole && hours.length <= 2 && minutes.length === 2 && Number(minutes.text) < 60;
  if (!isTime || value > MINUTES_A_DAY)
    reader.failAt(
      hours.position,
      length,
      `${quoted(text)} is not a time of day`,
      colon?.text === '/' ? '24/7 stands alone; for whole days write 00:00-24:00' : clockHint(hours, colon),
    );
  if (value === MINUTES_A_DAY && !isEnd)
    reader.failAt(hours.position, length, '24:00 is only the end of a day', 'a day begins at 00:00');
  reader.skip(2);
  return value;
}

/** How `7`, `7pm` or `0730` is written. */
function clockHint({ text, length }: Token, after: Token | undefined): string {
  const half = after?.kind === 'word' ? /^([ap])m$/i.exec(after.text)?.[1]?.toLowerCase() : undefined;
  const [hour, minute] = length <= 2 ? [Number(text), '00'] : [Number(text.slice(0, -2)), text.slice(-2)];
  const isPlain = length <= 4 && hour <= (half ? 12 : 23) && Number(minute) < 60 && after?.text !== ':';
  if (!isPlain) return HOURS;
  const whole = half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour;
  return `write ${String(whole).padStart(2, '0')}:${minute}`;
}

function samePoint(a: TimePoint, b: TimePoint): boolean {
  if ('minute' in a) return 'minute' in b && a.minute === b.minute;
  return 'sun' in b && a.sun === b.sun && a.offsetMinutes === b.offsetMinutes;
}
