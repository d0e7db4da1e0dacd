/** What lamps and chimes make of the status of a gate. Pure. */
import type { Accessory } from '../../schemas/accessories.ts';
import type { GateStatus } from '../gate/gate.ts';

type Shows = Extract<Accessory, { kind: 'lamp' }>['shows'];

/** Whether a lamp that shows this is lit. Unknown counts as live: an on-air sign is dark only over a muted microphone. */
export function isLit(shows: Shows, { state, fault, locked }: GateStatus): boolean {
  switch (shows) {
    case 'live':
      return state !== 'muted';
    case 'unknown':
      return state === 'unknown';
    case 'fault':
      return fault !== null;
    case 'locked':
      return locked === true;
  }
}

/**
 * Tells when a gate was unmuted, by its own reports: renewals and losses of the connection are no news, nor is a gate
 * that was live before it was first heard.
 */
export class UnmuteWatch {
  #wasLive: boolean | null = null;

  /** True once for every time the gate becomes live. */
  sees({ reported }: GateStatus): boolean {
    if (!reported) return false;
    const isLive = reported.state === 'live';
    const isNews = isLive && this.#wasLive === false;
    this.#wasLive = isLive;
    return isNews;
  }
}
