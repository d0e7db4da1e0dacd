/** Instants as the clock on a wall shows them, for people. Pure. */

/** Puts an instant (ISO 8601) into words: `07:00` on the day of `now`, `Mo 07:00` within six days, else with its date. */
export function wallTimes(zone: string, now: string): (at: string) => string {
  const parts = wallParts(zone);
  const today = parts(now);
  return (at) => {
    const { date, weekday, time } = parts(at);
    if (date === today.date) return time;
    const days = Math.abs(Date.parse(date) - Date.parse(today.date)) / 86_400_000;
    return days <= 6 ? `${weekday} ${time}` : `${date} ${time}`;
  };
}

/** Date, weekday and time of an instant on a wall, seconds only where they are not 0. */
export function wallParts(zone: string): (at: string) => { date: string; weekday: string; time: string } {
  const fields = wallFields(zone);
  return (at) => {
    const { date, weekday, minute, second } = fields(at);
    return { date, weekday, time: second === '00' ? minute : `${minute}:${second}` };
  };
}

/** An instant in full, to the minute: `Mo 2027-03-22 07:00 GMT+1`. */
export function wallClock(zone: string): (at: string) => string {
  const fields = wallFields(zone);
  return (at) => {
    const { date, weekday, minute, offset } = fields(at);
    return `${weekday} ${date} ${minute} ${offset}`;
  };
}

function wallFields(zone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  });
  return (at: string) => {
    const parts = Object.fromEntries(
      format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]),
    ) as Record<Intl.DateTimeFormatPartTypes, string>;
    return {
      date: `${parts.year}-${parts.month}-${parts.day}`,
      weekday: parts.weekday.slice(0, 2),
      minute: `${parts.hour}:${parts.minute}`,
      second: parts.second,
      offset: parts.timeZoneName,
    };
  };
}
