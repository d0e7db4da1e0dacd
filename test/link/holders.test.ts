import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { holdersOf } from '../../controller/link/holders.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('who holds a file is named, with nothing that a terminal would obey', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  const file = join(folder, 'port');
  const script = `require('fs').openSync(process.argv[1], 'w');
    process.title = '\\x1b[2Jevil'; console.log('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    expect(await holdersOf(file)).toEqual([{ pid: child.pid, program: '?[2Jevil' }]);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
