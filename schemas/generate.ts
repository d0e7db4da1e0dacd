/** `npm run generate`: writes everything that is made from the definitions in this folder. Output is checked in. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from './config.ts';
import { cHeader, cLinkHeader, cVectors } from './generate-c.ts';
import {
  conditionTable,
  configurationTable,
  errorTable,
  homeAssistantTables,
  linkTables,
  protocolTables,
} from './generate-docs.ts';
import { withSection } from './sections.ts';
import { vectors } from './vectors.ts';

const root = join(fileURLToPath(import.meta.url), '../../..');

function replaceSection(page: string, name: string, text: string): void {
  const path = join(root, page);
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), name, text));
}

writeFileSync(join(root, 'firmware/generated/protocol.h'), cHeader());
writeFileSync(join(root, 'firmware/generated/link.h'), cLinkHeader());
writeFileSync(join(root, 'firmware/generated/vectors.h'), cVectors(vectors()));
writeFileSync(join(root, 'schemas/generated/vectors.json'), `${JSON.stringify(vectors(), null, 1)}\n`);
for (const [name, text] of Object.entries({ ...protocolTables(), ...linkTables() }))
  replaceSection('docs/protocol.md', name, text);
writeFileSync(
  join(root, 'schemas/generated/earlid.schema.json'),
  `${JSON.stringify(configJsonSchema(), null, 1)}\n`,
);
replaceSection('docs/errors.md', 'errors', errorTable());
replaceSection('docs/configuration.md', 'keys', configurationTable());
replaceSection('docs/configuration.md', 'conditions', conditionTable());
for (const [name, text] of Object.entries(homeAssistantTables()))
  replaceSection('docs/homeassistant.md', name, text);
