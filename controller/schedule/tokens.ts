/** The text of a schedule in pieces. Pure. */
import { ScheduleError } from './schedule.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'sign';
  readonly text: string;
  /** In code points. */
  readonly position: number;
  readonly length: number;
}

/** A household's longest schedule has some hundred characters. */
export const MAX_SCHEDULE = 4_096;
const SIGNS = ':;,-+/()';

/** Throws a `ScheduleError` at the first character that no schedule has. */
export function tokens(text: string): Token[] {
  if (text.length > MAX_SCHEDULE)
    throw new ScheduleError({
      message: `a schedule of ${text.length} characters is too long`,
      hint: `at most ${MAX_SCHEDULE}; dates of holidays belong into a calendar`,
      position: 0,
      length: 1,
    });
  const points = [...text];
  const found: Token[] = [];
  let at = 0;
  while (at < points.length) {
    const point = points[at]!;
    if (/\s/.test(point)) {
      at++;
      continue;
    }
    const kind = SIGNS.includes(point)
      ? 'sign'
      : /\d/.test(point)
        ? 'number'
        : /[A-Za-z]/.test(point)
          ? 'word'
          : null;
    if (kind === null) throw strange(point, at);
    const from = at++;
    const more = kind === 'number' ? /\d/ : /[A-Za-z]/;
    while (kind !== 'sign' && at < points.length && more.test(points[at]!)) at++;
    found.push({ kind, text: points.slice(from, at).join(''), position: from, length: at - from });
  }
  return found;
}

const HINTS = [
  { of: '–—−', hint: 'write the plain hyphen: 07:00-08:30' },
  { of: '.', hint: 'times are written 07:30, dates Dec 24 or 2026 Dec 24' },
  { of: '"“”„‘’`\'', hint: 'leave out the quotation marks' },
] as const;

function strange(point: string, position: number): ScheduleError {
  return new ScheduleError({
    message: `${shown(point)} has no meaning in a schedule`,
    hint: HINTS.find(({ of }) => of.includes(point))?.hint ?? 'a schedule looks like Mo-Fr 07:00-08:30',
    position,
    length: 1,
  });
}

/** What a terminal would act on, or nobody could see, by its number. */
function shown(point: string): string {
  if (!/[\p{C}\p{Z}\p{M}]/u.test(point)) return `“${point}”`;
  return `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

const LONGEST_QUOTE = 20;

/** A piece of the text, for a message of one line. */
export function quoted(text: string): string {
  return `“${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text}”`;
}
