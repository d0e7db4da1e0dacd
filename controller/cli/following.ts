/** Whether the running daemon follows the configuration, and which file that is. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigurationAnswer, GateView, StatusAnswer } from '../../schemas/api.ts';
import { EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { Client } from './client.ts';
import { type CommandContext, viewOf } from './command.ts';
import { configPlace } from './config-check.ts';
import type { Io } from './io.ts';

/** The same for every command that changes rules. */
export const FILE_OPTION = [
  '--config <file>',
  'the configuration; else that of the running daemon, else the first of the usual places',
] as const;

/** `follows`: with what comes of it for the gate, and what its clock shows. `none`: no daemon runs. `other`: it goes by another file, or cannot be asked. */
export type Following =
  | { readonly state: 'follows'; readonly at: number; readonly gate: GateView | null }
  | { readonly state: 'none' }
  | { readonly state: 'other'; readonly detail: string }
  | { readonly state: 'late'; readonly error: ErrorView };

/** The file to change: the one named, else that of the running daemon, else the first of the usual places. */
export async function fileToChange(context: CommandContext, option?: string): Promise<string> {
  const { io } = context;
  if (option !== undefined || io.env.EARLID_CONFIG) return configPlace(io, option);
  const { file } = await ask(await context.client()).catch(() => ({ file: null }));
  return file !== null && existsSync(file) ? file : configPlace(io);
}

const ask = (client: Client): Promise<ConfigurationAnswer> => client.get<ConfigurationAnswer>('/v1/config');

/** Waits until the daemon goes by what was written into `file`. Never rejects. */
export async function following(
  context: CommandContext,
  { file, digest, gate }: { readonly file: string; readonly digest: string; readonly gate: string },
  timeoutMs: number,
): Promise<Following> {
  try {
    const client = await context.client();
    const before = await ask(client);
    if (before.file === null)
      return { state: 'other', detail: 'the running daemon has no configuration file' };
    if (!isSame(context.io, before.file, file))
      return { state: 'other', detail: `the running daemon goes by another file, ${before.file}` };
    const { digest: followed, problem } = await client.post<ConfigurationAnswer>('/v1/reload', {}, timeoutMs);
    if (followed !== digest || problem) {
      const detail = problem?.message ?? 'the file was changed again meanwhile';
      return late(new EarlidError('not-followed', { file, detail }).view);
    }
    const { at, gates } = await client.get<StatusAnswer>('/v1/status');
    return { state: 'follows', at: Date.parse(at), gate: gates.find((view) => view.gate === gate) ?? null };
  } catch (error) {
    const { view } = viewOf(error);
    if (view.code === 'no-daemon') return { state: 'none' };
    if (view.code === 'socket-forbidden' || view.code === 'system-service')
      return { state: 'other', detail: view.message };
    return late(new EarlidError('not-followed', { file, detail: view.message }).view);
  }
}

const late = (error: ErrorView): Following => ({ state: 'late', error });

function isSame({ cwd }: Io, one: string, other: string): boolean {
  return realOf(resolve(cwd, one)) === realOf(resolve(cwd, other));
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
