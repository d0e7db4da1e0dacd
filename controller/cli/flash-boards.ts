/** Flashes boards one after the other; the daemon lets go of those it holds, and takes them back. */
import { EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { Flashed, FlashSurroundings, FlashTarget } from '../flash/flash.ts';
import { type CommandContext, viewOf } from './command.ts';
import type { ChosenBoard } from './flash-targets.ts';
import { holdPort } from './held-port.ts';

/** One board in `flash --json`. */
export interface FlashView {
  readonly gate: string | null;
  readonly port: string | null;
  readonly ok: boolean;
  readonly product: string | null;
  /** It ran this version already and was left alone. */
  readonly skipped: boolean;
  /** What proved that it was muted before; `off`: its actuator was, which alone proves nothing. */
  readonly mutedBy: 'sensed' | 'driven' | 'off' | 'none';
  readonly before: Flashed['before'];
  readonly after: Flashed['after'];
  readonly error?: ErrorView;
}

export interface Work {
  readonly context: CommandContext;
  readonly target: Omit<FlashTarget, 'path'>;
  readonly around: FlashSurroundings;
  readonly onBegin: (board: ChosenBoard) => void;
  readonly onDone: (view: FlashView) => void;
}

/** One that fails does not keep the others from their turn. The gravest exit code. Never rejects. */
export async function flashBoards(boards: readonly ChosenBoard[], work: Work): Promise<number> {
  let worst = 0;
  for (const board of boards) {
    work.onBegin(board);
    const { view, exit } = work.around.signal.aborted ? notBegun(board, work) : await flashOne(board, work);
    worst = Math.max(worst, exit);
    work.onDone(view);
  }
  return worst;
}

function notBegun({ path, gate }: ChosenBoard, { target }: Work): { view: FlashView; exit: number } {
  const { view: error, exit } = new EarlidError('flash-not-begun', { path: path ?? 'the board' }, { path });
  const base = { gate: gate?.gate ?? null, port: path, product: target.product, mutedBy: 'none' } as const;
  return { view: { ...base, ok: false, skipped: false, before: null, after: null, error }, exit };
}

async function flashOne(board: ChosenBoard, work: Work): Promise<{ view: FlashView; exit: number }> {
  const [{ flashBoard, isCurrent }, { findAvrdude }] = await Promise.all([
    import('../flash/flash.ts'),
    import('../flash/avrdude.ts'),
  ]);
  const { gate, path } = board;
  const base = { gate: gate?.gate ?? null, port: path };
  const known = gate?.board;
  if (work.target.skipCurrent && known && isCurrent(known)) {
    const view = { ...base, ok: true, product: known.product, skipped: true, mutedBy: 'none' } as const;
    return { view: { ...view, before: null, after: null }, exit: 0 };
  }
  const held = gate?.byDaemon ? holdPort(work.context, gate.gate) : null;
  let mutedBy: FlashView['mutedBy'] = 'none';
  let isWritten = false;
  try {
    await findAvrdude(work.around.env);
    const released = await held?.release();
    if (released?.state === 'muted') mutedBy = released.evidence;
    const flashed = await flashBoard({ ...work.target, path }, work.around);
    isWritten = true;
    if (mutedBy === 'none') mutedBy = provenBy(flashed.before);
    const { product, skipped, before, after } = flashed;
    return { view: { ...base, ok: true, product, skipped, mutedBy, before, after }, exit: 0 };
  } catch (error) {
    const { view, exit } = viewOf(error);
    const failed = { ...base, ok: false, product: work.target.product, skipped: false, mutedBy };
    return { view: { ...failed, before: null, after: null, error: view }, exit };
  } finally {
    await held?.giveBack(isWritten);
  }
}

function provenBy(before: Flashed['before']): FlashView['mutedBy'] {
  if (before?.kind !== 'earlid' || before.state.phase !== 'muted') return 'none';
  const { sensePresent, senseHears } = before.state.flags;
  if (!sensePresent) return 'off';
  return senseHears ? 'none' : 'sensed';
}
