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
  });
  return (at) => {
    const found = Object.fromEntries(
      format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]),
    );
    const { weekday, year, month, day, hour, minute, second } = found;
    return {
      date: `${year}-${month}-${day}`,
      weekday: weekday!.slice(0, 2),
      time: `${hour}:${minute}${second === '00' ? '' : `:${second}`}`,
    };
  };
}
