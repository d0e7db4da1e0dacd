/** The configuration that a daemon goes by: as it was written, and what policy makes of it. */
import type { Config } from '../../schemas/config.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import { type Compiled, compile } from '../config/compile.ts';
import type { GateRules } from '../policy/decide.ts';
import type { Almanac } from './almanac.ts';

export class InForce {
  readonly #almanac: Almanac;
  #config: Config;
  #compiled: Compiled;

  constructor(config: Config, almanac: Almanac) {
    this.#almanac = almanac;
    this.#config = config;
    this.#compiled = this.#compile();
  }

  get config(): Config {
    return this.#config;
  }

  get compiled(): Compiled {
    return this.#compiled;
  }

  /** Names of the gates, in its order. */
  get names(): string[] {
    return this.#config.gates.map(({ name }) => name);
  }

  /** This one from now on. */
  replace(config: Config): void {
    this.#config = config;
    this.#compiled = this.#compile();
  }

  /** Other days are holidays than before: schedules remember their days. */
  holidaysChanged(): void {
    this.#compiled = this.#compile();
  }

  rulesOf({ name, buttonMs, mayUnmute, readyAfterMs }: GateConfig): GateRules {
    const maxGrantMs = this.#config.grants.maxMs;
    return { ...this.#compiled.rules.get(name)!, buttonMs, mayUnmute, maxGrantMs, readyAfterMs };
  }

  #compile(): Compiled {
    this.#almanac.expect(this.#config);
    return compile(this.#config, { isHoliday: this.#almanac.isHoliday, now: null });
  }
}
