/** The words of schedules. */
import { SUN_EVENTS } from './schedule.ts';

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
export const isSun = (text: string): boolean => (SUN_EVENTS as readonly string[]).includes(text);
export const isTimeWord = (text: string): boolean => isSun(text) || text === 'off' || text === 'closed';
export const isDay = (text: string): boolean =>
  text === 'PH' || (WEEKDAYS as readonly string[]).includes(text);
export const isMonth = (text: string): boolean => (MONTHS as readonly string[]).includes(text);

/** What people write instead, in whole: in English, and in German, whose `Mo`, `Fr` and `Sa` make the others seem right. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  Mo: ['monday', 'montag'],
  Tu: ['tuesday', 'dienstag'],
  We: ['wednesday', 'mittwoch'],
  Th: ['thursday', 'donnerstag'],
  Fr: ['friday', 'freitag'],
  Sa: ['saturday', 'samstag'],
  Su: ['sunday', 'sonntag'],
  'Mo-Fr': ['weekdays', 'workdays', 'werktags'],
  'Sa,Su': ['weekends', 'wochenende'],
  Jan: ['january', 'januar'],
  Feb: ['february', 'februar'],
  Mar: ['march'],
  Apr: ['april'],
  May: ['may', 'mai'],
  Jun: ['june', 'juni'],
  Jul: ['july', 'juli'],
  Aug: ['august'],
  Sep: ['september'],
  Oct: ['october', 'oktober'],
  Nov: ['november'],
  Dec: ['december', 'dezember'],
  PH: ['ph', 'holidays'],
};

/** What somebody meant by a word that differs in its case, its length or its language, null when nobody knows. */
export function meantBy(word: string): string | null {
  const lower = word.toLowerCase();
  const time = [...SUN_EVENTS, 'off', 'closed'].find((each) => each === lower);
  if (time !== undefined || lower.length < 2) return time ?? null;
  // Two letters make a day; `ma` or `ju` is no month yet.
  const isMeant = (name: string) => (whole: string) =>
    (lower.length >= name.length && whole.startsWith(lower)) || `${whole}s` === lower;
  return Object.keys(MEANT).find((name) => MEANT[name]!.some(isMeant(name))) ?? null;
}
