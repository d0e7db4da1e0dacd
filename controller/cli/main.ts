#!/usr/bin/env node
/** The `earlid` command. */
import { processIo } from './io.ts';
import { run } from './program.ts';

// A reader that has seen enough (`| head`) closes the pipe: that is no error of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });

process.exitCode = await run(process.argv.slice(2), processIo(), async (program) => {
  (await import('./bench-run.ts')).registerBench(program);
});
