import type { CommandView, EventsAnswer, StatusAnswer, WiringAnswer } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { Person, Subject } from '../verify/check.ts';
import { type Client, ToldError } from './client.ts';
import {
  type CommandContext,
  gatePath,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  usageError,
} from './command.ts';
import type { Io } from './io.ts';

interface Options {
  readonly assumeWired?: true;
  readonly forget?: true;
  readonly json?: true;
}

const HELP = `
Stand beside the speaker. Ten steps mute, unplug and unmute the gate and ask
what the speaker does; the answers are yes and no. When all of them hold, the
date and the firmware are recorded, and a gate without a sense may be called
muted. When one does not, the gate is muted, what it means is said, and an
earlier check does not count any more. Ctrl-C mutes and records nothing.

Do it again after every change of the wiring.

Examples:
  $ earlid verify kitchen
  $ earlid verify kitchen --assume-wired    # your word instead of the steps
  $ earlid verify kitchen --forget          # the wiring was changed`;

/** `earlid verify <gate>` */
export const registerVerify: Register = (program, context) => {
  program
    .command('verify')
    .description('check the wiring of a gate, step by step')
    .argument('<gate>')
    .option('--assume-wired', 'record your word that the contact takes the hearing away')
    .option('--forget', 'forget what was recorded')
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string, { assumeWired, forget, json }: Options) => {
      if (assumeWired && forget) throw usageError('say --assume-wired or --forget, not both', 'verify');
      const client = await context.client();
      const record = (wiring: 'passed' | 'assumed' | null) =>
        client.post<WiringAnswer>(gatePath(gate, 'wiring'), { wiring }, 0);
      if (!assumeWired && !forget) await guide(context, client, gate, record, json === true);
      const answer = await record(forget ? null : assumeWired ? 'assumed' : 'passed');
      if (json) return printJson(context.io, answer);
      const { wiringLine } = await import('./wiring-words.ts');
      print(context.io, wiringLine(answer, context.io.now()));
    });
};

/** Goes through the steps; throws what was found, after the gate has been told to mute. */
async function guide(
  { io }: CommandContext,
  client: Client,
  gate: string,
  record: (wiring: null) => Promise<unknown>,
  json: boolean,
): Promise<void> {
  const { checkWiring } = await import('../verify/check.ts');
  const subject = daemonSubject(client, gate);
  const { override } = await subject.view();
  let stop = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = io.onEnd(() => reject(new EarlidError('verify-interrupted', { gate })));
  });
  try {
    await Promise.race([checkWiring(subject, await terminalPerson(io, gate, json)), interrupted]);
  } catch (error) {
    // A question may stand open on the line.
    if (!json) io.out.write('\n');
    if (error instanceof EarlidError && error.code === 'wiring-wrong') await record(null);
    throw error;
  } finally {
    stop();
    await subject.mute().catch(() => {});
    // What was held before stays held; everything else is up to the rules again.
    if (override?.kind !== 'hold')
      await client.post(gatePath(gate, 'resume'), { timeoutMs: 0 }, 0).catch(() => {});
  }
}

/** How long the daemon is given to prove what it was told; the check looks for itself afterwards. */
const PROOF_MS = 1_000;
const NEWEST_EVENTS = 50;
/** What the button of a gate brings about. */
const BY_BUTTON: ReadonlySet<string> = new Set(['button', 'button-alone', 'press']);

function daemonSubject(client: Client, gate: string): Subject {
  const post = async (command: string, body: object) => {
    const result = await client.post<CommandView>(
      gatePath(gate, command),
      { timeoutMs: PROOF_MS, ...body },
      PROOF_MS,
    );
    return result.error ?? null;
  };
  return {
    async view() {
      const { gates } = await client.get<StatusAnswer>('/v1/status');
      const found = gates.find((each) => each.gate === gate);
      if (found) return found;
      const { noSuchGate } = await import('../daemon/nearest.ts');
      const { details, extra } = noSuchGate(
        gate,
        gates.map((each) => each.gate),
      );
      throw new EarlidError('no-such-gate', details, extra);
    },
    wiring: () => client.get<WiringAnswer>(gatePath(gate, 'wiring')),
    mute: async () => void (await post('mute', {})),
    async unmute(forMs) {
      let refusal = await post('unmute', { forMs });
      // The configuration allows less at a time.
      if (refusal?.code === 'grant-too-long') refusal = await post('unmute', {});
      if (refusal?.code === 'not-permitted') return false;
      if (refusal && refusal.code !== 'not-proven') throw new ToldError(refusal);
      return true;
    },
    async presses() {
      const { events } = await client.get<EventsAnswer>(
        `/v1/events?gate=${encodeURIComponent(gate)}&limit=${NEWEST_EVENTS}`,
      );
      const newest = events.findLast(({ kind, cause }) => kind === 'press' || BY_BUTTON.has(cause));
      return newest ? newest.boot * 2 ** 24 + newest.seq : 0;
    },
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** Asks on the terminal, and reads the answers from the standard input. */
async function terminalPerson(io: Io, gate: string, json: boolean): Promise<Person> {
  const { STEPS, WORDS } = await import('../verify/steps.ts');
  // With --json the questions go where they are no part of the answer.
  const say = (text: string) => (json ? io.err : io.out).write(text);
  const last = Object.keys(STEPS).length;
  const read = async (): Promise<string> => {
    const line = await io.readLine();
    if (line === null) throw new EarlidError('verify-interrupted', { gate });
    return line.trim().toLowerCase();
  };
  return {
    step: (number, name) => say(`\nStep ${number} of ${last}: ${STEPS[name].title}\n`),
    wait: (text) => say(`  ${text}\n`),
    async act(action) {
      say(`  ${WORDS[action]}\n`);
    },
    async ask(question) {
      for (;;) {
        say(`  ${WORDS[question]} [yes/no] `);
        const answer = await read();
        if (answer === 'y' || answer === 'yes') return true;
        if (answer === 'n' || answer === 'no') return false;
      }
    },
  };
}
