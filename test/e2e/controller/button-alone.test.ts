import { describe, expect, test } from '@jest/globals';
import { ButtonAlone } from '../../../controller/daemon/button-alone.ts';
import { readSettings } from '../../../controller/daemon/settings.ts';
import type { ErrorView } from '../../../schemas/errors.ts';
import { Kitchen } from './kitchen.ts';

async function follow(wanted: string | null) {
  const kitchen = await new Kitchen().start();
  const problems: (string | null)[] = [];
  const buttonAlone = new ButtonAlone({
    mayAsk: true,
    gate: kitchen.gate,
    wanted,
    after: (ms, run) => kitchen.clock.after(ms, run),
    log: { info: () => {} },
    onProblem: (problem: ErrorView | null) => void problems.push(problem?.message ?? null),
  });
  buttonAlone.start();
  const stored = async () => (await kitchen.during(readSettings(kitchen.gate, 'button_alone'))).settings[0];
  /** The daemon hands every event on. */
  const told = () => {
    for (const event of kitchen.events) buttonAlone.told(event);
  };
  await kitchen.pass(1_000);
  return { kitchen, buttonAlone, problems, stored, told };
}
const DIFFERS = 'kitchen stores button_alone off, earlid.yaml says 1m30s';

describe('what the configuration says of `button_alone`', () => {
  test('S5 is stored on the gate only by a press, and differs visibly until then', async () => {
    const { kitchen, problems, stored, told } = await follow('1m30s');
    expect(problems).toEqual([DIFFERS]);
    expect(await stored()).toMatchObject({ value: '1m30s', status: 'pending' });
    kitchen.board.press(200);
    await kitchen.pass(1_000);
    told();
    await kitchen.pass(1_000);
    expect(await stored()).toMatchObject({ value: '1m30s', status: 'current' });
    expect(problems.at(-1)).toBeNull();
    expect(kitchen.board.level('contact')).toBe(0);
  });

  test('is not asked for again and again: the next presses unmute', async () => {
    const { kitchen, problems, stored } = await follow('1m30s');
    await kitchen.pass(35_000);
    expect(await stored()).toMatchObject({ value: 'off', status: 'current' });
    expect(new Set(problems)).toEqual(new Set([DIFFERS]));
    kitchen.board.press(200);
    await kitchen.pass(1_000);
    expect(kitchen.board.level('contact')).toBe(1);
  });

  test('agrees silently, and left out is left alone', async () => {
    expect((await follow('off')).problems).toEqual([null]);
    expect((await follow(null)).problems).toEqual([]);
  });
});
