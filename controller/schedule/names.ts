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

/** What somebody meant by a word that differs in its case or is longer, null when nobody knows. */
export function meantBy(word: string): string | null {
  const lower = word.toLowerCase();
  const times = [...SUN_EVENTS, 'off', 'closed'].find((time) => time === lower);
  const month = MONTHS.find((name) => lower.startsWith(name.toLowerCase()));
  const day = [...WEEKDAYS, 'PH'].find((name) => lower.startsWith(name.toLowerCase()));
  return times ?? (lower.startsWith('mon') ? 'Mo' : (month ?? day ?? null));
}
