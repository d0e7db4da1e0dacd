/** What `earlid ports` finds out about every port. */
import type { BoardView, DiagnosisView } from '../../schemas/api.ts';
import { stateFolder } from '../daemon/places.ts';
import type { NamedPort } from '../link/ports.ts';
import type { SurveyedPort } from '../link/survey.ts';
import type { CommandContext } from './command.ts';
import { type RunningDaemon, runningDaemon } from './known-gates.ts';

/** One port in `ports --json`. */
export interface PortView {
  readonly path: string;
  readonly device: string | null;
  readonly gate: string | null;
  readonly holders: readonly { readonly pid: number; readonly program: string; readonly daemon: boolean }[];
  /** `kind` says what answers; what else there is depends on it. */
  readonly answer: SurveyedPort['answer'] | { readonly kind: 'daemon'; readonly board: BoardView | null };
  readonly advice: string | null;
}

/** Every port of this computer, and those that the gates of a configuration name. */
export async function portViews(
  context: CommandContext,
  named: readonly NamedPort[],
  probe: boolean,
): Promise<PortView[]> {
  const { io } = context;
  const folder = stateFolder(io);
  const [{ listPorts, portPlaces }, { surveyPort }, { serialLink }, { systemClock }, { controllerId }] =
    await Promise.all([
      import('../link/ports.ts'),
      import('../link/survey.ts'),
      import('../link/serial.ts'),
      import('../link/clock.ts'),
      import('../daemon/controller-id.ts'),
    ]);
  const ports = await listPorts(portPlaces(io), named);
  const { id } = await controllerId(folder);
  const surveyed = await Promise.all(
    ports.map((port) =>
      surveyPort(port, { ask: probe, clock: systemClock, controllerId: id, linkTo: serialLink }),
    ),
  );
  const daemon = await runningDaemon(context);
  return Promise.all(surveyed.map((port) => viewOf(port, daemon)));
}

async function viewOf(port: SurveyedPort, daemon: RunningDaemon | null): Promise<PortView> {
  const { path, device, gate, advice } = port;
  const holders = port.holders.map((holder) => ({ ...holder, daemon: holder.pid === daemon?.pid }));
  const ours = holders.some((holder) => holder.daemon) ? await gateAt(daemon, device) : null;
  return {
    path,
    device,
    gate: ours?.gate ?? gate,
    holders,
    answer: ours ? { kind: 'daemon', board: ours.board } : port.answer,
    advice,
  };
}

async function gateAt(daemon: RunningDaemon | null, device: string | null): Promise<DiagnosisView | null> {
  const { deviceOf } = await import('../link/ports.ts');
  for (const gate of daemon?.gates ?? [])
    if (gate.port !== null && (await deviceOf(gate.port)) === device) return gate;
  return null;
}
