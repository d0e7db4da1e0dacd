/** Asks a running daemon over its socket, without a process for each question. */
import { createClient } from '../../../controller/cli/client.ts';
import { processIo } from '../../../controller/cli/io.ts';
import type { GateView, StatusAnswer } from '../../../schemas/api.ts';

// Once: each call listens at the outputs of this process.
const io = processIo();

/** The gates as the daemon on this state folder tells them; null when none answers. */
export async function askedStatus(home: string): Promise<readonly GateView[] | null> {
  const client = createClient({ ...io, env: { EARLID_HOME: home } });
  try {
    return (await client.get<StatusAnswer>('/v1/status')).gates;
  } catch {
    return null;
  }
}
