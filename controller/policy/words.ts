/** What decides about a gate, in words for people. Pure. */
import type { GrantSource, Override, OverrideSource } from './override.ts';
import type { Condition, Rule } from './rules.ts';

const HELD_BY: Readonly<Record<OverrideSource, string>> = {
  button: 'held muted by the button',
  cli: 'held muted from the command line',
  homeassistant: 'held muted from Home Assistant',
  daemon: 'held muted because Earlid could not read its own state',
  controller: 'held muted because another board answers here than before',
  'mute-button': 'held muted by the mute button',
  elsewhere: 'held muted by another controller',
};
const GRANTED_BY: Readonly<Record<GrantSource, string>> = {
  button: 'unmuted by the button',
  cli: 'unmuted from the command line',
  homeassistant: 'unmuted from Home Assistant',
  daemon: 'unmuted by Earlid',
  controller: 'unmuted by Earlid',
};

export function heldBy(hold: Extract<Override, { readonly kind: 'hold' }>): string {
  return `${HELD_BY[hold.source]}${hold.from === undefined ? '' : ` on ${hold.from}`}`;
}

export const grantedBy = (grant: Extract<Override, { readonly kind: 'grant' }>): string =>
  GRANTED_BY[grant.source];

const words = new WeakMap<Rule, string>();

/** Such as `never rule 2 (22:00-07:00 and guests)`. */
export function ruleWords(rule: Rule): string {
  const known = words.get(rule) ?? wordsOf(rule);
  words.set(rule, known);
  return known;
}

function wordsOf(rule: Rule): string {
  const [side, number] = rule.name.split(' ');
  return `${side} rule ${number} (${ruleParts(rule)})`;
}

/** What a rule says, such as `22:00-07:00 and guests`. */
export function ruleParts({ schedule, calendar, condition }: Rule): string {
  const parts = [
    ...(schedule ? [schedule.text] : []),
    ...(calendar
      ? [`calendar ${calendar.name}${calendar.match === null ? '' : ` with ${calendar.match}`}`]
      : []),
    ...(condition ? [conditionWords(condition)] : []),
  ];
  return parts.join(' and ');
}

/** The name of a presence, else what it asks. */
function conditionWords(condition: Condition): string {
  if (condition.name !== null) return condition.name;
  switch (condition.kind) {
    case 'fact':
      return condition.fact;
    case 'not':
      return `not ${conditionWords(condition.of)}`;
    case 'any':
      return condition.of.map(conditionWords).join(' or ');
    case 'all':
      return condition.of.map(conditionWords).join(' and ');
    case 'after':
    case 'linger':
      return conditionWords(condition.of);
  }
}
