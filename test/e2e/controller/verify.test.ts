/** The guided check on the real firmware, with a person who says what the contact does. */
import { describe, expect, test } from '@jest/globals';
import { Board } from '../../../controller/bench/board.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import { gateView } from '../../../controller/daemon/views.ts';
import { checkWiring, type Person, type Subject } from '../../../controller/verify/check.ts';
import type { StepName } from '../../../controller/verify/steps.ts';
import type { WiringAnswer } from '../../../schemas/api.ts';
import type { EarlidError } from '../../../schemas/errors.ts';
import { thoroughTest } from '../../thorough.ts';
import { Kitchen, type KitchenOptions, sensedBoard } from './kitchen.ts';

const unsensed = () => new Board({ product: 'uno-relay', eeprom: eepromImage({ product: 'uno-relay' }) });

interface Scene {
  readonly kitchen: Kitchen;
  readonly steps: StepName[];
  /** Resolves with `passed`, or with the step that was wrong and why. */
  check(): Promise<string>;
}

interface SceneOptions extends KitchenOptions {
  /** What the person sees to before each step. */
  readonly onStep?: (name: StepName, kitchen: Kitchen) => void;
  /** The board has a supply of its own: it stays live when only the cable is pulled. */
  readonly ownSupply?: boolean;
  readonly wrongWire?: boolean;
  /** How long the person takes to look at the LEDs of the live gate. */
  readonly looksForMs?: number;
}

async function scene(
  board: Board,
  { onStep, ownSupply, wrongWire, looksForMs, ...options }: SceneOptions = {},
): Promise<Scene> {
  const kitchen = new Kitchen({ ...options, everyMs: true });
  await kitchen.replace(board);
  await kitchen.start();
  const steps: StepName[] = [];
  const view = async () =>
    gateView({
      status: kitchen.status,
      verdict: kitchen.keeper.verdict,
      override: kitchen.keeper.override,
      place: 'a bench',
    });
  const press = () => kitchen.board.press(200);
  const subject: Subject = {
    view,
    wiring: async () => ({ sense: kitchen.status.sense !== 'none', readyAfterMs: 0 }) as WiringAnswer,
    async mute() {
      void kitchen.begin('mute');
      await kitchen.pass(300);
    },
    async unmute(forMs) {
      if (!(options.mayUnmute ?? ['cli']).includes('cli')) return false;
      await kitchen.run('unmute', forMs);
      return true;
    },
    presses: async () =>
      kitchen.events.filter(
        ({ kind, reason }) => kind === 'press' || reason === 'button' || reason === 'press',
      ).length,
    pass: (ms) => kitchen.pass(ms),
  };
  const person: Person = {
    step: (_, name) => {
      steps.push(name);
      onStep?.(name, kitchen);
    },
    wait: () => {},
    async act(action) {
      if (action === 'press') press();
      else if (action === 'plug') {
        kitchen.board.power(true);
        kitchen.plug();
      } else {
        kitchen.unplug();
        if (action === 'unplug' || !ownSupply) kitchen.board.power(false);
      }
      await kitchen.pass(300);
    },
    async ask(question) {
      const { board } = kitchen;
      if (question === 'lamps-muted') return board.brightness('red') > 0 && board.brightness('green') === 0;
      if (question === 'lamps-live' && looksForMs)
        await new Promise<void>((resolve) => void kitchen.clock.after(looksForMs, resolve));
      if (question === 'lamps-live') return board.brightness('red') === 0 && board.brightness('green') > 0;
      return wrongWire || board.level('contact') === 1;
    },
  };
  const check = () =>
    kitchen.during(
      checkWiring(subject, person).then(
        () => 'passed',
        (error: EarlidError) => `${error.view.step}: ${error.message}`,
      ),
    );
  return { kitchen, steps, check };
}

