/** What is known of the wiring of a gate, and taking down what a check has found. */
import { randomBytes } from 'node:crypto';
import type { WiringAnswer } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { WiringGrade } from '../../schemas/wiring.ts';
import type { Gate } from '../gate/gate.ts';
import { isOfBoard } from '../gate/status.ts';
import { writeProblem } from './durable-file.ts';
import { writeSetting } from './settings.ts';
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

/** A board that has taken its id tells it within this time. */
const NAMED_MS = 3_000;
const ID_BYTES = 5;

/** Gives a board without an id one of its own: else any other of its kind would pass for it. Throws when it takes none. */
async function nameBoard(gate: Gate): Promise<void> {
  if (gate.status().identity?.gateId !== '') return;
  const id = randomBytes(ID_BYTES).toString('base64url').replaceAll(/[-_]/g, '0').toLowerCase();
  await writeSetting(gate, 'gate_id', id, () => false);
  if (gate.status().identity?.gateId === id) return;
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      stop();
      settle();
    };
    const done = end(resolve);
    const timer = setTimeout(
      end(() => reject(new EarlidError('gate-away', { gate: gate.name }))),
      NAMED_MS,
    );
    const stop = gate.onChange(({ identity }) => identity?.gateId === id && done());
  });
}

/** Takes down a check of the board that answers now, or forgets it (null). `at` is UTC ms; `home` is for the message. */
export async function recordWiring(
  gate: Gate,
  store: WiringStore,
  grade: WiringGrade | null,
  { at, home }: { readonly at: number; readonly home: string },
): Promise<void> {
  if (grade) await nameBoard(gate);
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
