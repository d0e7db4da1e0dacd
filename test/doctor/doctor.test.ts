/** `earlid doctor` as a process against what is really wrong on the bench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DevicePath } from '../../controller/bench/pty.ts';
import type { Check } from '../../controller/doctor/check.ts';
import { Household, until } from '../e2e/system/household.ts';
import { thoroughTest } from '../thorough.ts';
import { golden } from './golden.ts';

/** Lines that differ from computer to computer. */
const COMPUTER = /^ {2}(?:ok {2}|look|BAD ) {2}(?:node|disk|clock|service|avrdude) /;

let home: Household;
beforeEach(() => {
  home = new Household();
});
afterEach(() => home.end());

const configure = (gates: Readonly<Record<string, string>>): string => {
  const rows = Object.entries(gates).map(([name, path]) => `  ${name}: { link: { serial: ${path} } }\n`);
  const text = `gates:\n${rows.join('')}`;
  writeFileSync(join(home.folder, 'earlid.yaml'), text);
  return text;
};

/** The page by headings, without what differs from run to run. */
async function pages(...args: string[]): Promise<{ code: number | null; of: (heading: string) => string }> {
  const { code, out, err } = await home.earlid('doctor', ...args);
  expect(err).toBe('');
  const text = out
    .replaceAll(home.folder, '/home/anna/earlid')
    .replaceAll(/process \d+/g, 'process 4242')
    .replaceAll(/kill \d+/g, 'kill 4242');
  const sections = text.split('\n\n').map((section) => section.trimEnd().split('\n'));
  return {
    code,
    of(heading) {
      const lines = sections.find(([first]) => first === heading) ?? [];
      let shown = true;
      const kept = lines.filter((line) => {
        if (!line.startsWith('     ')) shown = !COMPUTER.test(line);
        return shown;
      });
      return `${kept.join('\n')}\n`;
    },
  };
}

/** A board with StandardFirmata, as far as it answers. */
function standardFirmata(path: string): () => void {
  const device = new DevicePath(path);
  const name = [...Buffer.from('StandardFirmata.ino')].flatMap((byte) => [byte & 0x7f, byte >> 7]);
  const report = Uint8Array.of(0xf9, 2, 5, 0xf0, 0x79, 2, 5, ...name, 0xf7);
  const timer = setInterval(() => device.poll() && device.write(report), 10);
  return () => {
    clearInterval(timer);
    device.close();
  };
}

describe('without a daemon', () => {
  test('no configuration', async () => {
    const { code, of } = await pages();
    expect(code).toBe(1);
    golden('real-no-configuration', of('this computer'));
  });

  test('a mistake in the configuration', async () => {
    writeFileSync(
      join(home.folder, 'earlid.yaml'),
      'gates:\n  kitchen:\n    link: { serial: /dev/ttyACM0 }\n    button: soon\n',
    );
    const { code, of } = await pages();
    expect(code).toBe(1);
    golden('real-mistake', of('this computer'));
  });

  thoroughTest('boards and ports that are wrong in one way each, asked at the same time', async () => {
    const [kitchen, hall, cellar] = await Promise.all([
      home.bench('kitchen', '--reset-on-open'),
      home.bench('hall', '--brown-out', '4.3V'),
      home.bench('cellar'),
    ]);
    hall.line('fault miswired');
    const study = join(home.folder, 'study.tty');
    const unplug = standardFirmata(study);
    const holder = await hold(cellar.path);
    configure({
      kitchen: kitchen.path,
      hall: hall.path,
      cellar: cellar.path,
      study,
      attic: join(home.folder, 'none'),
    });
    try {
      const { code, of } = await pages();
      expect(code).toBe(1);
      golden('real-no-daemon', of('this computer'));
      golden('real-reset-on-open', of('kitchen'));
      golden('real-miswired', of('hall'));
      golden('real-busy', of('cellar'));
      golden('real-firmata', of('study'));
      golden('real-missing', of('attic'));
    } finally {
      unplug();
      holder.kill();
    }
  });
});

describe('with a daemon', () => {
  test('it is asked, no port is touched, and nothing is wrong', async () => {
    const bench = await home.bench('kitchen', '--brown-out', '4.3V', '--reset-on-open');
    await home.daemon(configure({ kitchen: bench.path }));
    await home.reaches('kitchen', ({ state }) => state === 'muted');
    await home.earlid('unmute', 'kitchen', '--for', '5m');
    const { code, of } = await pages();
    expect(of('this computer')).not.toContain('BAD');
    golden('real-well', of('kitchen'));
    expect(code).toBe(0);
    expect(bench.level('contact')).toBe(1);
    const { out } = await home.earlid('doctor', 'kitchen', '--json');
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: Check[] };
    expect(ok).toBe(true);
    expect(checks.find(({ id }) => id === 'sense')).toEqual({
      id: 'sense',
      gate: 'kitchen',
      status: 'ok',
      text: 'says that the speaker hears',
      hint: null,
    });
    expect((await home.earlid('doctor', 'kichen')).code).toBe(66);
    bench.line('close');
    await home.reaches('kitchen', ({ link }) => link === 'down');
    bench.line('open');
    await until(async () => (await pages('kitchen')).of('kitchen').includes('look  reset on open'), 10_000);
  });

  thoroughTest(
    'S6: a welded contact, a gate that is unplugged, and one without a sense that nobody has verified',
    async () => {
      const [kitchen, hall, attic] = await Promise.all([
        home.bench('kitchen', '--eeprom', join(home.folder, 'erased')),
        home.bench('hall'),
        home.bench('attic', '--brown-out', '4.3V'),
      ]);
      await home.daemon(configure({ kitchen: kitchen.path, hall: hall.path, attic: attic.path }));
      hall.line('close');
      await home.reaches('kitchen', ({ reason }) => reason.code === 'unverified');
      await home.reaches('attic', ({ state }) => state === 'muted');
      await home.earlid('unmute', 'attic', '--for', '5m');
      attic.line('fault welded');
      await home.earlid('mute', 'attic', '--timeout', '1s');
      await home.reaches('attic', ({ fault }) => fault === 'sense-live');
      await home.reaches('hall', ({ link, reason }) => link === 'down' && reason.code === 'port-missing');
      const { code, of } = await pages();
      expect(code).toBe(1);
      golden('real-unverified', of('kitchen'));
      golden('real-welded', of('attic'));
      golden('real-unplugged', of('hall'));
    },
  );
});

/** A program that has a port open. */
async function hold(path: string): Promise<ChildProcess> {
  const child = spawn('tail', ['-f', path], { stdio: ['ignore', 'ignore', 'ignore'] });
  const { holdersOf } = await import('../../controller/link/holders.ts');
  await until(async () => (await holdersOf(path)).some(({ pid }) => pid === child.pid), 5_000);
  return child;
}
