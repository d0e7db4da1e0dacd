/** What is found at the broker and at Home Assistant, and what a running daemon says of them. Pure. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { ONLINE, topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import { bad, ok, type Verdict, warning } from './check.ts';
import type { BrokerFacts, Facts } from './facts.ts';

type Judged = readonly (readonly [id: string, verdict: Verdict])[];

type Place = NonNullable<BrokerFacts['place']>;

/** Gates work with these. */
const HARMLESS = ['mqtt-file-open', 'homeassistant-token-open'];

/** Lines for each of the two that the configuration names. */
export function judgeNetwork(facts: Facts): Judged {
  return [...broker(facts), ...homeAssistant(facts)];
}

/** A problem of the daemon that stands in one of those lines. */
export const isOfNetwork = ({ broker, homeAssistant }: Facts, { code }: ErrorView): boolean =>
  (broker !== null && code.startsWith('mqtt-')) ||
  (homeAssistant !== null && code.startsWith('homeassistant-'));

/** Each once: found here, or said by the daemon, which may come from elsewhere or as somebody else. */
function problems(found: readonly ErrorView[], { daemon }: Facts, prefix: string): readonly ErrorView[] {
  const said = daemon && 'problems' in daemon ? daemon.problems : [];
  const all = [...found, ...said.filter(({ code }) => code.startsWith(prefix))];
  return [...new Map(all.map((problem) => [problem.message, problem])).values()];
}

const told = (id: string, { code, message, hint }: ErrorView): readonly [string, Verdict] => [
  id,
  HARMLESS.includes(code) ? warning(message, hint) : bad(message, hint),
];

function broker(facts: Facts): Judged {
  if (!facts.broker) return [];
  const { broker, isOwn, place, isHeard, controller } = facts.broker;
  const wrong = problems(facts.broker.problems, facts, 'mqtt-').map((problem) => told('broker', problem));
  if (wrong.some(([, { status }]) => status === 'bad')) return wrong;
  if (isOwn && facts.daemon === null)
    return [['broker', ok(`${broker}: of Earlid itself, runs with the daemon`)], ...wrong];
  const odd = place ? oddities(broker, place, { isHeard, controller, isRunning: facts.daemon !== null }) : [];
  const does = isOwn ? 'of Earlid itself, connected' : `connected, reads${isHeard ? ' and writes' : ''}`;
  const first = odd.length > 0 ? odd : [ok(`${broker}: ${does}`)];
  return [...first.map((verdict) => ['broker', verdict] as const), ...wrong];
}

/** What does not go together. */
function oddities(
  broker: string,
  { topic: base, discovery }: Place,
  found: Pick<BrokerFacts, 'isHeard' | 'controller'> & { readonly isRunning: boolean },
): Verdict[] {
  const { isHeard, controller, isRunning } = found;
  const { doctor, status } = topicsOf(base);
  if (isHeard === false) {
    const { message, hint } = describe('mqtt-unheard', { broker, topic: doctor, base, discovery });
    return [warning(message, hint)];
  }
  if (isRunning && controller !== ONLINE)
    return [
      warning(
        `${broker} does not say at ${status} that the controller is online`,
        'Has the daemon just started? Else it uses another broker, or may not write there: `earlid status`.',
      ),
    ];
  if (!isRunning && controller === ONLINE)
    return [
      warning(
        `${broker} says at ${status} that a controller is online, and none runs here`,
        'One that was killed is gone from there within half a minute. Another one needs another `homeassistant.topic`.',
      ),
    ];
  return [];
}

function homeAssistant(facts: Facts): Judged {
  const { homeAssistant } = facts;
  if (!homeAssistant) return [];
  const id = 'home-assistant';
  const { url, asked } = homeAssistant;
  const wrong = problems(homeAssistant.problems, facts, 'homeassistant-').map((problem) => told(id, problem));
  if (wrong.some(([, { status }]) => status === 'bad')) return wrong;
  const has = asked === 0 ? 'no condition asks it' : `has what conditions ask (${entities(asked)})`;
  return [[id, ok(`${url}: runs, takes the token, ${has}`)], ...wrong];
}

const entities = (count: number): string => (count === 1 ? '1 entity' : `${count} entities`);
