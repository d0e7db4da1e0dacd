/** The commands of docs/bridge.md with a real mosquitto that is set up as it says. Runs where `EARLID_MOSQUITTO` is set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import type { GateView } from '../../schemas/api.ts';
import { documentedBroker, FILES } from '../bridge/documented-broker.ts';
import { Household, until } from '../e2e/system/household.ts';
import { Evening } from './page.ts';

const HERE = process.env.EARLID_MOSQUITTO ? describe : describe.skip;

/** The board may be heard before the broker is. */
const inOrder = (lines: string) =>
  lines.startsWith('<instant>') ? lines.split('\n').toSorted().join('\n') : lines;

HERE('a gate in another room', () => {
  const household = new Household();
  const evening = new Evening();
  let port: number;
  let broker: ChildProcess | null = null;

  beforeAll(async () => {
    port = await freePort(0);
  });
  afterAll(async () => {
    await evening.end();
    await household.end();
    broker?.kill('SIGKILL');
  });

  const isHeard = async () => {
    const [gate] = JSON.parse(await evening.type('npx earlid status --json')) as GateView[];
    return gate!.state === 'muted';
  };

  test('every command of docs/bridge.md does what is printed there', async () => {
    const board = await household.bench('kitchen');
    const followed = await evening.follow('docs/bridge.md', {
      stands: {
        '/home/anna/.local/state/earlid': `${evening.folder}/state`,
        '/dev/serial/by-id/usb-Arduino_Uno_5573': board.path,
        'docs/mosquitto': FILES,
        'broker.home:8883': `localhost:${port}`,
        'broker.home': 'localhost',
      },
      background: /^npx earlid (bridge$|start)/,
      onPrinted: (text) => {
        if (!text.includes('Hold its button')) return;
        board.line('power off');
        setTimeout(() => {
          board.line('press 3000');
          board.line('power on');
        }, 500);
      },
      hands: async (what) => {
        if (what !== 'start the broker') return;
        broker = spawn(
          'mosquitto',
          ['-c', documentedBroker(evening.folder, `${evening.folder}/broker`, port)],
          { stdio: 'ignore' },
        );
        await new Promise((resolve) => setTimeout(resolve, 500));
      },
      async before(command) {
        if (command === 'npx earlid status') await until(isHeard, 10_000);
      },
    });
    const transcript = (which: 'printed' | 'came') =>
      followed.map((each) => `$ ${each.command}\n${inOrder(each[which])}`).join('\n');
    expect(transcript('came').replaceAll(`${evening.folder}/`, '')).toBe(transcript('printed'));
  });
});
