import { describe, expect, test } from '@jest/globals';
import { Kitchen } from './kitchen.ts';

describe('the LEDs by a schedule', () => {
  test('are dim from the begin of the night to its end, and not dark', async () => {
    const kitchen = await new Kitchen({
      house: { kitchen: 'night: "22:00-07:00"' },
      wall: '2026-11-26T21:59:50',
    }).start();
    expect(kitchen.board.brightness('red')).toBe(1);
    await kitchen.pass(20_000);
    const dim = kitchen.board.brightness('red');
    expect(dim).toBeGreaterThan(0);
    expect(dim).toBeLessThan(0.2);
    await kitchen.run('unmute');
    expect(kitchen.board.brightness('green')).toBeCloseTo(dim, 2);
  });
});
