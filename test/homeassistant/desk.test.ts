import { expect, test } from '@jest/globals';
import { Desk } from '../../controller/homeassistant/desk.ts';
import type { House } from '../../controller/homeassistant/house.ts';

/** A desk in front of a house that does as it is told. */
function desk() {
  const commands: string[] = [];
  const house = {
    names: () => ['kitchen', 'study'],
    gate: () => null,
    mute: async (gates: readonly string[]) => {
      commands.push(`mute ${gates.join(', ')}`);
    },
    command: async (gate: string, name: string) => {
      commands.push(`${name} ${gate}`);
      return { refusedBy: null };
    },
  } as unknown as House;
  const refused: string[] = [];
  const made = new Desk({
    house,
    base: 'earlid',
    now: () => ({ wall: 0, counted: 0 }),
    log: { info: () => {}, warn: () => {} },
    onRefused: (gate) => void refused.push(gate),
    onError: (error) => {
      throw error;
    },
  });
  const take = (command: string, payload: string) =>
    made.take({
      topic: `earlid/gates/kitchen/${command}/set`,
      payload: new TextEncoder().encode(payload),
      retained: false,
      repeated: false,
      transitMs: 0,
    });
  return { made, take, commands, refused };
}

test('S3 S4 once it is closed nothing unmutes any more, and a mute still acts', () => {
  const { made, take, commands } = desk();
  made.close();
  take('microphone', 'ON');
  take('mode', 'auto');
  take('unmute', '20m');
  take('mute', 'PRESS');
  expect(commands).toEqual(['mute kitchen']);
});

test('S3 a mute of everything tells all gates at once', () => {
  const { made, commands } = desk();
  made.take({
    topic: 'earlid/mute_everything/set',
    payload: new TextEncoder().encode('PRESS'),
    retained: false,
    repeated: false,
    transitMs: 0,
  });
  expect(commands).toEqual(['mute kitchen, study']);
});

test('gates that there are not are nobody’s business', () => {
  const { made, commands, refused } = desk();
  made.take({
    topic: 'earlid/gates/cellar/microphone/set',
    payload: new TextEncoder().encode('ON'),
    retained: false,
    repeated: false,
    transitMs: 0,
  });
  expect([commands, refused]).toEqual([[], []]);
});
