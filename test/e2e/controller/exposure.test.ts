import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Exposures } from '../../../controller/daemon/exposures.ts';
import { zoneOf } from '../../../controller/schedule/zone.ts';
import { Kitchen } from './kitchen.ts';

const STEP_MS = 20;
/** A report more or less, and whole seconds. */
const CLOSE_S = 2.1;

let folder: string;
let kitchen: Kitchen;
let exposures: Exposures;
let eventsTold: number;
/** For how long the contact in the line of the microphone was closed, in seconds. */
let heardS: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  kitchen = new Kitchen({ buttonMs: 2_000 });
  [eventsTold, heardS] = [0, 0];
  count();
  await kitchen.start();
});
afterEach(async () => {
  await exposures.stop();
  rmSync(folder, { recursive: true });
});

/** A daemon begins to count this gate. */
function count(): void {
  const { clock, gate } = kitchen;
  const made = new Exposures({
    folder,
    clock: { now: () => ({ wall: clock.utc(), counted: clock.now() }) },
    after: (ms, run) => clock.after(ms, run),
    status: () => gate.status(),
    isRecorded: () => false,
    onProblem: (_, problem) => expect(problem).toBeNull(),
    onUnwritten: (problem) => expect(problem).toBeNull(),
    onChange: () => {},
  });
  made.load('this run');
  gate.onChange((status) => made.saw('kitchen', status));
  made.follow(['kitchen'], zoneOf('Europe/Berlin'));
  exposures = made;
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    await kitchen.pass(STEP_MS);
    if (kitchen.board.level('contact') === 1) heardS += STEP_MS / 1_000;
    for (const event of kitchen.events.slice(eventsTold)) exposures.told(event);
    eventsTold = kitchen.events.length;
  }
}
const live = () => exposures.today('kitchen').live;
const unknown = () => exposures.today('kitchen').unknown;

test('S9 every second in which the contact was closed is counted, watched or not, over a lost cable and a killed controller', async () => {
  void kitchen.begin('unmute', 2_000);
  await pass(4_000);
  expect(heardS).toBeGreaterThan(1.5);
  expect(live()).toBeGreaterThanOrEqual(heardS);
  // Nobody sees it: the cable is pulled, and somebody presses the button.
  kitchen.unplug();
  kitchen.board.press(200);
  await pass(4_500);
  kitchen.plug();
  await pass(2_500);
  expect(heardS).toBeGreaterThan(3.5);
  expect(live()).toBeGreaterThanOrEqual(heardS);
  // The controller dies, and the button is pressed once more.
  kitchen.unplug();
  await exposures.stop();
  await kitchen.stop();
  kitchen.board.press(200);
  await pass(4_500);
  const restarted = kitchen.restart();
  count();
  await restarted;
  await pass(2_500);
  expect(heardS).toBeGreaterThan(5.5);
  expect(live()).toBeGreaterThanOrEqual(heardS);
  expect(live()).toBeLessThanOrEqual(heardS * 1.01 + CLOSE_S);
  expect(unknown()).toBeLessThanOrEqual(CLOSE_S);
  // It has lost its power: nobody tells what was meanwhile.
  const before = unknown();
  kitchen.board.power(false);
  await pass(2_000);
  kitchen.board.power(true);
  await pass(4_000);
  expect(unknown() - before).toBeGreaterThanOrEqual(2);
  expect(live()).toBeLessThanOrEqual(heardS * 1.01 + CLOSE_S);
});
