/** What a daemon knows of days: public holidays and calendars of the configuration that it follows. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../schemas/config.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { SiteConfig } from '../../schemas/rules.ts';
import type { Compiled } from '../config/compile.ts';
import { ToldOnce } from '../network/told-once.ts';
import type { Agendas } from '../policy/facts.ts';
import type { Ask } from '../presence/calendar/apart.ts';
import { Calendars } from '../presence/calendar/calendars.ts';
import { HolidayFile } from '../presence/calendar/holiday-file.ts';
import { siteHolidays } from '../presence/calendar/site-holidays.ts';
import type { IsHoliday } from '../schedule/days.ts';
import { type HolidayList, UNREADABLE } from '../schedule/holidays.ts';
import type { After, Clock } from './clock.ts';
import { writeDurably } from './durable-file.ts';
import { InTurn } from './in-turn.ts';
import type { Log } from './log.ts';

export interface AlmanacOptions {
  /** The state folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  /** An agenda may have changed. */
  readonly onAgendas: () => void;
  /** Other days are holidays than before: schedules must be compiled anew, because they remember their days. */
  readonly onHolidays: () => void;
  readonly onProblem: (key: string, problem: ErrorView | null) => void;
  readonly ask?: Ask | undefined;
}

interface NamedCalendars {
  readonly zone: string | null;
  readonly calendars: Config['calendars'];
  readonly asked: Compiled['agendas'];
}

/** Reads nothing before `follow`. */
export class Almanac {
  readonly #options: AlmanacOptions;
  #site: SiteConfig | null = null;
  #isHoliday: IsHoliday = () => false;
  #ics: HolidayList = UNREADABLE;
  #holidays: HolidayFile | null = null;
  readonly #turns = new InTurn();
  #isOver = false;
  #holidaysOf: unknown = null;
  #calendarsOf: NamedCalendars | null = null;
  /** The calendars that are read, and those that are asked: others until these have been read once. */
  #running: Calendars | null = null;
  #shown: Calendars | null = null;
  #shownOf: NamedCalendars | null = null;
  #expected: Config['calendars'] = [];
  #elsewhere: ReadonlySet<string> = new Set();
  readonly #unreadable: ToldOnce;

  constructor(options: AlmanacOptions) {
    this.#options = options;
    this.#unreadable = new ToldOnce(options.onProblem);
  }

  /** The configuration whose holidays and calendars count from now on, before its schedules are compiled. */
  expect({ site, calendars }: Pick<Config, 'site' | 'calendars'>): void {
    if (site?.holidays?.ics !== this.#site?.holidays?.ics || site?.zone !== this.#site?.zone)
      this.#ics = UNREADABLE;
    this.#site = site;
    this.#isHoliday = siteHolidays(site, this.#ics);
    this.#expected = calendars;
    this.#compare();
  }

  readonly isHoliday: IsHoliday = (...day) => this.#isHoliday(...day);

  /** As they may be believed now. What was read from elsewhere says nothing of a calendar (S4). */
  agendas(): Agendas {
    const agendas = this.#shown?.agendas() ?? new Map();
    if (this.#elsewhere.size === 0) return agendas;
    return new Map([...agendas].filter(([name]) => !this.#elsewhere.has(name)));
  }

  /** Finds the agendas that are shown but come from another place than the configuration names now. */
  #compare(): void {
    const { asked = new Map(), calendars = [] } = this.#shownOf ?? {};
    const placeIn = (among: Config['calendars'], calendar: string) =>
      among.find(({ name }) => name === calendar)?.from;
    this.#elsewhere = new Set(
      [...asked].flatMap(([agenda, { calendar }]) =>
        isDeepStrictEqual(placeIn(calendars, calendar), placeIn(this.#expected, calendar)) ? [] : [agenda],
      ),
    );
  }

  /** Reads what this configuration names from now on, in place of the one before; what stays the same goes on. */
  async follow(config: Config, compiled: Pick<Compiled, 'agendas'>): Promise<void> {
    const calendars = await this.#turns.run(() => this.#begin(config, compiled));
    await calendars?.start();
    // What was read before stands until the same has been read again.
    if (!calendars || this.#running !== calendars) return;
    this.#show(calendars);
    this.#options.onAgendas();
  }

  /** Returns the calendars that are to be read, null when they are already. */
  async #begin(
    { site, calendars }: Config,
    { agendas: asked }: Pick<Compiled, 'agendas'>,
  ): Promise<Calendars | null> {
    const zone = site?.zone ?? null;
    await this.#followHolidays(zone, site?.holidays?.ics ?? null);
    return this.#followCalendars({ zone, calendars, asked });
  }

  async #followHolidays(zone: string | null, file: string | null): Promise<void> {
    if (this.#isOver || isDeepStrictEqual([zone, file], this.#holidaysOf)) return;
    this.#holidaysOf = [zone, file];
    await this.#holidays?.stop();
    this.#holidays = null;
    this.#options.onProblem('holidays', null);
    if (this.#isOver || zone === null || file === null) return;
    this.#holidays = new HolidayFile({
      ...this.#common,
      zone,
      file,
      onList: (list) => {
        this.#ics = list;
        this.#isHoliday = siteHolidays(this.#site, list);
        this.#options.onHolidays();
      },
      onProblem: (why) =>
        this.#options.onProblem(
          'holidays',
          why === null ? null : describe('holidays-unreadable', { file, detail: why }),
        ),
    });
    this.#holidays.start();
  }

  async #followCalendars(named: NamedCalendars): Promise<Calendars | null> {
    if (this.#isOver || isDeepStrictEqual(named, this.#calendarsOf)) return null;
    this.#calendarsOf = named;
    await this.#running?.stop();
    this.#unreadable.clear();
    const { zone } = named;
    const { folder, log, onAgendas } = this.#options;
    this.#running = null;
    if (this.#isOver) return null;
    if (zone === null) {
      this.#show(null);
      return null;
    }
    const next: Calendars = new Calendars({
      ...this.#common,
      ...named,
      zone,
      folder,
      log,
      onChange: () => {
        if (this.#shown === next) onAgendas();
      },
      onProblem: (calendar, why) =>
        this.#unreadable.tell(
          `calendar ${calendar}`,
          why === null ? null : describe('calendar-unreadable', { calendar, detail: why }),
        ),
      writeDurably,
    });
    this.#running = next;
    return next;
  }

  #show(calendars: Calendars | null): void {
    this.#shown = calendars;
    this.#shownOf = calendars && this.#calendarsOf;
    this.#compare();
  }

  /** The clock was set or became known, or the machine woke. */
  look(): void {
    this.#running?.look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#turns.ended();
    await Promise.all([this.#holidays?.stop(), this.#running?.stop()]);
    this.#running = null;
  }

  get #common() {
    const { clock, after, ask } = this.#options;
    return { now: () => clock.now(), after, ...(ask && { ask }) };
  }
}
