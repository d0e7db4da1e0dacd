/** A daemon that goes by a test clock: its gates are emulated, all of them. */
import type { Config } from '../../schemas/config.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { Clock } from '../daemon/clock.ts';
import type { DaemonOptions } from '../daemon/daemon.ts';
import { createHardware } from '../daemon/hardware.ts';
import { TestClock } from '../daemon/test-clock.ts';
import { createGate } from '../gate/session.ts';
import { systemClock } from '../link/clock.ts';

/** Throws an `EarlidError` when the file shows no time. */
export function openTestClock(file: string): Clock {
  const clock = new TestClock(file);
  clock.start();
  return clock;
}

/** What a daemon on this clock is made of; throws an `EarlidError` when a gate is real. */
export function partsOn(
  clock: Clock,
  config: Config,
): Required<Pick<DaemonOptions, 'clock' | 'createGate' | 'createHardware'>> {
  const real = config.gates.filter(({ link }) => !('bench' in link)).map(({ name }) => name);
  if (real.length > 0) throw notReal(real);
  return {
    clock,
    createGate: (options) =>
      createGate({ ...options, clock: { ...systemClock, utc: () => clock.now().wall } }),
    // A configuration that changes later brings no real gate under a false time either.
    createHardware: async (gate, folder) => {
      if (!('bench' in gate.link)) throw notReal([gate.name]);
      return createHardware(gate, folder);
    },
  };
}

const notReal = (gates: readonly string[]): EarlidError =>
  new EarlidError('test-clock-real', { gates: gates.join(', ') }, { gates });
