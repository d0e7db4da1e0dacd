import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { PortView } from '../../../controller/cli/port-views.ts';
import { thoroughTest } from '../../thorough.ts';
import { Household } from './household.ts';

const NAME = 'dev/serial/by-id/usb-Arduino_Uno_5573';

let home: Household;
beforeEach(() => {
  home = new Household();
  mkdirSync(join(home.folder, dirname(NAME)), { recursive: true });
  process.env.EARLID_DEV = join(home.folder, 'dev');
});
afterEach(async () => {
  delete process.env.EARLID_DEV;
  await home.end();
});

thoroughTest(
  'earlid ports: a free board is asked, a held one is not, and a missing one is named',
  async () => {
    const bench = await home.bench('board');
    const path = join(home.folder, NAME);
    symlinkSync(bench.path, path);
    const config = `gates:\n  kitchen: { link: { serial: ${path} } }\n  attic: { link: { serial: /dev/serial/by-id/none } }\n`;
    writeFileSync(join(home.folder, 'earlid.yaml'), config);
    const device = realpathSync(bench.path);

    const free = await home.earlid('ports');
    expect(free).toEqual({
      code: 0,
      err: '',
      out: `/dev/serial/by-id/none
  gate attic: nothing is plugged in here
${path} -> ${device}
  gate kitchen: Earlid firmware 0.1.0, uno-relay
`,
    });

    const quiet = JSON.parse((await home.earlid('ports', '--no-probe', '--json')).out) as PortView[];
    expect(quiet[1]).toEqual({
      path,
      device,
      gate: 'kitchen',
      holders: [],
      answer: { kind: 'not-asked' },
      advice: null,
    });

    const daemon = await home.daemon(config);
    await home.reaches('kitchen', ({ state }) => state === 'muted');
    const held = JSON.parse((await home.earlid('ports', '--json')).out) as PortView[];
    expect(held[1]).toMatchObject({
      gate: 'kitchen',
      holders: [{ pid: daemon.pid, daemon: true }],
      answer: { kind: 'daemon', board: { product: 'uno-relay', firmware: '0.1.0' } },
    });
    expect((await home.earlid('ports')).out).toContain('uno-relay\n  held by the Earlid daemon\n');
    expect(await home.status('kitchen')).toMatchObject({ state: 'muted', link: 'up' });
  },
);
