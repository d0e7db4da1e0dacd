/** Section 7 of the design, sentence by sentence: facts and the clock. Each with the sequence that breaks a careless controller. */
import { describe, expect, test } from '@jest/globals';
import { at, HOUR, kitchen, MAT, MINUTE, MOTION, passHeard, REST, SECOND } from './household.ts';
import type { Parlour } from './parlour.ts';

describe('"Three-valued throughout. A fact\'s age is the time since its source last stood behind the value, not since it changed"', () => {
  test('S4 `guests` was switched off three days ago and never sent again: it is off, and a kept value needs no word', async () => {
    const parlour = kitchen('2026-11-23T12:00');
    parlour.pass(3 * 24 * HOUR);
    expect((await parlour.command('unmute')).ok).toBe(true);
    parlour.pass(5 * MINUTE);
    expect(parlour.listens).toBe(true);
  });

  test('S4 an input that was off three days ago and was not heard since may be on', async () => {
    const parlour = kitchen('2026-11-23T12:00', '\nnever:\n  - { if: asleep }\n');
    parlour.tell(MAT, false);
    expect((await parlour.command('unmute', HOUR)).ok).toBe(true);
    parlour.pass(MINUTE - 1);
    expect(parlour.listens).toBe(true);
    parlour.pass(1);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'never-unknown']);
    parlour.pass(3 * 24 * HOUR);
    expect((await parlour.command('unmute')).refusedBy).toBe('never 1');
  });

  test('an input that has been off for three days and says so every second is off', async () => {
    const parlour = kitchen('2026-11-26T12:00', '\nnever:\n  - { if: asleep }\n');
    passHeard(parlour, HOUR, { [MAT]: false });
    expect((await parlour.command('unmute', HOUR)).ok).toBe(true);
    passHeard(parlour, HOUR - SECOND, { [MAT]: false });
    expect(parlour.listens).toBe(true);
  });
});

describe('"`max_age` defaults to 60 s live, 24 h for calendars."', () => {
  const CALENDAR = '\nnever:\n  - { calendar: work }\n';
  const WITH = `${REST}calendars:\n  work: { file: work.ics }\n`;

  test('S4 a calendar is believed as far as it was read, and not beyond', async () => {
    const parlour = kitchen(at('12:00'), CALENDAR, WITH);
    expect((await parlour.command('unmute')).refusedBy).toBe('never 1');
    parlour.read('work', { until: parlour.wall + HOUR });
    expect((await parlour.command('unmute', 3 * HOUR)).ok).toBe(true);
    parlour.pass(HOUR - 1);
    expect(parlour.listens).toBe(true);
    parlour.pass(1);
    expect([parlour.listens, parlour.reason, parlour.override]).toEqual([false, 'never-unknown', null]);
  });

  test('S4 a call in the calendar ends a grant, and the button reaches to its beginning only', async () => {
    const parlour = kitchen(at('12:00'), CALENDAR, WITH);
    const start = parlour.wall + MINUTE;
    parlour.read('work', { events: [{ start, end: start + HOUR, title: 'call' }] });
    expect(parlour.keeper.verdict).toMatchObject({ buttonMs: 90 * SECOND, buttonUntil: start });
    await parlour.press();
    parlour.pass(MINUTE - 1);
    expect(parlour.listens).toBe(true);
    parlour.pass(1);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'never-rule']);
    parlour.pass(HOUR);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });
});

