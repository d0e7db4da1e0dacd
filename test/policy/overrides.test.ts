/** Section 7 of the design, sentence by sentence: overrides. Each with the sequence that breaks a careless controller. */
import { describe, expect, test } from '@jest/globals';
import { muteByButton } from '../../controller/daemon/commands.ts';
import { at, GUESTS, HOUR, KITCHEN, kitchen, MINUTE, MOTION, passHeard, SECOND } from './household.ts';

describe('"Highest first: fault, lock → muted · never rule true or unknown → muted · override → its side · listen rule definitely true → listen until it changes · otherwise muted"', () => {
  test('S4 each of them beats all below it', async () => {
    const parlour = kitchen(at('07:30'));
    expect([parlour.listens, parlour.reason]).toEqual([false, 'no-rule']);
    parlour.tell(MOTION, true);
    expect([parlour.listens, parlour.reason]).toEqual([true, 'listen-rule']);
    await parlour.command('mute');
    expect([parlour.listens, parlour.reason]).toEqual([false, 'hold']);
    await parlour.command('unmute');
    expect([parlour.listens, parlour.reason]).toEqual([true, 'grant']);
    parlour.tell(GUESTS, true);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'never-rule']);
    parlour.tell(GUESTS, null);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'never-unknown']);
    parlour.gate.set({ locked: true });
    expect([parlour.listens, parlour.reason]).toEqual([false, 'locked']);
    parlour.gate.set({ fault: 'sense-live' });
    expect([parlour.listens, parlour.reason]).toEqual([false, 'fault']);
  });

  test('S4 "listen until it changes": a listen rule that becomes unknown listens no longer, by itself', () => {
    const parlour = kitchen(at('07:30'));
    parlour.tell(MOTION, true);
    parlour.pass(MINUTE - 1);
    expect(parlour.listens).toBe(true);
    parlour.pass(1);
    expect([parlour.listens, parlour.reason]).toEqual([false, 'no-rule']);
  });

  test('S4 nobody looks again and again while nothing changes, whatever decides', () => {
    for (const time of ['12:00', '23:00', '07:30']) {
      const parlour = kitchen(at(time));
      expect(parlour.pass(30 * MINUTE)).toBeLessThan(3);
      parlour.tell(GUESTS, true);
      expect(parlour.pass(30 * MINUTE)).toBeLessThan(3);
    }
  });
});

