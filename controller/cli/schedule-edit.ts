/** `earlid schedule set | add | never | once | except | remove`: changes of earlid.yaml. */
import type { Command } from 'commander';
import type { GateView } from '../../schemas/api.ts';
import { EXIT } from '../../schemas/errors.ts';
import type { Wish } from '../edit/plan.ts';
import {
  type CommandContext,
  JSON_OPTION,
  print,
  printJson,
  tellError,
  usageError,
  wholeNumber,
} from './command.ts';
import { FILE_OPTION, fileToChange, following } from './following.ts';
import { type Io, useColour } from './io.ts';
import type { Change, RuleFile } from './rule-editing.ts';
import { gateLine, nameWidth } from './words.ts';

interface Options {
  readonly config?: string;
  readonly if?: string;
  readonly yes?: true;
  readonly over?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** How long the daemon may take to go by the change. */
const FOLLOW_MS = 5_000;

type Ask = (file: RuleFile) => Wish | Promise<Wish>;
const MOST_RULES = 64;

const HELP = `
What changes is these rules and nothing else: comments, order and all else in
the file stay as they are, byte for byte. The file is checked as a whole before
it is written.
`;

/** Adds these commands to the group `schedule`. */
export function registerEdits(group: Command, context: CommandContext): void {
  const command = (name: string, description: string, help: string) =>
    group
      .command(name)
      .description(description)
      .argument('<gate>')
      .option(...FILE_OPTION)
      .option('--dry-run', 'show the change, write nothing')
      .option(...JSON_OPTION)
      .addHelpText('after', HELP + help);
  const withCondition = (of: Command) =>
    of
      .argument('<schedule>')
      .option('--if <presence>', 'only while this presence of the configuration is true');
  const rule = (text: string, { if: condition }: Options) => ({
    schedule: oneLine(text),
    ...(condition !== undefined && { if: condition }),
  });

  withCondition(command('set', 'the gate listens by this schedule, and by no other rule', SET))
    .option('--yes', 'also when rules that ask more than the clock are lost')
    .action((gate: string, text: string, options: Options) =>
      run(context, gate, text, options, () => ({
        kind: 'set',
        rule: rule(text, options),
        yes: options.yes === true,
      })),
    );
  withCondition(command('add', 'one more rule that lets it listen', ADD)).action(
    (gate: string, text: string, options: Options) =>
      run(context, gate, text, options, () => ({ kind: 'add', side: 'listen', rule: rule(text, options) })),
  );
  withCondition(command('never', 'one more rule that forbids it to listen', NEVER)).action(
    (gate: string, text: string, options: Options) =>
      run(context, gate, text, options, () => ({ kind: 'add', side: 'never', rule: rule(text, options) })),
  );
  command('once', 'it may listen on one day, at these hours', ONCE)
    .argument('<day and hours>')
    .action((gate: string, text: string, options: Options) =>
      run(context, gate, text, options, async (file) => {
        const { checkDated, withDay } = await import('../edit/dated.ts');
        const schedule = withDay(oneLine(text), await wallAt(context, file));
        checkDated(schedule);
        return { kind: 'add', side: 'listen', rule: { schedule } };
      }),
    );
  command('except', 'other hours, or none, on some days', EXCEPT)
    .argument('<days>', "such as 2026-12-24, tomorrow or 'Dec 24-26'")
    .argument('[hours]', 'such as 10:00-12:00', 'off')
    .action((gate: string, days: string, hours: string, options: Options) =>
      run(context, gate, `${days} ${hours}`, options, async (file) => {
        const { withDay } = await import('../edit/dated.ts');
        return {
          kind: 'except',
          exception: withDay(oneLine(`${days} ${hours}`), await wallAt(context, file)),
        };
      }),
    );
  command('remove', 'take a rule out', REMOVE)
    .argument('[side]', 'listen or never')
    .argument('[number]', 'as `earlid schedule list` counts them', wholeNumber(1, MOST_RULES))
    .option('--over', 'those whose days have passed')
    .action((gate: string, side: string | undefined, number: number | undefined, options: Options) =>
      run(context, gate, '', options, (file) => removal(file, gate, { side, number, over: options.over })),
    );
}

const SET = `
Rules with a calendar or an \`if\` are lost only with --yes.

Examples:
  $ earlid schedule set kitchen 'Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00; PH off'
  $ earlid schedule set kitchen '07:00-22:00' --if anyone_home`;
const ADD = `
One rule that holds is enough to listen, unless a never rule holds.

Examples:
  $ earlid schedule add kitchen 'Sa 14:00-16:00'`;
const NEVER = `
A never rule wins over whatever lets the gate listen, also over somebody who
unmutes it.

Examples:
  $ earlid schedule never kitchen '22:00-07:00'
  $ earlid schedule never kitchen '00:00-24:00' --if guests`;
const ONCE = `
The day is one of the calendar at the site. Hours that end before they begin end
on the next day. A rule whose day has passed stays until it is taken out:
\`earlid schedule remove <gate> --over\`.

Examples:
  $ earlid schedule once kitchen 'tomorrow 18:00-20:00'
  $ earlid schedule once kitchen '2026-12-31 20:00-01:00'`;
const EXCEPT = `
Every schedule of its listen rules gets the exception; one for the same days is
replaced. Never rules stay as they are.

Examples:
  $ earlid schedule except kitchen 2026-12-24
  $ earlid schedule except kitchen 'Dec 24-26' '10:00-12:00'
  $ earlid schedule except kitchen PH`;
const REMOVE = `
Comments stay, also those of a rule that is taken out.

Examples:
  $ earlid schedule remove kitchen listen 2
  $ earlid schedule remove kitchen --over`;

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** What the clock at the site shows, in ms as if it were UTC. */
async function wallAt({ io }: CommandContext, file: RuleFile): Promise<number> {
  const { zoneOf } = await import('../schedule/zone.ts');
  const now = io.now();
  // Without a site the change itself is refused, with the reason.
  const zone = zoneOf(file.config().site?.zone ?? 'UTC');
  return now + (zone?.offsetAt(now) ?? 0);
}

function removal(
  file: RuleFile,
  gate: string,
  asked: {
    readonly side: string | undefined;
    readonly number: number | undefined;
    readonly over: true | undefined;
  },
): Wish {
  const { over } = asked;
  // As `earlid schedule list` and messages call it: 'listen 2' in one word.
  const whole = asked.number === undefined ? /^(listen|never) ([1-9]\d?)$/.exec(asked.side ?? '') : null;
  const [side, number] = whole ? [whole[1], Number(whole[2])] : [asked.side, asked.number];
  if (over) {
    if (side !== undefined) throw usageError('either a rule or --over', 'schedule', 'remove');
    return { kind: 'remove', places: file.over(gate) };
  }
  if ((side !== 'listen' && side !== 'never') || number === undefined)
    throw usageError('name the rule, such as `listen 2`', 'schedule', 'remove');
  return { kind: 'remove', places: [{ side, index: number - 1 }] };
}

async function run(
  context: CommandContext,
  gate: string,
  text: string,
  options: Options,
  ask: Ask,
): Promise<void> {
  const { io } = context;
  const { RuleFile, write } = await import('./rule-editing.ts');
  const { ScheduleError } = await import('../schedule/schedule.ts');
  const { parseSchedule } = await import('../schedule/parse.ts');
  const file = new RuleFile(await fileToChange(context, options.config), io.now());
  let change: Change;
  let given = oneLine(text);
  try {
    const wish = await ask(file);
    if (wish.kind === 'add' || wish.kind === 'set') given = wish.rule.schedule;
    if (wish.kind === 'except') given = wish.exception;
    if (wish.kind !== 'remove') parseSchedule(given);
    change = file.change(gate, wish);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    const { tellScheduleError } = await import('./schedule-error.ts');
    return tellScheduleError(context, given, error, options.json === true);
  }
  const isWritten = change.diff !== '' && !options.dryRun;
  if (isWritten) await write(change);
  const followed = isWritten ? await following(context, change, FOLLOW_MS) : null;
  const { changeAnswer, changeLines } = await import('./rule-words.ts');
  if (followed?.state === 'late') context.exit(EXIT.unproven);
  if (options.json) return printJson(io, changeAnswer(change, followed));
  for (const line of changeLines(change, followed, (view, at) => statusLine(io, view, at))) print(io, line);
  if (followed?.state === 'late') tellError(io, followed.error, false);
}

const statusLine = (io: Io, view: GateView, at: number): string =>
  gateLine(view, at, useColour(io), nameWidth([view]));