describe('"The clock is a fact too: unknown until the kernel says it is synchronised … and whenever it is earlier than the newest instant in Earlid\'s own state."', () => {
  test('S4 a clock that wakes in yesterday evening, when it would listen, lets nothing listen', async () => {
    const evenings = '\nlisten:\n  - { schedule: "18:00-21:00" }\n';
    const parlour = kitchen(at('09:00'), evenings);
    await parlour.command('mute');
    parlour.know(false);
    parlour.wall -= 14 * HOUR;
    parlour.restart({ reboot: true });
    await parlour.command('resume');
    parlour.pass(HOUR);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'no-rule']);
    parlour.know(true);
    expect(parlour.listens).toBe(true);
  });

  test('S4 never windows are unknown then, and refuse what would be granted', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('unmute', HOUR);
    parlour.know(false);
    expect([parlour.listens, parlour.reason, parlour.override]).toEqual([false, 'never-unknown', null]);
    expect((await parlour.command('unmute')).refusedBy).toBe('never 2');
    expect(await parlour.press()).toBe(false);
  });

  test('a gate without schedules and calendars goes on as before', async () => {
    const parlour = kitchen(at('12:00'), '\nlisten:\n  - { if: home }\n');
    parlour.know(false);
    parlour.tell(MOTION, true);
    expect(parlour.listens).toBe(true);
  });
});

describe('"Grants end at the earlier of their wall-clock end and their length on a clock that counts suspend; they survive a restart of the process, not of the machine."', () => {
  const granted = async (forMs: number): Promise<Parlour> => {
    const parlour = kitchen(at('12:00'), '');
    await parlour.command('unmute', forMs);
    return parlour;
  };

  test('S2 a clock that is set back lengthens nothing', async () => {
    const parlour = await granted(HOUR);
    parlour.set(at('11:00'));
    parlour.pass(HOUR - 1);
    expect(parlour.listens).toBe(true);
    parlour.pass(1);
    expect(parlour.listens).toBe(false);
  });

  test('S2 a clock that is set forward ends it where its end was told', async () => {
    const parlour = await granted(HOUR);
    parlour.set(at('12:50'));
    expect(parlour.listens).toBe(true);
    parlour.pass(10 * MINUTE);
    expect(parlour.listens).toBe(false);
  });

  test('S2 suspend counts', async () => {
    const parlour = await granted(HOUR);
    parlour.sleep(HOUR);
    expect(parlour.listens).toBe(false);
  });

  test('S2 also when the clock is set back while the machine is suspended', async () => {
    const parlour = await granted(HOUR);
    parlour.wall -= 6 * HOUR;
    parlour.sleep(HOUR);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test('it goes on after a restart of the daemon, with what is left of it', async () => {
    const parlour = await granted(HOUR);
    parlour.pass(20 * MINUTE);
    parlour.restart({ downMs: 20 * MINUTE });
    expect(parlour.listens).toBe(true);
    parlour.pass(20 * MINUTE);
    expect(parlour.listens).toBe(false);
  });

  test('S4 it does not after a restart of the machine, though it would have time left; a hold does', async () => {
    const parlour = await granted(HOUR);
    parlour.restart({ reboot: true });
    parlour.pass(MINUTE);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
    await parlour.command('mute', HOUR);
    parlour.restart({ reboot: true });
    expect(parlour.reason).toBe('hold');
  });
});

describe('"Neither `liveUntil` nor `buttonUntil` passes the verdict\'s `until` or the start of the next never window."', () => {
  test('S4 a grant into the night is told to the gate as ending with the evening', async () => {
    const parlour = kitchen(at('21:00'));
    const { until, override } = await parlour.command('unmute', 3 * HOUR);
    expect(parlour.gate.wanted).toMatchObject({ listen: true, until: parlour.wall + HOUR });
    expect([until, override?.until]).toEqual(['2026-11-26T21:00:00.000Z', '2026-11-26T21:00:00.000Z']);
    parlour.pass(HOUR);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
    parlour.pass(9 * HOUR);
    expect(parlour.listens).toBe(false);
  });

  test('S4 a grant that is nearly there is not lengthened by a later window', async () => {
    const parlour = kitchen(at('21:59:30'));
    expect(parlour.keeper.verdict.buttonUntil).toBe(parlour.wall + 30 * SECOND);
    await parlour.press();
    parlour.pass(30 * SECOND);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'never-rule']);
  });
});
