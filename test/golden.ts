/** Checked-in pages; EARLID_GOLDEN=1 writes them anew. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

/** Compares a page with the file it is kept in. */
export function expectGolden(url: URL, page: string): void {
  const file = fileURLToPath(url);
  if (process.env.EARLID_GOLDEN) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page);
  }
  expect(page).toBe(readFileSync(file, 'utf8'));
}
