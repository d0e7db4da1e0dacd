// Replaces a file and is killed at its n-th call of the file system: before it, in the middle of a write, or after it.
import { promises } from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [module, file, oldText, newText, point, moment] = process.argv.slice(2);
let calls = 0;
const die = () => process.kill(process.pid, 'SIGKILL');

function watch(object, name) {
  const real = object[name];
  object[name] = async function (...args) {
    const isIt = ++calls === Number(point);
    if (isIt && moment === 'before') die();
    if (isIt && moment === 'half' && name === 'writeFile') {
      await real.call(this, args[0].subarray(0, args[0].length / 2));
      die();
    }
    const result = await real.apply(this, args);
    if (isIt) die();
    return result;
  };
}

const handle = await open(file, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['stat', 'chown', 'chmod', 'writeFile', 'sync', 'close']) watch(prototype, name);
for (const name of ['realpath', 'stat', 'access', 'readdir', 'open', 'readFile', 'rename', 'unlink'])
  watch(promises, name);
syncBuiltinESMExports();
const { replaceFile } = await import(module);
await replaceFile(file, Buffer.from(oldText), Buffer.from(newText));
process.stdout.write(String(calls));
