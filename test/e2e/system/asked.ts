/** Asks a running daemon over its socket, without a process for each question. */
import { createClient } from '../../../controller/cli/client.ts';
import { processIo } from '../../../controller/cli/io.ts';
import type { StatusAnswer } from '../../../schemas/api.ts';

// Once: each call listens at the outputs of this process.
const io = processIo();

/** What the daemon on this state folder tells of gates and problems; null when none answers. */
export async function askedStatus(home: string): Promise<StatusAnswer | null> {
  const client = createClient({ ...io, env: { EARLID_HOME: home } });
  try {
    return await client.get<StatusAnswer>('/v1/status');
  } catch {
    return null;
  }
}
