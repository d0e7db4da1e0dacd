/** Accessories and a script of the user's own, in a daemon that keeps gates on the real firmware. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { gateConfig } from '../../cli/harness.ts';
import { until } from '../system/household.ts';
import { AccessoryHousehold } from './household.ts';

const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/free-pins.mjs', import.meta.url));
const PAGE = fileURLToPath(new URL('../../../docs/accessories.md', import.meta.url));
const [LAMP, SCRIPT_LAMP, MUTE_ALL, SCRIPT_BUTTON] = [5, 6, 8, 12];
const INPUTS = { muteAll: MUTE_ALL, script: SCRIPT_BUTTON };

const KITCHEN = gateConfig('kitchen', {
  accessories: [
    { kind: 'lamp', pin: LAMP, shows: 'live', inverted: false },
    { kind: 'button', pin: MUTE_ALL, does: 'mute-all' },
  ],
  firmata: true,
});

let house: AccessoryHousehold;
let script: ChildProcess | null = null;
afterEach(async () => {
  script?.kill('SIGKILL');
  script = null;
  await house.end();
});

/** Runs the script of docs/accessories.md. */
async function runExample(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [EXAMPLE, join(house.folder, 'firmata-kitchen.sock')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  script = child;
  await until(
    () => out.includes('ready'),
    10_000,
    () => out,
  );
  return child;
}

describe('a daemon with accessories', () => {
  test('S3 a mute-all button mutes every gate, at once and without permission', async () => {
    const study = gateConfig('study', { mayUnmute: ['cli'] });
    house = await new AccessoryHousehold([{ ...KITCHEN, mayUnmute: ['cli'] }, study], INPUTS).start();
    const kitchen = house.board('kitchen');
    for (const gate of ['kitchen', 'study'])
      await house.daemon.service.command(gate, 'unmute', { timeoutMs: 5_000 });
    await until(() => kitchen.pin(LAMP) === 1, 10_000);
    kitchen.input('muteAll', 0);
    for (const gate of ['kitchen', 'study']) {
      await house.reaches(gate, ({ state, override }) => state === 'muted' && override?.kind === 'hold');
      expect(house.view(gate)).toMatchObject({
        state: 'muted',
        override: { kind: 'hold', until: null, source: 'mute-button' },
        reason: { code: 'hold', text: 'held muted by the mute button on kitchen' },
      });
    }
    await until(() => kitchen.pin(LAMP) === 0, 10_000);
    // It stays held, also on disk, and a finger that is still there is no second press.
    const kept = () =>
      JSON.parse(readFileSync(join(house.folder, 'overrides.json'), 'utf8')).gates.study.override;
    await until(() => kept().kind === 'hold', 10_000);
    expect(kept()).toEqual({ kind: 'hold', source: 'mute-button', until: null, from: 'kitchen' });
    expect(house.log.filter((line) => line.includes('mute by the mute button on kitchen'))).toHaveLength(2);
  });

  test('stopping mutes first, then puts every lamp out', async () => {
    house = await new AccessoryHousehold([KITCHEN], INPUTS).start();
    const board = house.board('kitchen');
    await house.daemon.service.command('kitchen', 'unmute', { timeoutMs: 5_000 });
    await until(() => board.pin(LAMP) === 1, 10_000);
    await house.daemon.stop();
    board.runFor(20);
    expect([board.level('contact'), board.pin(LAMP)]).toEqual([0, null]);
  });

  test('the script that the page shows works on pins that nothing else uses', async () => {
    expect(readFileSync(PAGE, 'utf8')).toContain(`\`\`\`js\n${readFileSync(EXAMPLE, 'utf8')}\`\`\``);
    house = await new AccessoryHousehold([KITCHEN], INPUTS).start();
    const board = house.board('kitchen');
    expect(statSync(join(house.folder, 'firmata-kitchen.sock')).mode & 0o777).toBe(0o600);
    const child = await runExample();
    for (const level of [0, 1, 0] as const) {
      board.input('script', level);
      await until(() => board.pin(SCRIPT_LAMP) === 1 - level, 10_000);
    }
    // A reset of the board is nothing that a script would notice.
    board.reset();
    await until(() => board.pin(SCRIPT_LAMP) === null, 10_000);
    await until(() => board.pin(SCRIPT_LAMP) === 1, 5_000);
    await house.reaches('kitchen', ({ state }) => state === 'muted');

    // There is no second one.
    const second = connect(join(house.folder, 'firmata-kitchen.sock'));
    second.on('error', () => {});
    await new Promise((resolve) => second.once('close', resolve));

    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await until(() => board.pin(SCRIPT_LAMP) === null, 10_000);
    await runExample();
    await until(() => board.pin(SCRIPT_LAMP) === 1, 10_000);
  });

  test('S3 a script that floods its socket delays no mute', async () => {
    house = await new AccessoryHousehold([KITCHEN], INPUTS).start();
    const board = house.board('kitchen');
    await house.daemon.service.command('kitchen', 'unmute', { timeoutMs: 5_000 });
    const flood = connect(join(house.folder, 'firmata-kitchen.sock'));
    flood.on('error', () => {});
    flood.resume();
    const flashes = Uint8Array.from({ length: 60_000 }, (_, i) => [0xf5, SCRIPT_LAMP, i & 1][i % 3]!);
    flood.write(Uint8Array.of(0xf4, SCRIPT_LAMP, 1));
    flood.write(flashes);
    // It flashes: whether it is lit at the moment of a look is chance.
    await until(() => board.pin(SCRIPT_LAMP) !== null, 10_000);
    const asked = board.timeMs;
    const muted = await house.daemon.service.command('kitchen', 'mute', { timeoutMs: 5_000 });
    expect(muted).toMatchObject({ ok: true, state: 'muted', evidence: 'sensed' });
    const off = board.trace.findLast(({ signal, level }) => signal === 'actuator' && level === 0)!;
    expect(off.tUs / 1000 - asked).toBeLessThan(50);
    flood.destroy();
    await until(() => board.pin(SCRIPT_LAMP) === null, 10_000);
  });

  test('S10 a socket that cannot be opened is told, and everything else goes on', async () => {
    house = new AccessoryHousehold([KITCHEN], INPUTS);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(house.folder, 'firmata-kitchen.sock'));
    await house.start();
    expect(house.daemon.service.status().problems).toMatchObject([{ code: 'socket-path' }]);
    await house.daemon.service.command('kitchen', 'unmute', { timeoutMs: 5_000 });
    await until(() => house.board('kitchen').pin(LAMP) === 1, 10_000);
  });
});
