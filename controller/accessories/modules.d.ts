/** What is used of two packages that bring no types, or not these. */

declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';

  export interface Transport extends EventEmitter {
    write(bytes: Buffer, done?: () => void): void;
  }
  export class Firmata extends EventEmitter {
    constructor(transport: Transport, options?: { readonly reportVersionTimeout?: number });
    readonly reportVersionTimeoutId: NodeJS.Timeout;
  }
  const bind: { readonly Firmata: typeof Firmata };
  export default bind;
}

declare module 'johnny-five' {
  import type { EventEmitter } from 'node:events';
  import type { Firmata } from 'firmata-io';

  export interface BoardOptions {
    readonly io: Firmata;
    readonly repl: false;
    readonly debug: false;
    readonly sigint: false;
  }
  export class Board extends EventEmitter {
    constructor(options: BoardOptions);
    readonly isReady: boolean;
    readonly pins: { isPwm(pin: number): boolean };
  }
  interface On<P> {
    readonly board: Board;
    readonly pin: P;
  }
  export class Led {
    constructor(options: On<number | string>);
    on(): this;
    off(): this;
    brightness(value: number): this;
  }
  export class Button extends EventEmitter {
    constructor(options: On<number | string> & { readonly isPullup: true });
  }
  export class Sensor extends EventEmitter {
    constructor(options: On<string> & { readonly freq: number; readonly threshold: number });
    readonly value: number | null;
    disable(): this;
  }
  const five: {
    readonly Board: typeof Board;
    readonly Led: typeof Led;
    readonly Button: typeof Button;
    readonly Sensor: typeof Sensor;
  };
  export default five;
}
