#!/usr/bin/env node
/** The `earlid` command. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EXIT } from '../../schemas/errors.ts';
import { processIo } from './io.ts';
import { Outputs } from './outputs.ts';
import { run } from './program.ts';

const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
const outputs = new Outputs([process.stdout, process.stderr], (error, stream) => {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of ours.
  if (error.code === 'EPIPE') process.exit();
  if (stream !== process.stderr)
    process.stderr.write(`earlid: the output cannot be written: ${error.code ?? error.message}\n`);
  process.exit(EXIT.internal);
});

process.exitCode = await run(process.argv.slice(2), processIo(outputs), async (program) => {
  (await import('./bench-run.ts')).registerBench(program);
});
if (await outputs.ended()) {
  // Node puts terminals back as they were, and aborts where it finds one gone.
  for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  // What waits for a reader that does not read would keep the process.
  process.exit();
}
