/** Text to schedule. Pure. Says of a text that is none what is wrong, where, and what was probably meant. */
import { conflicts } from './conflicts.ts';
import {
  type CalendarDay,
  type DayRange,
  type Days,
  type Rule,
  type Schedule,
  ScheduleError,
  SUN_EVENTS,
  type SunEvent,
  type TimePoint,
  type Weekday,
  type Window,
} from './schedule.ts';
import { quoted, type Token, tokens } from './tokens.ts';

export const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const;
export const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const MINUTES_A_DAY = 1_440;
const HOURS = 'hours 00-24, minutes 00-59; for a window past midnight write 22:00-07:00';
const EXAMPLE = 'a schedule looks like Mo-Fr 07:00-08:30; Sa,Su 09:00-23:00; PH off';
const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;

/** Throws a `ScheduleError`. */
export function parseSchedule(text: string): Schedule {
  const rules = new Parser(text).rules();
  conflicts(rules);
  return { rules };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
    this.#end = [...text.trimEnd()].length;
  }

  rules(): Rule[] {
    if (this.#tokens.length === 0) this.#fail(null, 'there is no schedule here', EXAMPLE);
    const rules = [this.#rule(true)];
    for (let token = this.#take(); token; token = this.#take()) {
      if (token.text !== ';' && token.text !== ',')
        this.#fail(token, `${quoted(token.text)} is not expected here`, 'rules are joined by `;` or `,`');
      if (!this.#peek())
        this.#fail(token, `nothing follows this “${token.text}”`, 'leave it out, or write another rule');
      rules.push(this.#rule(token.text === ';'));
    }
    return rules;
  }

  #rule(replaces: boolean): Rule {
    const first = this.#peek();
    const position = first?.position ?? this.#end;
    const always = this.#always();
    const days = always ? EVERY_DAY : this.#days();
    const windows = always ? [WHOLE_DAY] : this.#times();
    const last = this.#tokens[this.#next - 1]!;
    return { days, windows, replaces, position, length: last.position + last.length - position };
  }

  #always(): boolean {
    const [hours, slash, days] = this.#tokens.slice(this.#next, this.#next + 3);
    if (hours?.text !== '24' || slash?.text !== '/' || days?.text !== '7') return false;
    this.#next += 3;
    return true;
  }

  #days(): Days {
    const dates = this.#dates();
    const weekdays: Weekday[] = [];
    let publicHolidays = false;
    for (let isMore = this.#startsDay(); isMore; isMore = this.#moreDays()) {
      const token = this.#take()!;
      if (token.text === 'PH') publicHolidays = true;
      else weekdays.push(...this.#weekdays(token));
    }
    const isLimited = weekdays.length > 0 || publicHolidays;
    return {
      dates,
      weekdays: isLimited ? ([...new Set(weekdays)].sort((a, b) => a - b) as Weekday[]) : null,
      publicHolidays,
    };
  }

  #startsDay(): boolean {
    const token = this.#peek();
    if (token?.kind !== 'word' || isTimeWord(token.text)) return false;
    if (isDay(token.text)) return true;
    this.#failWord(token);
  }

  #failWord(token: Token): never {
    const meant = meantBy(token.text);
    this.#fail(
      token,
      `${quoted(token.text)} is not a day, a month or a time`,
      meant ? `write ${meant}` : `days are ${WEEKDAYS.join(' ')} PH, months ${MONTHS[0]} to ${MONTHS[11]}`,
    );
  }

  /** A comma between days, not one before the next rule. */
  #moreDays(): boolean {
    const [comma, next] = this.#tokens.slice(this.#next, this.#next + 2);
    if (comma?.text !== ',' || next?.kind !== 'word' || !isDay(next.text)) return false;
    this.#next++;
    return true;
  }

  #weekdays(from: Token): Weekday[] {
    const start = WEEKDAYS.indexOf(from.text as (typeof WEEKDAYS)[number]);
    if (!this.#is('-')) return [start as Weekday];
    const to = this.#take();
    const end = WEEKDAYS.indexOf((to?.text ?? '') as (typeof WEEKDAYS)[number]);
    if (end < 0) this.#fail(to, 'a range of days ends with a day', 'such as Mo-Fr');
    if (end === start) this.#fail(to, 'this range is a single day', `write ${from.text}`);
    const count = ((end - start + 7) % 7) + 1;
    return Array.from({ length: count }, (_, i) => ((start + i) % 7) as Weekday);
  }

  #dates(): readonly DayRange[] | null {
    const ranges: DayRange[] = [];
    for (let isMore = this.#startsDate(); isMore; isMore = this.#moreDates()) ranges.push(this.#dateRange());
    return ranges.length > 0 ? ranges : null;
  }

  #startsDate(at = this.#next): boolean {
    const [token, after] = this.#tokens.slice(at, at + 2);
    if (token?.kind === 'word') return isMonth(token.text);
    return token?.kind === 'number' && token.length === 4 && after?.kind === 'word' && isMonth(after.text);
  }

  #moreDates(): boolean {
    if (this.#peek()?.text !== ',' || !this.#startsDate(this.#next + 1)) return false;
    this.#next++;
    return true;
  }

  #dateRange(): DayRange {
    const begin = this.#peek()!;
    const year = this.#year();
    const month = this.#month();
    const day = this.#dayOfMonth(month, year);
    const from = { year, month, day: day ?? 1 };
    if (!this.#is('-')) return { from, to: { year, month, day: day ?? lastDay(month, year) } };
    const yearToken = this.#peek();
    const toYear = yearToken?.length === 4 && this.#startsDate() ? this.#year() : year;
    if (year === null && toYear !== null)
      this.#fail(yearToken, 'only the end of these dates has a year', 'write both years, or none');
    const isNamed = this.#peek()?.kind === 'word' || day === null;
    const toMonth = isNamed ? this.#month() : month;
    const toDay = this.#dayOfMonth(toMonth, toYear);
    if (day !== null && toDay === null)
      this.#fail(this.#peek(), 'a range of dates ends with a day', 'such as Dec 24-26');
    const to = { year: toYear, month: toMonth, day: toDay ?? lastDay(toMonth, toYear) };
    if ((year !== null || !isNamed) && order(from, to) > 0)
      this.#fail(
        begin,
        'these dates end before they begin',
        year !== null && yearToken?.kind === 'word'
          ? `write the year of the end too, such as ${year} Dec 24-${year + 1} Jan 2`
          : 'write the earlier date first',
      );
    return { from, to };
  }

  #year(): number | null {
    const token = this.#peek();
    if (token?.kind !== 'number') return null;
    const year = Number(token.text);
    if (year < FIRST_YEAR || year > LAST_YEAR)
      this.#fail(token, `${quoted(token.text)} is not a year`, `years from ${FIRST_YEAR} to ${LAST_YEAR}`);
    this.#next++;
    return year;
  }

  #month(): number {
    const token = this.#take();
    const month = MONTHS.indexOf((token?.text ?? '') as (typeof MONTHS)[number]);
    if (month < 0) this.#fail(token, 'a month is expected here', `months are ${MONTHS.join(' ')}`);
    return month + 1;
  }

  /** Null for the whole month: what follows is no number, or the hour of a time. */
  #dayOfMonth(month: number, year: number | null): number | null {
    const [token, after] = this.#tokens.slice(this.#next, this.#next + 2);
    if (token?.kind !== 'number' || after?.text === ':') return null;
    const day = Number(token.text);
    const last = lastDay(month, year);
    if (day < 1 || day > last)
      this.#fail(token, `${MONTHS[month - 1]} has no day ${quoted(token.text)}`, `days from 1 to ${last}`);
    this.#next++;
    return day;
  }

  #times(): readonly Window[] {
    const token = this.#peek();
    if (token?.text === 'off' || token?.text === 'closed') {
      this.#next++;
      return [];
    }
    if (!token || !this.#startsTime(this.#next)) this.#failTime(token);
    const windows = [this.#window()];
    while (this.#peek()?.text === ',' && this.#startsTime(this.#next + 1)) {
      this.#next++;
      windows.push(this.#window());
    }
    return windows;
  }

  /** Where a list of days goes on with something that is no day, that is what is wrong. */
  #failTime(token: Token | null): never {
    const after = this.#tokens[this.#next + 1];
    if (token?.text === ',' && after?.kind === 'word' && !isDay(after.text) && !isMonth(after.text))
      this.#failWord(after);
    if (token?.text === ',' && after?.kind === 'number')
      this.#fail(after, 'a date begins with its month', 'such as Dec 24,Dec 31');
    if (token && isMonth(token.text))
      this.#fail(token, 'dates stand before the days of the week', 'such as Dec 24-26 Mo 07:00-08:30');
    if (token?.kind === 'number')
      this.#fail(token, 'a month is expected after a year', `such as ${token.text} Dec 24`);
    this.#fail(token, 'a time is expected here', 'such as 07:00-08:30, or `off`');
  }

  #startsTime(at: number): boolean {
    const [token, after] = this.#tokens.slice(at, at + 2);
    if (token?.text === '(') return true;
    if (token?.kind === 'word') return isSun(token.text);
    // A year begins a date.
    return token?.kind === 'number' && !(token.length === 4 && after?.kind === 'word');
  }

  #window(): Window {
    const first = this.#peek()!;
    const start = this.#point(false);
    if (!this.#is('-'))
      this.#fail(this.#peek(), 'a window has a start and an end', 'write them with a hyphen: 07:00-08:30');
    const end = this.#point(true);
    const last = this.#tokens[this.#next - 1]!;
    if (samePoint(start, end))
      this.#failAt(
        first.position,
        last.position + last.length - first.position,
        'this window is empty',
        'for the whole day write 00:00-24:00 or 24/7',
      );
    return { start, end };
  }

  #point(isEnd: boolean): TimePoint {
    const token = this.#take();
    if (token?.kind === 'word') {
      if (!isSun(token.text))
        this.#fail(
          token,
          `${quoted(token.text)} is not a time of day`,
          `the sun has ${SUN_EVENTS.join(', ')}`,
        );
      return { sun: token.text as SunEvent, offsetMinutes: 0 };
    }
    if (token?.text === '(') return this.#offsetPoint();
    if (token?.kind !== 'number') this.#fail(token, 'a time of day is expected here', HOURS);
    return { minute: this.#clock(token, isEnd) };
  }

  #offsetPoint(): TimePoint {
    const event = this.#take();
    if (!event || !isSun(event.text))
      this.#fail(event, 'a sun event is expected here', 'such as (sunset-00:30)');
    const sign = this.#take();
    if (sign?.text !== '+' && sign?.text !== '-')
      this.#fail(sign, 'an offset with + or - is expected here', 'such as (sunset-00:30)');
    const hours = this.#take();
    if (hours?.kind !== 'number')
      this.#fail(hours, 'an offset is a number of hours and minutes', 'such as 00:30');
    const minutes = this.#clock(hours, false);
    if (minutes > MINUTES_A_DAY / 2)
      this.#fail(hours, 'an offset of more than 12 hours', 'take the next sun event instead');
    const close = this.#take();
    if (close?.text !== ')') this.#fail(close, 'a `)` is expected here', 'such as (sunset-00:30)');
    return { sun: event.text as SunEvent, offsetMinutes: sign.text === '-' ? 0 - minutes : minutes };
  }

  #clock(hours: Token, isEnd: boolean): number {
    const [colon, minutes] = this.#tokens.slice(this.#next, this.#next + 2);
    const isWhole = colon?.text === ':' && minutes?.kind === 'number';
    const text = isWhole ? `${hours.text}:${minutes.text}` : hours.text;
    const length = isWhole ? minutes.position + minutes.length - hours.position : hours.length;
    const value = Number(hours.text) * 60 + Number(minutes?.text);
    const isTime = isWhole && hours.length <= 2 && minutes.length === 2 && Number(minutes.text) < 60;
    if (!isTime || value > MINUTES_A_DAY)
      this.#failAt(
        hours.position,
        length,
        `${quoted(text)} is not a time of day`,
        colon?.text === '/' ? '24/7 stands alone; for whole days write 00:00-24:00' : HOURS,
      );
    if (value === MINUTES_A_DAY && !isEnd)
      this.#failAt(hours.position, length, '24:00 is only the end of a day', 'a day begins at 00:00');
    this.#next += 2;
    return value;
  }

  #peek(): Token | null {
    return this.#tokens[this.#next] ?? null;
  }

  #take(): Token | null {
    const token = this.#peek();
    if (token) this.#next++;
    return token;
  }

  #is(text: string): boolean {
    if (this.#peek()?.text !== text) return false;
    this.#next++;
    return true;
  }

  #fail(token: Token | null, message: string, hint: string): never {
    return this.#failAt(token?.position ?? this.#end, token?.length ?? 1, message, hint);
  }

  #failAt(position: number, length: number, message: string, hint: string): never {
    throw new ScheduleError({ message, hint, position, length });
  }
}

