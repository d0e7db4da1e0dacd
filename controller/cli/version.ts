/** The version of this package, read when it is asked for. */
import { readFileSync } from 'node:fs';

/** Found from the sources as well as from `dist/`. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (name === 'earlid') return version;
    } catch {
      // Not at this depth.
    }
  }
  return 'unknown';
}
