import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { diagnose, isHopeless, progressOf } from '../../controller/flash/output.ts';

const recorded = (name: string): string =>
  readFileSync(new URL(`avrdude-7.1/${name}.txt`, import.meta.url), 'latin1');
const exited = (text: string, exit = 1) => ({ text, exit, ending: 'exited' }) as const;

describe('what avrdude 7.1 wrote', () => {
  test.each([
    ['mismatch', 'flash-mismatch', 'device 0x00 != input 0x84 at addr 0x0300'],
    ['other-chip', 'flash-wrong-board', '0x1e9406 (probably m168)'],
    ['old-at-115200', 'flash-no-answer', 'nothing answers'],
    ['missing', 'port-missing', 'cannot open port /dev/ttyACM0: No such file or directory'],
    ['forbidden', 'port-forbidden', 'cannot open port /dev/ttyACM0: Permission denied'],
    ['busy', 'port-busy', 'cannot open port /dev/ttyACM0: Device or resource busy'],
    ['no-port', 'link-failed', 'cannot set attributes for port /dev/ttyACM0: Inappropriate ioctl for device'],
    ['reset', 'flash-interrupted', 'the board stopped answering while writing (at 68 %)'],
  ])('%s is %s', (name, code, detail) => {
    expect(diagnose(exited(recorded(name)), 'bootloader')).toEqual({ code, detail });
  });

  test.each([
    ['usbasp', 'programmer-missing'],
    ['usbtiny', 'programmer-missing'],
    ['avrispmkII', 'programmer-missing'],
    ['arduino-as-isp', 'programmer-missing'],
    ['missing', 'port-missing'],
    ['other-chip', 'flash-wrong-board'],
    ['mismatch', 'flash-mismatch'],
  ])('through a programmer, %s is %s', (name, code) => {
    expect(diagnose(exited(recorded(name)), 'programmer')).toMatchObject({ code });
  });

  test('what went well is no failure', () => {
    expect(diagnose(exited(recorded('done'), 0), 'bootloader')).toBeNull();
    expect(diagnose(exited(recorded('old-at-57600'), 0), 'bootloader')).toBeNull();
    expect(isHopeless(recorded('done'))).toBe(false);
    expect(progressOf(recorded('done'))).toEqual({ doing: 'verifying', percent: 100 });
  });

  test('an unplugged board is noticed by nothing coming any more', () => {
    const text = recorded('unplugged');
    expect(isHopeless(text)).toBe(false);
    expect(diagnose({ text, exit: null, ending: 'stalled' }, 'bootloader')).toEqual({
      code: 'flash-interrupted',
      detail: 'nothing came any more while writing (at 68 %)',
    });
  });

  test('waiting ends where nothing can come of it: at the third attempt, or when a board that answered no longer does', () => {
    const attempts = recorded('old-at-115200');
    expect(isHopeless(attempts.slice(0, attempts.indexOf('attempt 3')))).toBe(false);
    expect(isHopeless(attempts.slice(0, attempts.indexOf('attempt 4')))).toBe(true);
    const reset = recorded('reset');
    const at = reset.indexOf('not responding');
    expect(isHopeless(reset.slice(0, at))).toBe(false);
    expect(isHopeless(reset.slice(0, at + 20))).toBe(true);
  });
});

/** Not recorded: from the sources of that version. */
describe('what avrdude 6.3 writes', () => {
  test.each([
    ['avrdude: ser_open(): can\'t open device "/dev/ttyUSB0": No such file or directory\n', 'port-missing'],
    ['avrdude: ser_open(): can\'t open device "/dev/ttyUSB0": Permission denied\n', 'port-forbidden'],
    [
      'avrdude: stk500_recv(): programmer is not responding\navrdude: stk500_getsync() attempt 3 of 10: not in sync: resp=0x00\n',
      'flash-no-answer',
    ],
    [
      'avrdude: Device signature = 0x1e950f (probably m328p)\navrdude: verification error, first mismatch at byte 0x0300\n         0x84 != 0x00\navrdude: verification error; content mismatch\n',
      'flash-mismatch',
    ],
    [
      'avrdude: Device signature = 0x1e9514 (probably m328)\navrdude: Expected signature for ATmega328P is 1E 95 0F\n',
      'flash-wrong-board',
    ],
    [
      'avrdude: Device signature = 0x1e950f (probably m328p)\nWriting | ####\navrdude: stk500_recv(): programmer is not responding\n',
      'flash-interrupted',
    ],
  ])('%s', (text, code) => {
    expect(diagnose(exited(text), 'bootloader')).toMatchObject({ code });
  });

  test('garbage instead of an answer is told apart from silence', () => {
    const text = 'avrdude: stk500_getsync() attempt 1 of 10: not in sync: resp=0x5f\n';
    expect(diagnose({ text, exit: null, ending: 'hopeless' }, 'bootloader')?.detail).toBe(
      'something else answers',
    );
  });

  test('a programmer without a chip behind it', () => {
    const text =
      'avrdude: initialization failed, rc=-1\n         Double check connections and try again, or use -F\n';
    expect(diagnose(exited(text), 'programmer')).toEqual({
      code: 'programmer-no-target',
      detail: 'initialization failed, rc=-1',
    });
  });
});

test('what it does not know is told in its own words, whatever it is', () => {
  expect(diagnose(exited('avrdude error: the moon is full\n'), 'bootloader')).toEqual({
    code: 'flash-failed',
    detail: 'the moon is full',
  });
  expect(diagnose(exited(''), 'programmer')?.code).toBe('flash-failed');
  expect(diagnose({ text: '', exit: null, ending: 'stopped' }, 'bootloader')?.code).toBe('flash-interrupted');
});
