import type { GateView } from '../../schemas/api.ts';

/** A gate that is muted because no rule lets it listen. */
export const gateView = (change: Partial<GateView> = {}): GateView => ({
  gate: 'kitchen',
  state: 'muted',
  evidence: 'sensed',
  desired: 'mute',
  commanded: 'mute',
  reported: null,
  lease: null,
  override: null,
  locked: false,
  fault: null,
  keyed: false,
  link: 'up',
  reason: { code: 'no-rule', text: 'no rule lets it listen', until: null },
  ...change,
});
