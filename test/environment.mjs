/**
 * The environment of every test file. `controller/` and `schemas/` run outside of it, as Node runs them, loaded once for all files of a
 * worker; `compiled.mjs` puts a stand-in for each of their modules into it.
 */
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Values that cannot be bound anew, and those that jest replaces. */
const LEFT = new Set(['undefined', 'NaN', 'Infinity', 'globalThis', 'eval', 'console', 'Date']);
const bare = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)').filter((name) => !LEFT.has(name));
const globals = Object.fromEntries([...bare, 'Buffer', 'process'].map((name) => [name, globalThis[name]]));
const outside = { globals, load: (url) => import(url) };

export default class Environment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.outside = outside;
    const Timers = this.fakeTimersModern.constructor;
    this.fakeTimersModern = new Timers({ config: config.projectConfig, global: globalThis });
    // What the language brings is that of the code under test, so that an error of it is an `Error` here. In the scope of all scripts
    // it is also found at once; on jest's global object, a proxy, each use of `Math` or `Map` is a function call.
    vm.runInContext(`const { ${Object.keys(globals).join(', ')} } = outside.globals;`, this.context);
  }
}
