import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { listenAt } from '../../controller/daemon/socket.ts';

test('S10 whoever watches many gates takes a tenth of the time, and sees the newest in the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-socket-'));
  const path = join(folder, 'socket');
  let [changes, looks] = [0, 0];
  let changed = () => {};
  const value = () => {
    const end = performance.now() + 10;
    while (performance.now() < end);
    looks++;
    return { changes };
  };
  const onChange = (listener: () => void) => {
    changed = listener;
    return () => {};
  };
  const server = await listenAt(path, false, async () => ({ lines: { value, onChange } }));
  try {
    const last = new Promise<string>((resolve) => {
      const call = request({ socketPath: path }, (answer) => {
        answer.setEncoding('utf8').on('data', (text: string) => {
          if (!text.includes('"changes":200}')) return;
          call.destroy();
          resolve(text);
        });
      });
      call.on('error', () => {}).end();
    });
    const from = performance.now();
    while (changes < 200) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      changes++;
      changed();
    }
    await last;
    expect(looks * 50).toBeLessThanOrEqual(performance.now() - from + 200);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
});
