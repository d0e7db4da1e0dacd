import { describe, expect, test } from '@jest/globals';
import { isLit, UnmuteWatch } from '../../controller/accessories/signals.ts';
import type { GateStatus } from '../../controller/gate/gate.ts';
import { LAMP_SHOWS } from '../../schemas/accessories.ts';

const status = (change: Partial<GateStatus>) =>
  ({ state: 'muted', fault: null, locked: false, reported: null, ...change }) as GateStatus;
const reported = (state: 'muted' | 'opening' | 'live' | 'closing') => status({ reported: { state, at: 0 } });

describe('lamps', () => {
  test.each<[Partial<GateStatus>, string[]]>([
    [{ state: 'muted' }, []],
    [{ state: 'live' }, ['live']],
    [{ state: 'unknown' }, ['live', 'unknown']],
    [{ fault: 'sense-live', state: 'live' }, ['live', 'fault']],
    [{ locked: true }, ['locked']],
    [{ locked: null, state: 'unknown' }, ['live', 'unknown']],
  ])('%j lights %j', (change, lit) => {
    expect(LAMP_SHOWS.filter((shows) => isLit(shows, status(change)))).toEqual(lit);
  });
});

describe('a chime', () => {
  const chimes = (...seen: GateStatus[]) => {
    const watch = new UnmuteWatch();
    return seen.map((each) => watch.sees(each));
  };
  test('sounds when a gate becomes live, once', () => {
    expect(chimes(reported('muted'), reported('opening'), reported('live'), reported('live'))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
  test('is silent over a loss of the connection', () => {
    expect(chimes(reported('muted'), reported('live'), status({}), reported('live'))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
  test('is silent over a gate that was live before', () => {
    expect(chimes(status({}), reported('live'), reported('closing'), reported('live'))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
