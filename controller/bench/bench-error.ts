/** What can be wrong with a bench before it runs, as the command line shows errors. */

/** Exit codes of `earlid bench run`. */
export const BENCH_EXIT = { done: 0, data: 65, unavailable: 69 } as const;

export class BenchError extends Error {
  readonly exit: number;
  readonly view: { readonly code: string; readonly message: string; readonly hint: string };
  constructor(code: 'bench-data' | 'bench-pty', message: string, hint: string) {
    super(message);
    this.name = 'BenchError';
    this.exit = code === 'bench-pty' ? BENCH_EXIT.unavailable : BENCH_EXIT.data;
    this.view = { code, message, hint };
  }
}
