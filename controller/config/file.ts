/** Reads the text of `earlid.yaml`. */
import { type Config, configJsonSchema, configSchema, LATER_KEYS, toConfig } from '../../schemas/config.ts';
import { FORMER_KEYS } from '../../schemas/gate-config.ts';
import { countryProblem, siteHolidays } from '../presence/calendar/site-holidays.ts';
import { compile, type RuleProblem } from './compile.ts';
import { withAbsolutePaths } from './paths.ts';
import { parseForm } from './yaml-form.ts';

/**
 * Checks `text`; throws `config-invalid` with every problem found, in the order of the file. With `now` (UTC ms) a rule that
 * holds at no time to come is one of them.
 */
export function parseConfig(text: string, file: string, now: number | null = null): Config {
  return parseForm(text, file, {
    invalid: 'config-invalid',
    schema: configSchema,
    jsonSchema: configJsonSchema,
    read: (value) => {
      const config = withAbsolutePaths(toConfig(value), file);
      const { problems } = compile(config, { isHoliday: siteHolidays(config.site), now });
      return { result: config, problems: [...countryProblems(config), ...problems] };
    },
    refusal,
  });
}

function countryProblems({ site }: Config): RuleProblem[] {
  const country = site?.holidays?.country ?? null;
  const message = country === null ? null : countryProblem(country);
  return message === null ? [] : [{ path: ['site', 'holidays', 'country'], message }];
}

/** Keys that other versions read. */
function refusal(path: readonly PropertyKey[], key: string): string | null {
  const place = placeOf(path);
  if (place === 'gate' && Object.hasOwn(FORMER_KEYS, key)) return `no longer a key: ${FORMER_KEYS[key]}`;
  return place && LATER_KEYS[place].includes(key)
    ? 'not supported by this version of Earlid; the file is refused because leaving it out could let a speaker hear when it must not'
    : null;
}

function placeOf(path: readonly PropertyKey[]): keyof typeof LATER_KEYS | null {
  if (path.length === 0) return 'top';
  if (path.includes('if') || (path[0] === 'presence' && path.length > 1)) return 'condition';
  if (path[0] !== 'gates') return null;
  if (path.length === 2) return 'gate';
  return path[2] === 'speaker' || path[2] === 'link' ? path[2] : null;
}
