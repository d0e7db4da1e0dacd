/** What a gate's key comes to: on the board, and with this controller. Pure. */
import { describe } from '../../schemas/errors.ts';
import { bad, ok, type Verdict } from './check.ts';
import type { BoardFacts, GateFacts } from './facts.ts';

/** Null where neither is known. */
export function judgeKey({ gate, key, remote }: GateFacts, found: BoardFacts): Verdict | null {
  if (found.kind === 'stranger') return bad(found.problem.message, found.problem.hint);
  if (found.kind !== 'board' || !key) return null;
  if (found.twice) return bad(found.twice.message, found.twice.hint);
  const told = (code: string, detail: string): Verdict => {
    const { message, hint } = describe(code, { gate, detail });
    return bad(message, hint);
  };
  if (key.key === 'unusable') return told('keys-unusable', 'they are damaged, or others may read them');
  if (found.board.keyed && key.key === 'none') return told('gate-keyed', 'it answers with a key');
  if (!found.board.keyed && key.key === 'held') return told('gate-unpaired', 'it answers without a key');
  if (found.board.keyed)
    return ok(key.pairedAt === null ? 'paired' : `paired on ${key.pairedAt.slice(0, 10)}`);
  if (remote !== null) return told('gate-needs-key', 'it is reached over MQTT');
  return ok('none: whoever has its cable may command it');
}
