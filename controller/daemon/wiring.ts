/** What is known of the wiring of a gate, and taking down what a check has found. */
import type { WiringAnswer } from '../../schemas/api.ts';
import type { GateConfig } from '../../schemas/config.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { WiringGrade } from '../../schemas/wiring.ts';
import type { Gate } from '../gate/gate.ts';
import { isOfBoard } from '../gate/status.ts';
import { writeProblem } from './durable-file.ts';
import { iso } from './views.ts';
import type { WiringStore } from './wiring-store.ts';

/** What a program is told; a check of another board than the one that answers does not count. */
export function wiringView(config: GateConfig, gate: Gate, store: WiringStore): WiringAnswer {
  const { identity, sense } = gate.status();
  const record = store.of(gate.name);
  const holds = record && (!identity || isOfBoard(record, identity));
  return {
    gate: gate.name,
    product: identity?.product ?? null,
    sense: sense && sense !== 'none',
    readyAfterMs: config.readyAfterMs,
    wiring: holds ? { grade: record.wiring, at: iso(record.at), firmware: record.firmware } : null,
  };
}

/** Takes down a check of the board that answers now, or forgets it (null). `at` is UTC ms; `home` is for the message. */
export async function recordWiring(
  gate: Gate,
  store: WiringStore,
  grade: WiringGrade | null,
  { at, home }: { readonly at: number; readonly home: string },
): Promise<void> {
  const { identity } = gate.status();
  // What was found wrong counts at once, whatever becomes of the disk.
  if (!grade) gate.trustWiring(null);
  else if (!identity) throw new EarlidError('gate-away', { gate: gate.name });
  const { firmware, product, gateId } = identity ?? { firmware: '', product: 'uno-relay', gateId: '' };
  const record = grade && { wiring: grade, at, firmware, product, gateId };
  try {
    await store.set(gate.name, record);
  } catch (error) {
    const { code, detail } = writeProblem(error);
    throw new EarlidError(code, { home, detail });
  }
  gate.trustWiring(record);
}
