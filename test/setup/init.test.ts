import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Io } from '../../controller/cli/io.ts';
import { run } from '../../controller/cli/program.ts';
import { parseConfig } from '../../controller/config/file.ts';
import { House } from '../cli/harness.ts';

const NOW = Date.UTC(2026, 10, 22, 12);

let house: House;
let file: string;
let dev: string;
beforeEach(() => {
  house = new House();
  file = join(house.folder, 'earlid.yaml');
  dev = join(house.folder, 'dev');
  mkdirSync(join(dev, 'serial/by-id'), { recursive: true });
});
afterEach(() => house.end());

/** A board that somebody plugged in, of which nothing is known: its port cannot be opened. */
function plug(name: string, device: string): string {
  writeFileSync(join(dev, device), '');
  const path = join(dev, 'serial/by-id', name);
  symlinkSync(join(dev, device), path);
  return path;
}

/** Runs `earlid init` with these answers; afterwards the input has ended. */
async function init(answers: readonly string[], args: readonly string[] = [], change: Partial<Io> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const left = [...answers];
  const io = house.io(out, err, {
    env: { EARLID_HOME: house.folder, EARLID_DEV: dev },
    readLine: async () => left.shift() ?? null,
    now: () => NOW,
    ...change,
  });
  const code = await run(['init', ...args], io);
  return { code, out: out.join(''), err: err.join(''), left };
}

const written = () => parseConfig(readFileSync(file, 'utf8'), file, NOW);

