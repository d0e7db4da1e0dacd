/**
 * Analog sensors on the free pins of gates. Each second of readings makes one value, their median; only the arrival of a reading
 * tells anything. There is no hysteresis: `above: 300` is true at 301 and false at 300, and `after` and `linger` keep what
 * flickers in check.
 */
import { holds } from './compare.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

/** One reading of a sensor, 0 to 1023. */
export interface Reading {
  readonly gate: string;
  readonly name: string;
  readonly value: number;
}

const SECOND_MS = 1_000;
/** A gap in the readings begins anew: the gate was reset or out of reach, or the machine slept. */
const GAP_MS = 3_000;
/** A board sends a few dozen a second. */
const MOST_READINGS = 256;

export function sensorSource(
  asked: Asked<'sensor'>,
  onReading: (listener: (reading: Reading) => void) => () => void,
  { tell, now }: Pick<SourceContext, 'tell' | 'now'>,
): FactSource {
  const collected = new Map<string, { since: number; last: number; values: number[] }>();
  let end = () => {};

  const hear = ({ gate, name, value }: Reading) => {
    const wanted = asked.filter(({ source }) => source.gate === gate && source.name === name);
    if (wanted.length === 0) return;
    const at = now().counted;
    const key = `${gate}.${name}`;
    let collecting = collected.get(key);
    if (!collecting || at - collecting.last > GAP_MS) {
      collecting = { since: at, last: at, values: [] };
      collected.set(key, collecting);
    }
    collecting.last = at;
    if (collecting.values.length < MOST_READINGS) collecting.values.push(value);
    if (at - collecting.since < SECOND_MS) return;
    const typical = median(collecting.values);
    collected.set(key, { since: at, last: at, values: [] });
    for (const { fact, source } of wanted) tell(fact, holds(source.compare, typical), at, String(typical));
  };

  return {
    start() {
      end = onReading(hear);
    },
    stop() {
      end();
    },
  };
}

/** Of two in the middle the lower one, so that it is a value that was read. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;
}
