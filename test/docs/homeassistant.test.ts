/** The commands of docs/homeassistant.md, with a real mosquitto that asks for a password. Runs where `EARLID_MOSQUITTO` is set. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import type { GateView } from '../../schemas/api.ts';
import { Household, until } from '../e2e/system/household.ts';
import { Evening } from './page.ts';

const HERE = process.env.EARLID_MOSQUITTO ? describe : describe.skip;

HERE('Home Assistant by hand', () => {
  const evening = new Evening();
  const household = new Household();
  let broker: ChildProcess;
  let port: number;

  beforeAll(async () => {
    port = await freePort(0);
    const file = (name: string) => join(evening.folder, name);
    writeFileSync(file('mqtt-password'), 'a long word\n', { mode: 0o600 });
    execFileSync('mosquitto_passwd', ['-b', '-c', file('users'), 'earlid', 'a long word']);
    const settings = [
      `user ${userInfo().username}`,
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${file('users')}`,
    ];
    writeFileSync(file('mosquitto.conf'), `${settings.join('\n')}\n`);
    broker = spawn('mosquitto', ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
  });
  afterAll(async () => {
    await evening.end();
    await household.end();
    broker.kill('SIGKILL');
  });

  const gate = async () => (JSON.parse(await evening.type('npx earlid status --json')) as GateView[])[0]!;

  test('every command of docs/homeassistant.md does what is printed there', async () => {
    const board = await household.bench('kitchen');
    const after: GateView['state'][] = ['live', 'muted'];
    const levels: number[] = [];
    const followed = await evening.follow('docs/homeassistant.md', {
      stands: {
        '/home/anna/earlid': evening.folder,
        '/dev/serial/by-id/usb-Arduino_Uno_5573': board.path,
        '192.168.1.2:1883': `127.0.0.1:${port}`,
        '-h 192.168.1.2': `-h 127.0.0.1 -p ${port}`,
      },
      background: /^npx earlid start/,
      async before(command) {
        const expected = command === 'npx earlid status' ? after.shift() : undefined;
        if (expected === undefined) return;
        await until(async () => (await gate()).state === expected, 10_000);
        levels.push(board.level('contact'));
      },
    });
    expect(levels).toEqual([1, 0]);
    const transcript = (which: 'printed' | 'came') =>
      followed.map((each) => `$ ${each.command}\n${each[which]}`).join('\n');
    expect(transcript('came')).toBe(transcript('printed'));
  });
});
