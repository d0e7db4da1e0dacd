import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { machineRun, processStart } from '../../controller/daemon/clock.ts';
import { type FolderLock, type LockHolder, lockFolder } from '../../controller/daemon/folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const holder = (pid: number): LockHolder => ({ pid, start: `start-${pid}`, machine: 'here' });

describe('the lock of a state folder', () => {
  test('is held by one, and tells another who holds it', () => {
    expect(lockFolder(folder, machineRun())).toHaveProperty('held');
    expect(lockFolder(folder, machineRun())).toMatchObject({ holder: { pid: process.pid } });
  });

  test('can be had after it was released', () => {
    const first = lockFolder(folder, 'here') as { held: FolderLock };
    first.held.release();
    expect(lockFolder(folder, 'here')).toHaveProperty('held');
  });

  test.each([
    ['a process that has ended', [2 ** 22 + 1, '1', 'here']],
    ['another process with the same number', [process.pid, 'long ago', 'here']],
    ['an earlier run of the machine', [process.pid, processStart(process.pid), 'before']],
    ['nobody, in a way nobody understands', 'what?'],
  ])('is taken over from %s', (_, content) => {
    symlinkSync(JSON.stringify(content), join(folder, 'daemon.lock.7'));
    expect(lockFolder(folder, 'here')).toHaveProperty('held');
    expect(readdirSync(folder)).toEqual(['daemon.lock.8']);
  });

  test('goes to one of many who find it stale at the same time, wherever each of them is interrupted', () => {
    // Each rival is asked whether the old holder lives just before it acts: there the others overtake it.
    const alive = new Set<number>();
    const winners: number[] = [];
    const rival = (pid: number, deeper: number): void => {
      const result = lockFolder(folder, 'here', {
        self: holder(pid),
        isAlive: (other) => {
          if (deeper > 0) rival(pid * 10, --deeper);
          return alive.has(other.pid);
        },
      });
      if ('held' in result) {
        alive.add(pid);
        winners.push(pid);
      }
    };
    symlinkSync(JSON.stringify([1, 'start-1', 'here']), join(folder, 'daemon.lock.1'));
    rival(2, 3);
    rival(3, 2);
    expect(winners).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('a slow rival that makes an old number again steps back', () => {
    symlinkSync(JSON.stringify([1, 'start-1', 'here']), join(folder, 'daemon.lock.1'));
    let overtaken = false;
    const slow = lockFolder(folder, 'here', {
      self: holder(5),
      isAlive: ({ pid }) => {
        if (!overtaken) {
          overtaken = true;
          // Others come, hold and leave: number 2 is gone again.
          const other = lockFolder(folder, 'here', { self: holder(6), isAlive: () => false }) as {
            held: FolderLock;
          };
          other.held.release();
          lockFolder(folder, 'here', { self: holder(7), isAlive: () => false });
        }
        return pid === 7;
      },
    });
    expect(slow).toMatchObject({ holder: { pid: 7 } });
  });
});
