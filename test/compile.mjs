/** Before all tests: compiles, where something is newer than its compiled form. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export default function compile(_globalConfig, { rootDir }) {
  const isStale = ['controller', 'schemas'].some((room) =>
    readdirSync(`${rootDir}/${room}`, { recursive: true }).some(
      (file) =>
        file.endsWith('.ts') &&
        changedAt(`${rootDir}/${room}/${file}`) >
          changedAt(`${rootDir}/dist/${room}/${file.slice(0, -3)}.js`),
    ),
  );
  if (isStale) execFileSync(`${rootDir}/node_modules/.bin/tsc`, { cwd: rootDir, stdio: 'inherit' });
}
