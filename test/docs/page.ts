/** Follows a page of the documentation literally: runs what it tells to type, and compares what comes with what is printed there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../e2e/system/household.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ASKS = /\[yes\/no\] (yes|no)$/;

/** Something that hands do, a file to write, or a command with the lines that are printed under it. */
export type Passage =
  | { readonly hands: string }
  | { readonly file: string; readonly text: string }
  | { readonly command: string; readonly printed: readonly string[] };

/**
 * Passages in order: fenced blocks with `$ ` lines, YAML whose first line is a comment with the name of its file, and
 * `<!-- do: … -->` where the text asks for something that no shell does.
 */
function passages(page: string): Passage[] {
  const found: Passage[] = [];
  for (const [, kind, body, hands] of page.matchAll(/^```(\w*)\n(.*?)^```$|^<!-- do: (.*?) -->$/gms)) {
    if (hands) {
      found.push({ hands });
      continue;
    }
    const lines = body!.trimEnd().split('\n');
    const [, file] = /^# (\S+\.yaml)$/.exec(lines[0]!) ?? [];
    if (kind === 'yaml' && file) found.push({ file, text: body! });
    else if (lines[0]!.startsWith('$ '))
      for (const line of lines) {
        const last = found.at(-1);
        if (line.startsWith('$ '))
          found.push({ command: line.slice(2).split('    #')[0]!.trim(), printed: [] });
        else if (last && 'printed' in last) (last.printed as string[]).push(line);
      }
  }
  return found;
}

export interface FollowOptions {
  /** Text of the page that stands for something of this machine, and what. */
  readonly stands?: Readonly<Record<string, string>>;
  /** Commands that go on while the next ones run. */
  readonly background?: RegExp;
  /** Commands that are not run. */
  readonly skip?: RegExp;
  /** Hears what running commands print: the person who unplugs and presses. */
  readonly onPrinted?: (text: string) => void;
  readonly hands?: (what: string) => Promise<void>;
  /** Before each command. */
  readonly before?: (command: string) => Promise<void>;
}

/** What was typed, what the page prints, and what came; times, dates and ids made equal. */
export interface Followed {
  readonly command: string;
  readonly printed: string;
  readonly came: string;
}

/** A folder with a shell of its own in which `npx` has this Earlid and what it comes with. */
export class Evening {
  readonly folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  readonly #running: ChildProcess[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = {}) {
    const bin = mkdtempSync(join(this.folder, 'bin-'));
    const shim = join(bin, 'npx');
    writeFileSync(
      shim,
      `#!/bin/sh
bin="${ROOT}node_modules/.bin/$1"
[ "$1" = earlid ] && bin="${ROOT}dist/controller/cli/main.js"
shift
exec "${process.execPath}" "$bin" "$@"
`,
    );
    chmodSync(shim, 0o755);
    this.#env = {
      ...process.env,
      EARLID_HOME: join(this.folder, 'state'),
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      TZ: 'UTC',
      ...env,
    };
  }

  async follow(page: string, options: FollowOptions = {}): Promise<Followed[]> {
    const { stands = {}, background, skip, before } = options;
    const swap = (text: string, back = false) =>
      Object.entries(stands).reduce(
        (all, [here, there]) => (back ? all.replaceAll(there, here) : all.replaceAll(here, there)),
        text,
      );
    const followed: Followed[] = [];
    for (const passage of passages(readFileSync(join(ROOT, page), 'utf8'))) {
      if ('hands' in passage) {
        await options.hands?.(passage.hands);
        continue;
      }
      if ('file' in passage) {
        writeFileSync(join(this.folder, passage.file), swap(passage.text));
        continue;
      }
      const { command, printed } = passage;
      if (skip?.test(command)) continue;
      await before?.(command);
      const answers = printed.flatMap((line) => ASKS.exec(line)?.[1] ?? []);
      const shown = (came: string) => came.split('\n').filter((line) => line !== '').length >= printed.length;
      const goesOn = background?.test(command) ? shown : null;
      const came = await this.#type(swap(command), answers, printed, goesOn, options.onPrinted);
      followed.push({
        command,
        printed: alike(printed.join('\n')),
        came: alike(swap(came, true)),
      });
    }
    return followed;
  }

  /** What a command prints. */
  type(command: string): Promise<string> {
    return this.#type(command, [], [], null);
  }

  /** Starts a command that goes on, and waits until it has printed `text`; resolves with everything it has printed so far. */
  async start(command: string, text: string): Promise<string> {
    let came = '';
    await this.#type(command, [], [], (so) => {
      came = so;
      return so.includes(text);
    });
    return came;
  }

  /** Runs one command line; one that goes on is left running once it has printed as much as the page does. */
  async #type(
    command: string,
    answers: string[],
    printed: readonly string[],
    goesOn: ((came: string) => boolean) | null,
    onPrinted: (text: string) => void = () => {},
  ): Promise<string> {
    const child = spawn('bash', ['-c', `exec ${command}`], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#running.push(child);
    let came = '';
    let answered = 0;
    const hear = (chunk: Buffer) => {
      came += chunk;
      onPrinted(String(chunk));
      // An answer is typed when it is asked for; a terminal shows what is typed.
      for (; came.split('[yes/no] ').length - 1 > answered && answers.length > answered; answered++) {
        came += `${answers[answered]}\n`;
        child.stdin.write(`${answers[answered]}\n`);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    let ended = false;
    child.once('close', () => {
      ended = true;
    });
    await until(
      () => ended || (goesOn?.(came) ?? false),
      240_000,
      () => `${command}: ${came}`,
    );
    return goesOn ? came.split('\n').slice(0, printed.length).join('\n') : came.trimEnd();
  }

  /** Ends what still runs as Ctrl-C does, then removes the folder. */
  async end(): Promise<void> {
    for (const child of this.#running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The same text for every evening. */
function alike(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
    .replaceAll(/\d{4}-\d\d-\d\d /g, '')
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, '<time>')
    .replaceAll(/\((?:\d+h)?(?:\d+m)?(?:\d+s)? left\)/g, '(<left>)')
    .replaceAll(/\b\d+\.\d+ GB free/g, '<disk> free')
    .replaceAll(/(node|avrdude) +[\d.]+\b/g, '$1 <version>')
    .replaceAll(/[ \t]+$/gm, '');
}
