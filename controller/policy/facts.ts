/** What rules ask: values that sources tell, and what calendars say. Pure data; whoever observes keeps it. */

/** Three-valued: null is unknown. */
export type Truth = boolean | null;

/** Both are true; unknown where that cannot be told. */
export const both = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true;
export const either = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === null || b === null ? null : false;
export const not = (a: Truth): Truth => (a === null ? null : !a);

/** What one source told. Instants are ms on the clock that counts suspend. */
export interface Fact {
  /** Changes of its value, oldest first; before the first nothing is known. */
  readonly told: readonly { readonly at: number; readonly value: Truth }[];
  /** When its source last stood behind the newest value: its age counts from here. */
  readonly seen: number;
  /** What the source says that it will be by itself, and from when on; left out where it cannot know. */
  readonly then?: { readonly at: number; readonly value: Truth };
  /** What the source said in its own words, such as `home` or `412`; for people. */
  readonly detail: string;
}
/** By the name that `factName` gives. A source that has told nothing yet is missing. Never changed, only replaced. */
export type Facts = ReadonlyMap<string, Fact>;

/** One event of a calendar. Instants in UTC ms, the end not included. */
export interface CalendarEvent {
  readonly start: number;
  readonly end: number;
  readonly title: string;
}
/** The events of a calendar that match, in order of their start. */
export interface Agenda {
  readonly events: readonly CalendarEvent[];
  /** These are all there are from here (UTC ms) … */
  readonly from: number;
  /** … up to here: as far as was looked ahead, or until it is too old to be believed. */
  readonly until: number;
  /** When it was last read (UTC ms), null: never. */
  readonly readAt: number | null;
  /** Why it cannot be read now, null when it can. */
  readonly problem: string | null;
}
/** By the name that `agendaName` gives. One that is missing is unknown. */
export type Agendas = ReadonlyMap<string, Agenda>;

/** Under which name the events of a calendar that match are found. */
export const agendaName = (calendar: string, match: string | null): string =>
  match === null ? calendar : `${calendar} ${match}`;
