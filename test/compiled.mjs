/** Jest's transformer for `controller/` and `schemas/`: a stand-in that hands on what the compiled module exports. */
import { pathToFileURL } from 'node:url';

export default {
  async processAsync(_source, path, { config: { rootDir } }) {
    const compiled = path.replace(rootDir, `${rootDir}/dist`).replace(/\.ts$/, '.js');
    const { href } = pathToFileURL(compiled);
    const names = Object.keys(await import(href));
    return { code: `export const { ${names.join(', ')} } = await outside.load(${JSON.stringify(href)});` };
  },
};
