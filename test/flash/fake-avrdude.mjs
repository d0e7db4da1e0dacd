#!/usr/bin/env node
/** Stands in for avrdude: $FAKE_AVRDUDE is a folder with `steps.json`, what each call in turn does; notes its arguments in `calls.jsonl`. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.FAKE_AVRDUDE;
const calls = join(folder, 'calls.jsonl');
const number = existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n').length : 0;
appendFileSync(calls, `${JSON.stringify(process.argv.slice(2))}\n`);
const { says, exit, waitsFor } = JSON.parse(readFileSync(join(folder, 'steps.json'), 'utf8'))[number];
process.stderr.write(readFileSync(new URL(`avrdude-7.1/${says}.txt`, import.meta.url)));
if (waitsFor) while (!existsSync(waitsFor)) await new Promise((resolve) => setTimeout(resolve, 20));
process.exitCode = exit;
