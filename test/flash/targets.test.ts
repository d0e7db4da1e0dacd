import { describe, expect, test } from '@jest/globals';
import { flashBoards } from '../../controller/cli/flash-boards.ts';
import { chooseBoards } from '../../controller/cli/flash-targets.ts';
import type { KnownGate } from '../../controller/cli/known-gates.ts';
import type { FlashSurroundings } from '../../controller/flash/flash.ts';
import type { ListedPort } from '../../controller/link/ports.ts';

const KITCHEN: KnownGate = {
  gate: 'kitchen',
  path: '/dev/serial/by-id/a',
  device: '/dev/ttyACM0',
  byDaemon: true,
  board: null,
};
const DEMO: KnownGate = { gate: 'demo', path: null, device: null, byDaemon: false, board: null };
const GATES = [KITCHEN, DEMO];
const PORTS: ListedPort[] = [
  { path: '/dev/serial/by-id/a', device: '/dev/ttyACM0', gate: 'kitchen', advice: null },
  { path: '/dev/serial/by-id/gone', device: null, gate: null, advice: null },
];
const OTHER: ListedPort = { path: '/dev/ttyUSB0', device: '/dev/ttyUSB0', gate: null, advice: null };
const choose = (
  choice: Partial<Parameters<typeof chooseBoards>[0]>,
  gates: readonly KnownGate[] = GATES,
  ports: readonly ListedPort[] = PORTS,
) =>
  chooseBoards(
    { gate: undefined, port: undefined, all: false, withProgrammer: false, ...choice },
    gates,
    ports,
  );
const code = (run: () => unknown): string => {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('a board whose turn did not come before the end is told as such, and the command has not succeeded', async () => {
  const told: unknown[] = [];
  const target = { product: null, programmer: null, skipCurrent: true, force: false };
  const around = { signal: AbortSignal.abort() } as FlashSurroundings;
  const exit = await flashBoards([{ path: '/dev/a', gate: KITCHEN }], {
    context: null as never,
    target,
    around,
    onBegin() {},
    onDone: (view) => told.push(view),
  });
  expect(exit).toBe(75);
  expect(told).toMatchObject([{ gate: 'kitchen', ok: false, error: { code: 'flash-not-begun' } }]);
});

describe('which board is flashed', () => {
  test('the gate that was named, at its port or at another', () => {
    expect(choose({ gate: 'kitchen' })).toEqual([{ path: '/dev/serial/by-id/a', gate: KITCHEN }]);
    const port = { path: '/dev/ttyUSB0', device: '/dev/ttyUSB0' };
    expect(choose({ gate: 'kitchen', port })).toEqual([{ path: '/dev/ttyUSB0', gate: KITCHEN }]);
  });

  test('the port that was named, which the daemon may hold under another path', () => {
    const port = { path: '/dev/ttyACM0', device: '/dev/ttyACM0' };
    expect(choose({ port })).toEqual([{ path: '/dev/ttyACM0', gate: KITCHEN }]);
    expect(choose({ port: { path: '/dev/ttyUSB0', device: null } })).toEqual([
      { path: '/dev/ttyUSB0', gate: null },
    ]);
  });

  test('the only one there is', () => {
    expect(choose({})).toEqual([{ path: '/dev/serial/by-id/a', gate: KITCHEN }]);
    expect(choose({}, [], [OTHER])).toEqual([{ path: '/dev/ttyUSB0', gate: null }]);
  });

  test('every serial gate', () => {
    expect(choose({ all: true })).toEqual([{ path: '/dev/serial/by-id/a', gate: KITCHEN }]);
  });

  test('none at a port, when a programmer reaches it', () => {
    expect(choose({ withProgrammer: true })).toEqual([{ path: null, gate: null }]);
  });

  test('or it is asked which', () => {
    expect(code(() => choose({}, GATES, [...PORTS, OTHER]))).toBe('which-board');
    expect(code(() => choose({}, GATES, []))).toBe('no-board');
    expect(code(() => choose({ gate: 'bath' }))).toBe('no-such-gate');
    expect(code(() => choose({ gate: 'bath' }, []))).toBe('no-such-gate');
    expect(code(() => choose({ gate: 'demo' }))).toBe('nothing-to-flash');
    expect(code(() => choose({ all: true }, [DEMO]))).toBe('no-serial-gates');
  });
});
