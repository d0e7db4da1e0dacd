/** Reads a facts file: what `earlid simulate` takes for true, and from when. */
import { parse } from 'yaml';
import type { z } from 'zod';
import type { Config } from '../../schemas/config.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { factsFileSchema } from '../../schemas/facts-file.ts';
import { compile } from '../config/compile.ts';
import { nearest } from '../config/nearest.ts';
import { readConfigText } from '../config/text.ts';
import { type Course, calendarKey, type Imagined } from '../policy/imagined.ts';
import { instantIn } from '../schedule/instant.ts';

/** Throws `bad-facts` with what is wrong first. Times without a zone are those of the wall at `zone`. */
export function readFacts(file: string, zone: string, config: Config): Imagined {
  const { sources } = compile(config, { isHoliday: () => false, now: null });
  const wrong = (detail: string) => new EarlidError('bad-facts', { file, detail }, { file });
  const names = [
    ...config.presence.keys(),
    ...sources.keys(),
    ...config.calendars.map(({ name }) => calendarKey(name)),
  ];
  const facts = parsed(file, wrong);
  return new Map(
    Object.entries(facts).map(([name, course]) => {
      if (!names.includes(name)) {
        const meant = nearest(name, names);
        const known = names.length === 0 ? 'it names none' : `there are ${names.join(', ')}`;
        throw wrong(
          `the configuration asks nothing of \`${name}\`; ${meant ? `did you mean \`${meant}\`?` : known}`,
        );
      }
      if (!Array.isArray(course)) return [name, [{ at: 0, value: course }]];
      return [name, courseOf(name, course, zone, wrong)];
    }),
  );
}

type Facts = z.output<typeof factsFileSchema>;
type Wrong = (detail: string) => EarlidError;

function parsed(file: string, wrong: Wrong): Facts {
  let value: unknown;
  try {
    value = parse(readConfigText(file), { maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof EarlidError)
      throw wrong(error.code === 'config-missing' ? 'there is no such file' : error.message);
    throw wrong(`this is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const result = factsFileSchema.safeParse(value ?? {});
  if (result.success) return result.data;
  const found = result.error.issues[0]!;
  // A list was meant: what is told is what is wrong with it.
  const inner =
    found.code === 'invalid_union'
      ? found.errors.at(-1)?.find(({ path, code }) => path.length > 0 || code === 'too_big')
      : null;
  const issue = inner ? { path: [...found.path, ...inner.path], message: inner.message } : found;
  throw wrong(`${issue.path.join('.') || 'it'}: expected ${issue.message}`);
}

function courseOf(
  name: string,
  steps: readonly { readonly from: string; readonly is: boolean | null }[],
  zone: string,
  wrong: Wrong,
): Course {
  let last = Number.NEGATIVE_INFINITY;
  return steps.map(({ from, is }) => {
    const at = instantIn(zone, from);
    if (at === null)
      throw wrong(`${name}: \`${from}\` is no time; write 2027-03-22T17:00, or 2027-03-22T16:00:00Z`);
    if (at <= last) throw wrong(`${name}: \`${from}\` is not after the one before it`);
    last = at;
    return { at, value: is };
  });
}
