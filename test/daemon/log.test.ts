import { expect, test } from '@jest/globals';
import { createLog } from '../../controller/daemon/log.ts';

test('for the journal a line begins with its priority, and is still one line', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', form: 'journal', sink: (line) => lines.push(line) });
  log.named('kitchen').info('is muted');
  log.warn('a\nb');
  log.error('c');
  log.debug?.('d');
  expect(lines).toEqual(['<6>kitchen: is muted', '<4>a\\x0ab', '<3>c', '<7>d']);
});