describe('"A fault, lock or never rule that takes effect ends a grant; it does not come back. A hold stays."', () => {
  test('S4 grant, never for five minutes, then nothing', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('unmute', HOUR);
    parlour.pass(5 * MINUTE);
    parlour.tell(GUESTS, true);
    parlour.pass(5 * MINUTE);
    parlour.tell(GUESTS, false);
    parlour.pass(MINUTE);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test('S4 a never rule that is only unknown for a moment ends it as well', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('unmute', HOUR);
    parlour.tell(GUESTS, null);
    parlour.tell(GUESTS, false);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test('S4 a never window that begins and ends while the machine is suspended ends it', async () => {
    const parlour = kitchen(at('12:00'), '\nnever:\n  - { schedule: "13:00-13:05" }\n');
    await parlour.command('unmute', 4 * HOUR);
    parlour.pass(50 * MINUTE);
    parlour.sleep(20 * MINUTE);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test('S4 a never window that begins and ends while no daemon runs ends it', async () => {
    const parlour = kitchen(at('12:00'), '\nnever:\n  - { schedule: "13:00-13:05" }\n');
    await parlour.command('unmute', 4 * HOUR);
    parlour.pass(50 * MINUTE);
    parlour.restart({ downMs: 20 * MINUTE });
    parlour.pass(MINUTE);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test.each(['locked', 'fault'] as const)(
    'S5 %s, and later not any more: the grant is over',
    async (kind) => {
      const parlour = kitchen(at('12:00'));
      await parlour.command('unmute', HOUR);
      parlour.gate.set(kind === 'locked' ? { locked: true } : { fault: 'sense-live' });
      parlour.pass(MINUTE);
      parlour.gate.set({ locked: false, fault: null });
      parlour.pass(MINUTE);
      expect([parlour.listens, parlour.override]).toEqual([false, null]);
    },
  );

  test('S3 a hold is still there after a never rule, a lock and a fault', async () => {
    const parlour = kitchen(at('07:30'));
    await parlour.command('mute', 30 * MINUTE);
    const { override } = parlour;
    parlour.tell(GUESTS, true);
    parlour.gate.set({ locked: true, fault: 'sense-live' });
    parlour.pass(MINUTE);
    parlour.gate.set({ locked: false, fault: null });
    parlour.tell(GUESTS, false);
    parlour.tell(MOTION, true);
    expect([parlour.listens, parlour.override]).toEqual([false, override]);
  });

  test('S4 a grant is not ended by facts that are merely not heard yet after a start, but by those that are not heard at all', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('unmute', HOUR);
    parlour.restart();
    expect(parlour.listens).toBe(false);
    parlour.pass(9 * SECOND);
    parlour.tell(GUESTS, false);
    expect([parlour.listens, parlour.reason]).toEqual([true, 'grant']);
    parlour.restart();
    parlour.pass(HOUR / 2);
    parlour.tell(GUESTS, false);
    expect([parlour.listens, parlour.override]).toEqual([false, null]);
  });

  test('a grant that is given in the first seconds of a daemon is not ended by what never rules did before', async () => {
    const parlour = kitchen('2026-11-25T21:00');
    await parlour.command('mute');
    parlour.passTo(at('12:00'));
    parlour.restart();
    parlour.tell(GUESTS, false);
    expect((await parlour.command('unmute')).ok).toBe(true);
    parlour.pass(MINUTE);
    expect(parlour.listens).toBe(true);
  });
});

describe('"A hold without an end given lasts to the first instant, at least 15 min later, at which a schedule of the gate\'s listen rules begins by the clock (union of them)."', () => {
  test('a window that begins ten seconds after a mute does not end it: the next one does', async () => {
    const parlour = kitchen(at('06:59:50'));
    const { until } = await parlour.command('mute');
    expect(until).toBe(new Date(Date.UTC(2026, 10, 27, 6)).toISOString());
    passHeard(parlour, 10 * MINUTE, { [MOTION]: true });
    expect([parlour.listens, parlour.reason]).toEqual([false, 'hold']);
    parlour.passTo('2026-11-27T07:00');
    parlour.tell(MOTION, true);
    expect([parlour.listens, parlour.reason]).toEqual([true, 'listen-rule']);
  });

  test.each([
    ['06:45:00', '2026-11-26 07:00:00'],
    ['06:45:01', '2026-11-27 07:00:00'],
    ['08:29:00', '2026-11-27 07:00:00'],
  ])('muted at %s it lasts to %s', async (time, end) => {
    const parlour = kitchen(at(time));
    await parlour.command('mute');
    expect(parlour.override).toBe(`hold by cli, ${end}`);
  });

  test('where one schedule begins while another holds, none begins: they count together', async () => {
    const both =
      '\nlisten:\n  - { schedule: "07:00-12:00" }\n  - { schedule: "10:00-18:00" }\n  - { schedule: "18:00-18:30" }\n';
    const parlour = kitchen(at('08:00'), both);
    await parlour.command('mute');
    expect(parlour.override).toBe('hold by cli, 2026-11-27 07:00:00');
  });

  test('it is the clock that counts: what else its rule asks and what never rules say does not matter', async () => {
    const parlour = kitchen(at('12:00'));
    parlour.tell(GUESTS, true);
    await parlour.command('mute');
    expect(parlour.override).toBe('hold by cli, 2026-11-27 07:00:00');
  });

  test('a schedule of a never rule that ends, or of the night of the LEDs, ends no hold', async () => {
    const parlour = kitchen(
      at('23:00'),
      '\nlisten:\n  - { if: home }\nnever:\n  - { schedule: "22:00-07:00" }\nnight: "20:00-06:00"\n',
    );
    await parlour.command('mute');
    expect(parlour.override).toBe('hold by cli, for good');
  });

  test('a mute over the night in which the clock is put forward ends when the wall shows its time', async () => {
    const parlour = kitchen('2027-03-27T20:00', '\nlisten:\n  - { schedule: "07:00-08:00" }\n');
    await parlour.command('mute');
    parlour.pass(10 * HOUR - 1);
    expect(parlour.listens).toBe(false);
    parlour.pass(1);
    expect(parlour.listens).toBe(true);
  });

  test('while the time is not known nobody knows when a schedule begins: until resumed', async () => {
    const parlour = kitchen(at('12:00'));
    parlour.know(false);
    await parlour.command('mute');
    parlour.know(true);
    expect(parlour.override).toBe('hold by cli, for good');
  });
});

describe('"A fact that changes or becomes known never ends a hold."', () => {
  test('guests come and go, motion flickers, a calendar is read: held', async () => {
    const parlour = kitchen(at('07:30'));
    await parlour.command('mute');
    const { override } = parlour;
    for (const value of [true, null, false, true, false]) {
      parlour.tell(MOTION, value);
      parlour.tell(GUESTS, value);
      parlour.pass(MINUTE);
      parlour.tell(MOTION, true);
      parlour.tell(GUESTS, false);
      expect([parlour.listens, parlour.override]).toEqual([false, override]);
    }
    parlour.restart({ downMs: MINUTE });
    parlour.tell(MOTION, true);
    parlour.tell(GUESTS, false);
    parlour.pass(MINUTE);
    parlour.tell(MOTION, true);
    expect([parlour.listens, parlour.override]).toEqual([false, override]);
  });

  test('also when it is the only listen rule: walking into the basement does not end a mute', async () => {
    const parlour = kitchen(at('07:30'), '\nlisten:\n  - { if: home }\n');
    passHeard(parlour, MINUTE, { [MOTION]: true });
    await parlour.command('mute');
    for (const value of [false, true]) passHeard(parlour, HOUR, { [MOTION]: value });
    expect([parlour.listens, parlour.reason]).toEqual([false, 'hold']);
    expect((await parlour.command('resume')).ok).toBe(true);
    expect(parlour.listens).toBe(true);
  });
});

describe('"Without schedules: until resumed or granted."', () => {
  test('a year later it still is', async () => {
    const parlour = kitchen(at('07:30'), '');
    const { until, override } = await parlour.command('mute');
    expect([until, override?.kind]).toEqual([null, 'hold']);
    parlour.pass(365 * 24 * HOUR);
    expect(parlour.reason).toBe('hold');
    expect((await parlour.command('unmute')).ok).toBe(true);
    expect(parlour.listens).toBe(true);
  });
});

describe('"A grant without a length gets `grants.default` (15 m), the button `button`; longer than `grants.max` (4 h) is refused with the limit."', () => {
  test('by command and by button', async () => {
    const parlour = kitchen(at('12:00'), '\nbutton: 2m\n');
    await parlour.command('unmute');
    expect(parlour.override).toBe('grant by cli, 2026-11-26 12:15:00');
    parlour.pass(SECOND);
    await parlour.press();
    await parlour.press();
    expect(parlour.override).toBe('grant by button, 2026-11-26 12:02:01');
    parlour.pass(2 * MINUTE);
    expect(parlour.listens).toBe(false);
    const { ok, refusedBy, error } = await parlour.command('unmute', 4 * HOUR + 1);
    expect([ok, refusedBy]).toEqual([false, 'grants.max']);
    expect(error?.message).toContain('4h');
    expect((await parlour.command('unmute', 4 * HOUR)).ok).toBe(true);
  });

  test('S2 a grant that runs is not lengthened by one for less time, and ends at the newer end', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('unmute', HOUR);
    await parlour.command('unmute', MINUTE);
    parlour.pass(MINUTE);
    expect(parlour.listens).toBe(false);
  });
});

describe('"`may_unmute` names the sources that may grant, and that may `resume`"', () => {
  test('S4 by default the button and the command line, and nobody else', async () => {
    const parlour = kitchen(at('12:00'));
    for (const command of ['unmute', 'resume'] as const)
      expect(await parlour.command(command, undefined, 'homeassistant')).toMatchObject({
        ok: false,
        refusedBy: 'may_unmute',
        error: { code: 'not-permitted' },
      });
    expect(await parlour.press()).toBe(true);
    expect((await parlour.command('resume')).ok).toBe(true);
  });

  test('S3, S4 who may not unmute may mute, and lengthen a mute, but not shorten the one of somebody else', async () => {
    const parlour = kitchen(at('07:30'), `${KITCHEN}may_unmute: [cli]\n`);
    parlour.tell(MOTION, true);
    expect(parlour.listens).toBe(true);
    expect((await parlour.command('mute', HOUR, 'homeassistant')).ok).toBe(true);
    await parlour.command('mute', MINUTE, 'homeassistant');
    expect(parlour.override).toBe('hold by homeassistant, 2026-11-26 08:30:00');
    await parlour.command('mute', 2 * HOUR, 'homeassistant');
    expect(parlour.override).toBe('hold by homeassistant, 2026-11-26 09:30:00');
    await parlour.command('mute', MINUTE);
    expect(parlour.override).toBe('hold by cli, 2026-11-26 07:31:00');
    parlour.pass(SECOND);
    expect(await parlour.press()).toBe(false);
    muteByButton([parlour.keeper], 'study');
    expect(parlour.override).toBe('hold by mute-button, 2026-11-27 07:00:00');
  });

  test('S3 hold, then a press: it grants; another press holds as long as a mute without an end', async () => {
    const parlour = kitchen(at('12:00'));
    await parlour.command('mute', 3 * HOUR);
    parlour.pass(MINUTE);
    expect(await parlour.press()).toBe(true);
    expect([parlour.listens, parlour.override]).toEqual([true, 'grant by button, 2026-11-26 12:02:30']);
    parlour.pass(10 * SECOND);
    await parlour.press();
    expect([parlour.listens, parlour.override]).toEqual([false, 'hold by button, 2026-11-27 07:00:00']);
  });

  test('S3 a press that mutes holds also when the clock was set back since the press that granted', async () => {
    const parlour = kitchen(at('07:30'), '\nlisten:\n  - { schedule: "07:00-12:00" }\n');
    await parlour.press();
    parlour.pass(MINUTE);
    await parlour.press();
    parlour.set(at('07:20'));
    parlour.pass(SECOND);
    await parlour.press();
    expect([parlour.listens, parlour.override]).toEqual([false, 'hold by button, 2026-11-27 07:00:00']);
  });

  test('resume in every state: a grant ends, a hold ends, and without either nothing changes', async () => {
    const parlour = kitchen(at('07:30'));
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'muted', override: null });
    parlour.tell(MOTION, true);
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'live', override: null });
    await parlour.command('mute');
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'live', override: null });
    parlour.tell(MOTION, false);
    await parlour.command('unmute');
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'muted', override: null });
    parlour.tell(GUESTS, true);
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'muted', override: null });
    parlour.gate.set({ locked: true });
    expect(await parlour.command('resume')).toMatchObject({ ok: true, state: 'muted', override: null });
  });

  test('S4 unmute is refused by the never rule that stands against it, by name, also when that is only unknown', async () => {
    const parlour = kitchen(at('23:00'));
    const refused = async () => {
      const { ok, refusedBy, error } = await parlour.command('unmute');
      return [ok, refusedBy, error?.code, error?.message.match(/never rule \d[^;]*/)?.[0]];
    };
    expect(await refused()).toEqual([
      false,
      'never 2',
      'never-rule',
      expect.stringContaining('never rule 2 (22:00-07:00) holds'),
    ]);
    parlour.tell(GUESTS, null);
    parlour.passTo('2026-11-27T12:00');
    expect(await refused()).toEqual([
      false,
      'never 1',
      'never-rule',
      expect.stringContaining('never rule 1 (guests) may hold: it is not known'),
    ]);
    expect(parlour.override).toBeNull();
  });
});
