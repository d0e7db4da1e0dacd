/** Checked-in pages; EARLID_GOLDEN=1 writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

export function golden(name: string, page: string): void {
  const file = fileURLToPath(new URL(`./golden/${name}.txt`, import.meta.url));
  if (process.env.EARLID_GOLDEN) writeFileSync(file, page);
  expect(page).toBe(readFileSync(file, 'utf8'));
}
