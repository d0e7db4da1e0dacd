/** Pairing at the real firmware, from the cable to the EEPROM. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { Rig } from '../../controller/bench/rig.ts';
import { Secret } from '../../controller/gate/secret.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { isThorough } from '../thorough.ts';
import { Desk, type DeskOptions } from './desk.ts';

let desks: Desk[] = [];
const deskWith = (options: DeskOptions = {}) => {
  const desk = new Desk(options);
  desks.push(desk);
  return desk;
};
afterEach(() => {
  for (const desk of desks) desk.end();
  desks = [];
});

/** Where the key lies in the EEPROM, as bytes. */
const has = ({ board }: Desk, key: Secret) =>
  Buffer.from(board.eeprom.bytes).includes(Buffer.from(key.reveal()));
const edges = ({ board }: Desk) =>
  board.trace.filter(({ signal, level }) => signal === 'contact' && level === 1);
const failure = async (paired: Promise<unknown>) => {
  const error = await paired.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EarlidError);
  const { code, message } = error as EarlidError;
  if (code === 'pair-unfinished') expect(message).not.toContain('nothing was changed');
  return code;
};

describe('pairing', () => {
  test('S1: a key that is stored first, written while the button was held, and shown; muted all the time', async () => {
    const desk = deskWith();
    const key = Secret.random();
    const board = await desk.pair(key);
    expect(board).toMatchObject({ keyed: true, gateId: 'kitchen', product: 'uno-relay' });
    expect(desk.steps).toEqual(['asking', 'hold-button', 'pairing']);
    expect(has(desk, key)).toBe(true);
    const store = await desk.store();
    expect(store.of('kitchen').map((held) => held.equals(key))).toEqual([true]);
    expect(store.pairedAt('kitchen')).not.toBeNull();
    expect(edges(desk)).toEqual([]);
  });

  test('another key takes the place of the first, of which nothing is left', async () => {
    const [first, second] = [Secret.random(), Secret.random()];
    const desk = deskWith({ eeprom: { key: first.reveal() } });
    await desk.pair(second);
    expect([has(desk, first), has(desk, second)]).toEqual([false, true]);
  });

  test('forgetting leaves no key on either side', async () => {
    const key = Secret.random();
    const desk = deskWith({ eeprom: { key: key.reveal() } });
    const store = await desk.store();
    await store.begin('kitchen', key, 0);
    await store.shown('kitchen', key, 0);
    expect(await desk.pair(null)).toMatchObject({ keyed: false });
    expect(has(desk, key)).toBe(false);
    expect((await desk.store()).state('kitchen')).toBe('none');
    // A board that has none needs no button to stay so.
    desk.person = null;
    expect(await desk.pair(null)).toMatchObject({ keyed: false });
  });

  test.each([
    ['S5: a locked gate takes none', { eeprom: { locked: true } }, 'pair-locked'],
    ['nobody holds the button', {}, 'pair-not-begun'],
  ] as const)('%s, and nothing is stored', async (_, options, code) => {
    const desk = deskWith(options);
    desk.person = null;
    expect(await failure(desk.pair())).toBe(code);
    expect((await desk.store()).state('kitchen')).toBe('none');
  });

  test('the board comes back without its button held: it waits on', async () => {
    const desk = deskWith();
    desk.person = () => {
      desk.plugIn({ held: false });
      desk.clock.after(5_000, () => desk.plugIn({ held: true }));
    };
    expect(await desk.pair()).toMatchObject({ keyed: true });
  });

  test('nothing at the port, and another board there', async () => {
    const desk = deskWith();
    desk.cut();
    expect(await failure(desk.pair())).toBe('port-missing');
    const other = deskWith();
    const check = () => {
      throw new EarlidError('already-paired', { gate: 'kitchen' });
    };
    expect(await failure(other.pair(Secret.random(), { check }))).toBe('already-paired');
  });

  test('a disk that is full: the board is told nothing', async () => {
    const desk = deskWith();
    const key = Secret.random();
    const begin = async () => {
      throw new EarlidError('disk-full', { home: '/' });
    };
    const record = { begin, taken: async () => {}, abandon: async () => {} };
    expect(await failure(desk.pair(key, { record }))).toBe('disk-full');
    expect(has(desk, key)).toBe(false);
  });
});

describe('power goes while a key is written', () => {
  // Writing takes the board about 1.5 s.
  const instants = isThorough ? Array.from({ length: 90 }, (_, i) => i * 20 + 1) : [5, 130, 700, 1_500];

  test.each(instants)('after %i ms: both sides agree, or the same command mends it', async (ms) => {
    const [old, next] = [Secret.random(), Secret.random()];
    const desk = deskWith({ eeprom: { key: old.reveal() } });
    const before = await desk.store();
    await before.begin('kitchen', old, 0);
    await before.shown('kitchen', old, 0);
    const store = await desk.store();
    const code = failure(
      desk
        .pair(next, {
          record: {
            begin: async () => {
              await store.begin('kitchen', next, 0);
              desk.clock.after(ms, () => desk.cut());
            },
            taken: () => store.taken('kitchen', 0),
            abandon: () => store.abandon('kitchen'),
          },
          waitMs: 15_000,
        })
        .then(() => {
          throw new EarlidError('pair-ended', { path: '' });
        }),
    );
    expect(['pair-unfinished', 'pair-ended']).toContain(await code);
    const kept = await desk.store();
    const rig = new Rig({ product: 'uno-relay', eeprom: desk.board.eeprom.bytes.slice() });
    rig.board.runFor(2_500);
    const shows = kept.of('kitchen').map((key) => {
      rig.by = { key: key.reveal(), gateId: new TextEncoder().encode('kitchen') };
      rig.board.send(rig.frame({ type: 'hello', controller: 7 }, null));
      rig.board.runFor(300);
      const { message, authentic } = rig.received.findLast(({ message: { type } }) => type === 'identity')!;
      return message.type === 'identity' && message.flags.keyed && authentic;
    });
    expect(shows.filter(Boolean)).toHaveLength(1);
    desk.person = () => desk.plugIn({ held: true });
    desk.plugIn({ held: false });
    await desk.pass(2_000);
    const again = Secret.random();
    expect(await desk.pair(again)).toMatchObject({ keyed: true });
    expect([old, next, again].map((key) => has(desk, key))).toEqual([false, false, true]);
    expect((await desk.store()).of('kitchen').map((key) => key.equals(again))).toEqual([true]);
  });
});