describe('earlid verify', () => {
  test.each([
    ['with a sense', sensedBoard, {}],
    [
      'without a sense, with a supply of its own, where only the button may unmute',
      unsensed,
      { ownSupply: true, mayUnmute: ['button'] },
    ],
  ] as const)(
    'passes a gate that is wired as it should be, %s, and leaves it muted',
    async (_, board, options) => {
      const { kitchen, steps, check } = await scene(board(), options);
      expect(await check()).toBe('passed');
      expect(steps).toHaveLength(10);
      expect(kitchen.board.level('contact')).toBe(0);
      expect(kitchen.status.reported?.state).toBe('muted');
    },
  );

  thoroughTest('S2: the gate is live for a minute at a time, and as long as the person looks', async () => {
    const ends: number[] = [];
    const { kitchen, check } = await scene(sensedBoard(), { looksForMs: 100_000 });
    kitchen.gate.onChange(() => {
      const { until, override } = kitchen.keeper.override ?? {};
      // The press of the last step grants what it always does.
      if (until && override?.source === 'cli') ends.push(until - kitchen.clock.utc());
    });
    expect(await check()).toBe('passed');
    expect(Math.max(...ends)).toBeLessThanOrEqual(60_000);
  });

  thoroughTest('S3: a press that mutes while the check waits is not taken back by it', async () => {
    const { kitchen, check } = await scene(sensedBoard(), {
      looksForMs: 70_000,
      onStep: (name, { board, clock }) =>
        name === 'lamps-live' && clock.after(10_000, () => board.press(200)),
    });
    expect(await check()).toMatch(/^lamps-live: /);
    expect(kitchen.events.filter(({ kind, reason }) => kind === 'live' && reason === 'allow')).toHaveLength(
      1,
    );
    expect(kitchen.board.level('contact')).toBe(0);
  });

  test('finds the contact that is wired to its normally-closed side', async () => {
    const { kitchen, check } = await scene(unsensed());
    kitchen.board.fault('miswired');
    expect(await check()).toMatch(/^deaf-muted: .*step 3: the speaker answers although the gate is muted/);
  });

  test('finds the contact that welds when it first closes', async () => {
    const { check } = await scene(unsensed(), {
      onStep: (name, { board }) => name === 'lamps-live' && board.fault('welded'),
    });
    expect(await check()).toMatch(
      /^deaf-again: .*step 8: the speaker still answers after the gate was muted/,
    );
  });

  test('finds the contact that does not close', async () => {
    const { kitchen, check } = await scene(unsensed());
    kitchen.board.fault('open');
    expect(await check()).toMatch(
      /^hears-live: .*step 7: the speaker does not answer although the gate is live/,
    );
  });

  test('finds the line that does not run through the contact', async () => {
    const { check } = await scene(unsensed(), { wrongWire: true });
    expect(await check()).toMatch(/^deaf-muted: /);
  });

  test.each([
    ['miswired', 'talks', 0],
    ['welded', 'deaf-again', 1],
  ] as const)('S6: with a sense a %s contact shows by itself', async (fault, step, after) => {
    const { kitchen, check } = await scene(sensedBoard(), {
      onStep: (name, { board }) => after && name === 'lamps-live' && board.fault(fault),
    });
    if (!after) kitchen.board.fault(fault);
    await kitchen.pass(2_000);
    expect(await check()).toMatch(new RegExp(`^${step}: .*fault \`sense-live\``));
  });

  thoroughTest('finds a button that is not heard', async () => {
    const { kitchen, check } = await scene(unsensed());
    kitchen.board.press = () => {};
    expect(await check()).toMatch(/^button: .*step 10: no press of the button was heard/);
  });

  test('a gate that does not answer, is locked or was muted meanwhile is no wiring fault', async () => {
    const { kitchen, check } = await scene(unsensed());
    kitchen.unplug();
    await kitchen.pass(4_000);
    expect(await check()).toMatch(/kitchen does not answer/);
    kitchen.plug();
    await kitchen.pass(1_000);
    await kitchen.run('lock');
    expect(await check()).toMatch(/kitchen is locked/);
  });
});
