/** Jest's transformer for `controller/` and `schemas/`: a stand-in that hands on what the compiled module exports. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

async function standIn(path, rootDir) {
  const { href } = pathToFileURL(path.replace(rootDir, `${rootDir}/dist`).replace(/\.ts$/, '.js'));
  const names = Object.keys(await import(href));
  return `export const { ${names.join(', ')} } = await outside.load(${JSON.stringify(href)});`;
}

export default {
  processAsync: async (_source, path, { config }) => ({ code: await standIn(path, config.rootDir) }),
  // What a module hands on of others is not to be seen in its own text.
  getCacheKeyAsync: async (_source, path, { config }) =>
    createHash('sha256')
      .update(await standIn(path, config.rootDir))
      .digest('hex'),
};
