/**
 * Visits the broker and Home Assistant as the configuration names them. Takes no command and publishes nothing that acts: one
 * message on a topic that nobody but the doctor reads.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../schemas/config.ts';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { HomeAssistantApi } from '../../schemas/homeassistant.ts';
import { topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import type { Source } from '../../schemas/sources.ts';
import { compile } from '../config/compile.ts';
import type { Clock } from '../link/clock.ts';
import { brokerName, useBroker } from '../mqtt/connection.ts';
import { siteHolidays } from '../presence/calendar/site-holidays.ts';
import { isReady, type Picture, wantedBy } from '../presence/homeassistant/entities.ts';
import { readFiles } from '../presence/homeassistant/files.ts';
import { converse } from '../presence/homeassistant/session.ts';
import { openWire } from '../presence/homeassistant/wire.ts';
import type { Asked } from '../presence/source.ts';
import type { BrokerFacts, Facts, HomeAssistantFacts } from './facts.ts';

/** How long a visit may take, and how long what was published may take to come back. */
const [VISIT_MS, ECHO_MS] = [5_000, 2_000];
/** There in every Home Assistant: to ask for no entity would be to ask for all. */
const SOME_ENTITY = 'zone.home';

/** What a visit finds. `said`: what a running daemon says is wrong, null without one; a token that was refused is not shown again. */
export async function networkFacts(
  config: Config,
  said: readonly ErrorView[] | null,
  clock: Clock,
): Promise<Pick<Facts, 'broker' | 'homeAssistant'>> {
  const { mqtt, homeassistant } = config;
  const { sources } = compile(config, { isHoliday: siteHolidays(config.site), now: null });
  const asked = <K extends Source['kind']>(kind: K) =>
    [...sources].flatMap(([fact, { source }]) =>
      source.kind === kind ? [{ fact, source }] : [],
    ) as unknown as Asked<K>;
  const topics = [...new Set(asked('mqtt').map(({ source }) => source.topic))];
  const api = homeassistant?.api ?? null;
  const place = homeassistant?.devices ?? null;
  const [visited, homeAssistant] = await Promise.all([
    mqtt && brokerFacts(mqtt, place, topics, runsBroker(said), clock),
    api && visitHomeAssistant(api, asked('homeassistant'), said ?? [], clock),
  ]);
  return { broker: visited, homeAssistant };
}

async function brokerFacts(
  config: MqttConfig,
  place: BrokerFacts['place'],
  topics: readonly string[],
  isOwnThere: boolean,
  clock: Clock,
): Promise<BrokerFacts> {
  const facts = { broker: brokerName(config), isOwn: config.embedded, place };
  const isThere = !config.embedded || isOwnThere;
  const found = isThere ? await visitBroker(config, place, topics, clock) : NOT_VISITED;
  return { ...facts, ...found };
}

/** The embedded broker is there with its daemon only. Whoever else has its port is not to hear our password. */
const runsBroker = (said: readonly ErrorView[] | null): boolean =>
  said !== null && !said.some(({ code }) => code === 'mqtt-port-busy' || code === 'mqtt-embedded');

const NOT_VISITED = { problems: [], isHeard: null, controller: null };

async function visitBroker(
  config: MqttConfig,
  place: BrokerFacts['place'],
  facts: readonly string[],
  { now, after }: Clock,
): Promise<Pick<BrokerFacts, 'problems' | 'isHeard' | 'controller'>> {
  const broker = brokerName(config);
  const own = place && topicsOf(place.topic);
  // At the broker of a daemon nobody else says anything on topics of Earlid.
  const writes = own !== null && !config.embedded;
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  const word = randomBytes(8).toString('hex');
  const problems: ErrorView[] = [];
  let isIn = false;
  let isHeard = false;
  let controller: string | null = null;
  const isDone = () => isHeard || (controller !== null && !writes);
  let isLate = false;
  let cancel = after(VISIT_MS, () => {
    isLate = true;
    leave();
  });
  const ending = await useBroker(
    config,
    [...(own ? [own.status] : []), ...(writes ? [own.doctor] : []), ...facts],
    {
      exposed(problem) {
        // A daemon with a broker of its own says itself who may know its password.
        if (problem && !config.embedded) problems.push(problem);
      },
      skipped() {},
      message({ topic, payload }) {
        const text = Buffer.from(payload).toString('utf8');
        if (topic === own?.status) controller = text;
        if (topic === own?.doctor && text === word) isHeard = true;
        if (isIn && isDone()) leave();
      },
      up(refused, connection) {
        isIn = true;
        if (refused.length > 0)
          problems.push(describe('mqtt-topics', { broker, topics: refused.join(', ') }));
        if (!own || isDone()) return leave();
        cancel();
        cancel = after(ECHO_MS, leave);
        if (writes) connection.publish(own.doctor, word, { retain: false, lastsMs: ECHO_MS });
      },
    },
    { now, after },
    leaving.signal,
  );
  cancel();
  if (!isIn)
    problems.push(isLate ? describe('mqtt-unreachable', { broker, detail: 'it does not answer' }) : ending);
  return { problems, isHeard: isIn && writes ? isHeard : null, controller: isIn ? controller : null };
}

async function visitHomeAssistant(
  api: HomeAssistantApi,
  asked: Asked<'homeassistant'>,
  said: readonly ErrorView[],
  { now, utc, after }: Clock,
): Promise<HomeAssistantFacts> {
  const { url, tokenFile } = api;
  const { entities, attributes } = wantedBy(asked);
  const found = (problems: readonly ErrorView[]): HomeAssistantFacts => ({
    url,
    problems,
    asked: entities.size,
  });
  // It shuts out whoever tries too often.
  if (said.some(({ code }) => code === 'homeassistant-token')) return found([]);
  const leaving = new AbortController();
  let picture: Picture | null = null;
  const cancel = after(VISIT_MS, () => leaving.abort());
  try {
    const { token, ca, isOpen } = await readFiles(api);
    const open = isOpen ? [describe('homeassistant-token-open', { file: tokenFile })] : [];
    const ending = await converse({
      url,
      ca,
      token,
      wanted: { entities: entities.size > 0 ? entities : new Set([SOME_ENTITY]), attributes },
      handlers: {
        confirmed(confirmed) {
          picture = confirmed;
          leaving.abort();
        },
        changed() {},
      },
      open: openWire,
      signal: leaving.signal,
      now: () => ({ wall: utc(), counted: now() }),
      after,
    });
    const unanswered = describe('homeassistant-unreachable', { url, detail: 'it does not answer' });
    return found([...open, ...(picture ? judged(picture) : [ending ?? unanswered])]);
  } catch (error) {
    if (error instanceof EarlidError) return found([error.view]);
    throw error;
  } finally {
    cancel();
  }

  function judged(picture: Picture): ErrorView[] {
    if (!isReady(picture)) return [describe('homeassistant-starting', { url, detail: picture.state })];
    const missing = [...entities].filter((id) => !picture.entities.has(id));
    return missing.length > 0
      ? [describe('homeassistant-entities', { url, entities: missing.join(', ') })]
      : [];
  }
}
