/** A connection with a broker that is made again for ever. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { keepTrying, type Trying } from '../network/keep-trying.ts';
import type { ToldOnce } from '../network/told-once.ts';
import {
  type BrokerPlace,
  brokerName,
  type Connection,
  type ConnectionHandlers,
  useBroker,
  type Wishes,
} from './connection.ts';

export interface Keeping extends Omit<Trying, 'attempt'>, Pick<ConnectionHandlers, 'message' | 'skipped'> {
  readonly broker: BrokerPlace;
  readonly topics: readonly string[];
  readonly wishes?: Wishes;
  /** Connected, and subscribed to all topics but those that were refused. */
  readonly up: (connection: Connection, refused: readonly string[]) => void;
  /** The connection has ended, or none was had. */
  readonly down?: (ending: ErrorView) => void;
  /** Is told what is wrong with the connection (`mqtt`), its topics (`mqtt topics`) and its files (`mqtt files`). */
  readonly problems: ToldOnce;
  /** What the connection is for, such as ` of links`: the names of its problems end with it. */
  readonly purpose?: string;
}

/** Resolves after `signal`. Never rejects, as long as nothing that it calls throws. */
export function keepBroker(keeping: Keeping): Promise<void> {
  const { broker, topics, wishes, up, down, problems, purpose = '', signal, now, after } = keeping;
  const attempt = async () => {
    const ending = await useBroker(
      broker,
      topics,
      {
        up(refused, connection) {
          if (signal.aborted) return;
          problems.tell(`mqtt${purpose}`, null);
          const denied = { broker: brokerName(broker), topics: refused.join(', ') };
          problems.tell(`mqtt topics${purpose}`, refused.length > 0 ? describe('mqtt-topics', denied) : null);
          up(connection, refused);
        },
        exposed: (problem) => problems.tell(`mqtt files${purpose}`, problem),
        message: keeping.message,
        skipped: keeping.skipped,
      },
      { now: () => now().counted, after },
      signal,
      wishes,
    );
    down?.(ending);
    if (!signal.aborted) problems.tell(`mqtt${purpose}`, ending);
  };
  return keepTrying({ ...keeping, attempt });
}
