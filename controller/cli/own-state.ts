/** The state folder that a command itself reads and writes. */
import { EarlidError } from '../../schemas/errors.ts';
import { SYSTEM_STATE, stateFolder } from '../daemon/places.ts';
import type { Io } from './io.ts';

/** Throws `system-service` where the one that counts is that of the machine's service, which this user may not touch. */
export function ownState(io: Io): string {
  const folder = stateFolder(io);
  if (io.systemService && !io.env.EARLID_HOME && folder !== SYSTEM_STATE)
    throw new EarlidError('system-service', { home: SYSTEM_STATE });
  return folder;
}
