import { describe, expect, test } from '@jest/globals';
import { Kitchen } from './kitchen.ts';

const contact = (kitchen: Kitchen): number => kitchen.board.level('contact');

describe('what is said of a microphone is proven (design 1.4)', () => {
  test.each(['mute', 'resume', 'lock'] as const)(
    '`%s` is not answered by a state that waited in a buffer while the gate opened',
    async (command) => {
      const kitchen = await new Kitchen().start();
      kitchen.fromGate = 'held';
      await kitchen.pass(1_100);
      // The newest that waits says muted; what the gate says from now on is lost, and it hears nothing more.
      kitchen.fromGate = 'lost';
      const unmuting = kitchen.begin('unmute');
      expect(await kitchen.reaches(() => contact(kitchen) === 1, 1_000)).toBe(true);
      kitchen.toGate = 'lost';
      const answers: { ok: boolean; contact: number }[] = [];
      const commanding = kitchen.begin(command).then(({ ok }) => {
        answers.push({ ok, contact: contact(kitchen) });
      });
      kitchen.release();
      await kitchen.pass(1_000);
      expect(answers).toEqual([]);
      kitchen.fromGate = 'pass';
      kitchen.toGate = 'pass';
      await kitchen.during(commanding);
      expect(answers).toEqual([{ ok: true, contact: 0 }]);
      await kitchen.during(unmuting);
    },
  );

  test('`unmute` of a gate that is live is done when it is live under the new lease', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.run('unmute');
    await kitchen.pass(200);
    kitchen.toGate = 'lost';
    const answers: boolean[] = [];
    const unmuting = kitchen.begin('unmute', 7_200_000).then(({ ok }) => void answers.push(ok));
    await kitchen.pass(2_000);
    expect(answers).toEqual([]);
    kitchen.toGate = 'pass';
    await kitchen.during(unmuting);
    expect(answers).toEqual([true]);
  });

  test('while nothing comes back, a lease that was sent makes muted unknown', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.reaches(() => kitchen.status.state === 'muted', 2_000);
    kitchen.fromGate = 'lost';
    const said: string[] = [];
    const unmuting = kitchen.begin('unmute');
    for (let ms = 0; ms < 3_000; ms++) {
      await kitchen.pass(1);
      if (contact(kitchen) === 1) said.push(kitchen.status.state);
    }
    expect(said.length).toBeGreaterThan(2_000);
    expect(said).not.toContain('muted');
    expect(await kitchen.during(unmuting)).toMatchObject({ ok: false, state: 'unknown' });
  });

  test('a normal unmute is told as muted, unknown, live', async () => {
    const kitchen = await new Kitchen().start();
    const told: string[] = [];
    kitchen.gate.onChange(({ state }) => {
      if (told.at(-1) !== state) told.push(state);
    });
    const view = await kitchen.run('unmute');
    expect(view).toMatchObject({ ok: true, state: 'live' });
    await kitchen.pass(10_000);
    expect(told.filter((state) => state !== 'muted')).toEqual(['unknown', 'live']);
  });
});
