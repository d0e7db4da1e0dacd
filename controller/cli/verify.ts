import type {
  CommandView,
  DiagnosisAnswer,
  EventsAnswer,
  GateView,
  OverrideView,
  StatusAnswer,
  WiringAnswer,
} from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { gateNamed } from '../config/nearest.ts';
import type { Person, Subject } from '../verify/check.ts';
import { type Client, ToldError } from './client.ts';
import {
  type CommandContext,
  gatePath,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  tellError,
  usageError,
  viewOf,
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
      if (!forget) await checkId(client, gate);
      if (!assumeWired && !forget) await guide(context, client, gate, record, json === true);
      const answer = await record(forget ? null : assumeWired ? 'assumed' : 'passed');
      if (json) return printJson(context.io, answer);
      const { wiringLine } = await import('./wiring-words.ts');
      print(context.io, wiringLine(answer, context.io.now()));
    });
};

/** A board without an id is given one in the end; whoever cannot is told before all the steps. */
async function checkId(client: Client, gate: string): Promise<void> {
  const { gates } = await client.get<DiagnosisAnswer>('/v1/diagnosis');
  const { via, board } = gateNamed(gate, gates, (each) => each.gate);
  if (via === 'mqtt' && board?.gateId === '') throw new EarlidError('verify-at-port', { gate });
}

/** Goes through the steps; throws what was found, after the gate has been told to mute. */
async function guide(
  { io }: CommandContext,
  client: Client,
  gate: string,
  record: (wiring: null) => Promise<unknown>,
  json: boolean,
): Promise<void> {
  const { checkWiring } = await import('../verify/check.ts');
  const over = new AbortController();
  const subject = daemonSubject(client, gate, over.signal);
  const { override } = await subject.view();
  let stop = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = io.onEnd(() => reject(new EarlidError('verify-interrupted', { gate })));
  });
  const found = await Promise.race([
    checkWiring(subject, await terminalPerson(io, gate, json, over.signal)),
    interrupted,
  ]).then(
    () => null,
    (error: unknown) => error,
  );
  stop();
  // The check may still be waiting for something: it does nothing to the gate any more.
  over.abort();
  // What was held before or by somebody else meanwhile stays held; everything else is up to the rules again.
  if (!(await subject.isHeldByOther().catch(() => false))) {
    const command = (name: string, ms: number) =>
      client.post(gatePath(gate, name), { timeoutMs: ms }, ms).catch(() => {});
    await command('mute', PROOF_MS);
    if (override?.kind !== 'hold') await command('resume', 0);
  }
  if (found === null) return;
  // A question may stand open on the line.
  if (!json) io.out.write('\n');
  if (found instanceof EarlidError && found.code === 'wiring-wrong')
    // A disk that fails must not hide what was found.
    await record(null).catch((error) => tellError(io, viewOf(error).view, false));
  throw found;
}

/** How long the daemon is given to prove what it was told; the check looks for itself afterwards. */
const PROOF_MS = 1_000;
const NEWEST_EVENTS = 50;
/** What the button of a gate brings about. */
const BY_BUTTON: ReadonlySet<string> = new Set(['button', 'button-alone', 'press']);

const OWN_HOLD: OverrideView = { kind: 'hold', until: null, source: 'cli' };

/** `isHeldByOther`: somebody else has put a hold in the place of what this check did last. */
type DaemonSubject = Subject & { isHeldByOther(): Promise<boolean> };

/** Does nothing to the gate after `over`, nor once somebody else holds it. */
function daemonSubject(client: Client, gate: string, over: AbortSignal): DaemonSubject {
  let standing: OverrideView | null | undefined;
  const view = async (): Promise<GateView> => {
    const { gates } = await client.get<StatusAnswer>('/v1/status');
    const found = gateNamed(gate, gates, (each) => each.gate);
    if (standing === undefined) standing = found.override;
    return found;
  };
  const isHeldByOther = async () => {
    const { override } = await view();
    return override?.kind === 'hold' && !isSame(override, standing ?? null);
  };
  const post = async (command: string, body: object) => {
    if (await isHeldByOther()) throw new EarlidError('verify-interrupted', { gate });
    over.throwIfAborted();
    standing = command === 'mute' ? OWN_HOLD : null;
    const result = await client.post<CommandView>(
      gatePath(gate, command),
      { timeoutMs: PROOF_MS, ...body },
      PROOF_MS,
    );
    standing = result.override;
    return result.error ?? null;
  };
  return {
    view,
    isHeldByOther,
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
    async pass(ms) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      over.throwIfAborted();
    },
  };
}

const isSame = (a: OverrideView, b: OverrideView | null): boolean =>
  a.kind === b?.kind && a.until === b.until && a.source === b.source;

/** Asks on the terminal, and reads the answers from the standard input. */
async function terminalPerson(io: Io, gate: string, json: boolean, over: AbortSignal): Promise<Person> {
  const { STEPS, WORDS } = await import('../verify/steps.ts');
  // With --json the questions go where they are no part of the answer.
  const say = (text: string) => (json ? io.err : io.out).write(text);
  const last = Object.keys(STEPS).length;
  const read = async (): Promise<string> => {
    const line = await io.readLine(over);
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
