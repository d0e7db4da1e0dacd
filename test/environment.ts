/**
 * The environment of every test file: that of jest, in which what the language itself brings is bound once more in the scope
 * of all scripts. Modules find it there at once; on jest's global object, a proxy, each use of `Math` or `Map` is a function call.
 */
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Values that cannot be bound anew, and those that jest replaces. */
const LEFT = new Set(['undefined', 'NaN', 'Infinity', 'globalThis', 'eval', 'console', 'Date']);
const bare = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[];
const NAMES = [...bare.filter((name) => !LEFT.has(name)), 'Buffer'];

export default class Environment extends TestEnvironment {
  constructor(...options: ConstructorParameters<typeof TestEnvironment>) {
    super(...options);
    vm.runInContext(`const { ${NAMES.join(', ')} } = globalThis;`, this.context!);
  }
}