describe('earlid init', () => {
  test('asks for zone, gate, speaker and schedule, and writes a commented file that is right', async () => {
    const path = plug('usb-Arduino_Uno_1', 'ttyACM0');
    const told = await init(['Europe/Berlin', 'kitchen', '3', '30s', 'Mo-Fr 07:00-08:30']);
    expect(told).toMatchObject({ code: 0, err: '', left: [] });
    expect(told.out).toContain(`\n${path}\n`);
    expect(told.out).toContain('3  Amazon Echo Dot (5th generation)');
    expect(told.out).toContain(`written: ${file}\n  note  while Earlid does not run`);
    expect(told.out).toContain('`earlid verify kitchen`');
    expect(written()).toMatchObject({
      site: { zone: 'Europe/Berlin', clock: 'kernel' },
      gates: [
        {
          name: 'kitchen',
          link: { serial: path },
          speaker: 'echo-dot-5',
          readyAfterMs: 30_000,
          listen: [{ schedule: 'Mo-Fr 07:00-08:30' }],
          never: [],
        },
      ],
    });
    expect(readFileSync(file, 'utf8')).toMatch(/ # how long a press unmutes\n/);
    expect(readdirSync(house.folder).filter((name) => name.startsWith('earlid.yaml'))).toHaveLength(1);
  });

  test('says what is wrong with an answer, marks it, and asks again', async () => {
    const told = await init([
      'Europe/Berln',
      'Europe/Berlin',
      'My Kitchen',
      'kitchen',
      '11',
      'nest-mini',
      'Mo-Fr 25:00-08:30',
      '2020 Jan 1 10:00-12:00',
      'PH 10:00-12:00',
      'sunset-23:00',
      'here',
      '52.52 13.40',
    ]);
    expect(told).toMatchObject({ code: 0, left: [] });
    for (const line of [
      'Did you mean `Europe/Berlin`?',
      '`My Kitchen` is no name',
      'there is no speaker 11',
      '  Mo-Fr 25:00-08:30\n        ^^^^^\n',
      'its days have passed',
      '`PH` needs `site.holidays`',
      '`here` is no place',
    ])
      expect(told.out).toContain(line);
    expect(written()).toMatchObject({
      site: { place: { latitude: 52.52, longitude: 13.4 } },
      gates: [{ speaker: 'nest-mini', readyAfterMs: 0, listen: [{ schedule: 'sunset-23:00' }] }],
    });
  });

  test('takes several boards, leaves one out, and gives each a name of its own', async () => {
    plug('usb-a', 'ttyACM0');
    plug('usb-b', 'ttyACM1');
    plug('usb-c', 'ttyUSB0');
    const told = await init(['UTC', '', '-', 'kitchen', 'hall', '', '', 'my-box', '']);
    expect(told).toMatchObject({ code: 0, left: [] });
    expect(told.out).toContain('kitchen is taken');
    expect(written().gates).toMatchObject([
      { name: 'kitchen', link: { serial: expect.stringMatching(/usb-a$/) }, speaker: null, listen: [] },
      { name: 'hall', link: { serial: expect.stringMatching(/usb-c$/) }, speaker: 'my-box' },
    ]);
  });

  test('without a board offers an emulated one', async () => {
    const told = await init(['UTC', '', '', '']);
    expect(told.out).toContain('No board is plugged in: an emulated one shows how it works.');
    expect(written().gates).toMatchObject([{ name: 'demo', link: { bench: 'uno-relay' } }]);
  });

  test.each([0, 1, 2, 3])('that ends after %i answers writes nothing', async (count) => {
    const told = await init(['UTC', 'demo', '1'].slice(0, count));
    expect(told.code).toBe(75);
    expect(told.err).toContain('Nothing was written');
    expect(existsSync(file)).toBe(false);
  });

  test('Ctrl-C in the middle writes nothing', async () => {
    let interrupt = () => {};
    const told = await init([], [], {
      onEnd: (run) => {
        interrupt = () => run('SIGINT');
        return () => {};
      },
      readLine: (over) =>
        new Promise((resolve) => {
          over!.addEventListener('abort', () => resolve(null));
          interrupt();
        }),
    });
    expect(told.code).toBe(75);
    expect(existsSync(file)).toBe(false);
  });

  test('changes no file that is there, wherever it would be looked for', async () => {
    writeFileSync(file, 'mine\n');
    const told = await init(['UTC', '', '', '']);
    expect(told.code).toBe(78);
    expect(told.left).toHaveLength(4);
    expect(told.err).toContain(`${file} is there already`);
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
    const other = join(house.folder, 'sub/other.yaml');
    expect((await init(['UTC', '', '', ''], ['--config', other])).code).toBe(0);
    expect(readFileSync(other, 'utf8')).toContain('bench: uno-relay');
  });

  test('that cannot write says so and leaves nothing behind', async () => {
    writeFileSync(join(house.folder, 'no-folder'), '');
    const told = await init(['UTC', '', '', ''], ['--config', join(house.folder, 'no-folder/earlid.yaml')]);
    expect(told.code).toBe(78);
    expect(told.err).toContain('cannot be written: ');
  });

  test('--dry-run prints the file and nothing else', async () => {
    const told = await init(['Europe/Berlin', '', '', '24/7'], ['--dry-run']);
    expect(existsSync(file)).toBe(false);
    expect(parseConfig(told.out, file).gates).toMatchObject([{ listen: [{ schedule: '24/7' }] }]);
    expect(told.err).toContain('Time zone');
  });

  test('--yes asks nothing, and takes what it was given', async () => {
    const told = await init(
      [],
      [
        '--yes',
        '--json',
        '--timezone',
        'Pacific/Chatham',
        '--gate',
        'kitchen=/dev/serial/by-id/usb-Arduino Uno: 1',
        '--gate',
        'demo=bench',
        '--schedule',
        '22:00-07:00',
      ],
    );
    expect(told).toMatchObject({ code: 0, err: '' });
    const { text, notes, ...rest } = JSON.parse(told.out);
    expect(rest).toEqual({ file, written: true, gates: ['kitchen', 'demo'] });
    expect(notes).toMatchObject([{ code: 'outage', gates: ['kitchen', 'demo'] }]);
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(written()).toMatchObject({
      site: { zone: 'Pacific/Chatham' },
      gates: [{ link: { serial: '/dev/serial/by-id/usb-Arduino Uno: 1' } }, { link: { bench: 'uno-relay' } }],
    });
  });

  test.each([
    [['--gate', 'kitchen'], 64, 'is no gate'],
    [['--gate', 'Kitchen=bench'], 64, '`Kitchen` is no name: at most 32 small letters'],
    [['--schedule', 'sunset-23:00'], 65, 'this schedule asks for the sun'],
    [['--schedule', 'Mo 25:00-26:00'], 65, '  Mo 25:00-26:00\n     ^^^^^\n'],
    [['--timezone', 'Europe/Berln'], 64, 'there is no time zone'],
    [['--schedule', 'tomorrow'], 65, 'this is no schedule'],
  ])('%j is refused', async (args, code, why) => {
    const told = await init([], ['--yes', ...args]);
    expect(told.code).toBe(code);
    expect(told.err).toContain(why);
    expect(existsSync(file)).toBe(false);
  });
});
