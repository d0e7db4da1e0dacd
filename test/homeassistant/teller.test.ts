import { expect, test } from '@jest/globals';
import type { House } from '../../controller/homeassistant/house.ts';
import { Teller, type TellerOptions } from '../../controller/homeassistant/teller.ts';
import { Timers } from '../../controller/homeassistant/timers.ts';

test('of many gates only those are looked at that have changed, each once', () => {
  const looked: string[] = [];
  const due: (() => void)[] = [];
  const house = {
    names: () => ['kitchen', 'study', 'bath'],
    gate: (name: string) => {
      looked.push(name);
      return null;
    },
    problems: () => [],
  } as unknown as House;
  const teller = new Teller({
    house,
    origin: { topic: 'earlid', discovery: 'homeassistant' } as TellerOptions['origin'],
    now: () => ({ wall: 0 }),
    timers: new Timers(
      (_, run) => {
        due.push(run);
        return () => {};
      },
      (run) => run(),
    ),
    refusals: () => ({ last: null, count: 0 }),
  });
  const told = (...gates: (string | null)[]) => {
    looked.length = 0;
    for (const gate of gates) teller.changed(gate);
    for (const run of due.splice(0)) run();
    return looked;
  };
  teller.up({ publish() {}, leave() {}, flushed: async () => {} });
  expect(told('study', 'kitchen', 'study')).toEqual(['study', 'kitchen']);
  expect(told('bath')).toEqual(['bath']);
  expect(told('bath', null)).toEqual(['kitchen', 'study', 'bath']);
});