const EVERY_DAY: Days = { weekdays: null, publicHolidays: false, dates: null };
const WHOLE_DAY: Window = { start: { minute: 0 }, end: { minute: MINUTES_A_DAY } };

const isSun = (text: string): boolean => (SUN_EVENTS as readonly string[]).includes(text);
const isTimeWord = (text: string): boolean => isSun(text) || text === 'off' || text === 'closed';
const isDay = (text: string): boolean => text === 'PH' || (WEEKDAYS as readonly string[]).includes(text);
const isMonth = (text: string): boolean => (MONTHS as readonly string[]).includes(text);

/** What somebody meant by a word that differs in its case or is longer, null when nobody knows. */
function meantBy(word: string): string | null {
  const lower = word.toLowerCase();
  const times = [...SUN_EVENTS, 'off', 'closed'].find((time) => time === lower);
  const month = MONTHS.find((name) => lower.startsWith(name.toLowerCase()));
  const day = [...WEEKDAYS, 'PH'].find((name) => lower.startsWith(name.toLowerCase()));
  return times ?? (lower.startsWith('mon') ? 'Mo' : (month ?? day ?? null));
}

function lastDay(month: number, year: number | null): number {
  if (month !== 2 || year === null) return MONTH_DAYS[month - 1]!;
  return year % 4 === 0 ? 29 : 28;
}

function order(a: CalendarDay, b: CalendarDay): number {
  return (a.year ?? 0) - (b.year ?? 0) || a.month - b.month || a.day - b.day;
}

function samePoint(a: TimePoint, b: TimePoint): boolean {
  if ('minute' in a) return 'minute' in b && a.minute === b.minute;
  return 'sun' in b && a.sun === b.sun && a.offsetMinutes === b.offsetMinutes;
}
