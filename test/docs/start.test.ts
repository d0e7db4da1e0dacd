import { afterAll, expect } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import { thoroughTest } from '../thorough.ts';
import { Evening } from './page.ts';

const evening = new Evening();
afterAll(() => evening.end());

thoroughTest('the first ten minutes are as docs/start.md prints them', async () => {
  const port = await freePort(0);
  const shown = await evening.start(`npx earlid demo --mqtt-port ${port}`, 'muted, sensed');
  expect(shown).toContain(`npx mqtt pub -h 127.0.0.1 -p ${port} -t earlid/gates/demo/mute/set -m 10m`);
  const demo = await evening.follow('docs/start.md', { stands: { 1883: String(port) } });
  expect(demo.length).toBeGreaterThan(6);
  for (const { command, printed, came } of demo)
    expect(`$ ${command}\n${came}`).toBe(`$ ${command}\n${printed}`);
});
