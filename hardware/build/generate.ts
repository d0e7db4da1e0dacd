/** Part of `npm run generate`: writes the tables, drawings, decks and speaker pages. Output is checked in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputs } from './outputs.ts';
import { HARDWARE } from './read.ts';

for (const [path, text] of Object.entries(outputs())) {
  mkdirSync(dirname(join(HARDWARE, path)), { recursive: true });
  writeFileSync(join(HARDWARE, path), text);
}
