import { getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { lineReader } from '../../controller/cli/input.ts';

test('somebody may be asked any number of times, and stopped at each', async () => {
  const input = new PassThrough();
  const read = lineReader(input as unknown as NodeJS.ReadStream);
  const over = new AbortController();
  for (let i = 0; i < 20; i++) {
    const answer = read(over.signal);
    expect(getEventListeners(over.signal, 'abort')).toHaveLength(1);
    input.write(`answer ${i}\n`);
    expect(await answer).toBe(`answer ${i}`);
  }
  const last = read(over.signal);
  over.abort();
  expect(await last).toBeNull();
  input.end();
});
