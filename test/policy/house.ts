/** A house with one gate, from the text of its `earlid.yaml`. */
import { compile } from '../../controller/config/compile.ts';
import { parseConfig } from '../../controller/config/file.ts';
import type { GateRules } from '../../controller/policy/decide.ts';
import { instantIn } from '../../controller/schedule/instant.ts';
import type { Config } from '../../schemas/config.ts';

export const ZONE = 'Europe/Berlin';

/** What `earlid.yaml` says of the gate `kitchen` (indented by two), and of the rest of the house. */
export interface House {
  readonly kitchen?: string;
  readonly rest?: string;
}

/** The configuration of such a house, its rules, and the facts they ask. */
export function houseOf({ kitchen = '', rest = '' }: House) {
  const text = `site: { timezone: ${ZONE} }\n${rest}\ngates:\n  kitchen:\n    link: { bench: uno-relay }\n${kitchen.replaceAll(/^/gm, '    ')}\n`;
  const config: Config = parseConfig(text, 'earlid.yaml');
  const compiled = compile(config, { isHoliday: () => false, now: null });
  if (compiled.problems.length > 0) throw new Error(compiled.problems[0]!.message);
  const [gate] = config.gates;
  const rules: GateRules = {
    ...compiled.rules.get('kitchen')!,
    buttonMs: gate!.buttonMs,
    mayUnmute: gate!.mayUnmute,
    maxGrantMs: config.grants.maxMs,
    readyAfterMs: gate!.readyAfterMs,
  };
  return {
    config,
    rules,
    asked: new Map([...compiled.sources].map(([name, { maxAgeMs }]) => [name, maxAgeMs])),
  };
}

/** UTC ms of a time on the wall in Berlin. */
export const berlin = (wall: string): number => instantIn(ZONE, wall)!;
