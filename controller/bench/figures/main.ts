/** `npm run bench`: prints every figure that is promised, with its limit. Exit 1 when one of the firmware, which is the same on every machine, is not kept. */
import { availableParallelism } from 'node:os';
import { daemonFigures } from './daemon.ts';
import { firmwareFigures } from './firmware.ts';
import { homeAssistantFigures } from './homeassistant.ts';
import { loadFigures } from './load.ts';
import { policyFigures } from './policy.ts';
import { type Figure, line, within } from './sample.ts';
import { scheduleFigures } from './schedule.ts';

function print(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`${title}\n${figures.map((figure) => `${line(figure)}\n`).join('')}`);
}

/** What a slow machine cannot bear says nothing of what is measured elsewhere. */
function notMeasured(error: Error): Figure[] {
  process.stderr.write(`load: not measured, ${error.message}\n`);
  return [];
}

const firmware = firmwareFigures();
print('emulated: firmware on an ATmega328P at 16 MHz', firmware);
const daemon = await daemonFigures();
print(
  `emulated: the daemon on this machine, Node ${process.versions.node}, one gate on a device path`,
  daemon,
);
const homeAssistant = await homeAssistantFigures();
if (homeAssistant.length > 0)
  print(
    'emulated: a mute through mosquitto on this machine, and the least that a program needs',
    homeAssistant,
  );
print(`schedules on this machine, Node ${process.versions.node}`, scheduleFigures());
const policy = policyFigures();
print(
  `policy on this machine: two listen rules, three never rules, nested conditions and a calendar at every gate`,
  policy,
);
const { EARLID_GATES } = process.env;
const load = EARLID_GATES ? await loadFigures(EARLID_GATES).catch(notMeasured) : [];
if (load.length > 0)
  print(
    `load: controller, mosquitto and simulated gates on the ${availableParallelism()} cores of this machine, leases renewed all the time`,
    load,
  );
process.exitCode = firmware.every(within) ? 0 : 1;
