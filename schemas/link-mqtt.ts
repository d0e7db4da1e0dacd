/** How guard frames travel through an MQTT broker: topics, payloads and figures of the link between a controller and a gate. */
import { NAME } from './name.ts';

/** Where the topics of links stand below, unless somebody says otherwise. */
export const DEFAULT_PREFIX = 'earlid';
/** One or more levels of a topic, without wildcards. */
export const PREFIX = /^[A-Za-z0-9_-]{1,32}(\/[A-Za-z0-9_-]{1,32}){0,3}$/;

/** What is said on the topic `online`. */
export const ONLINE = '1';
export const OFFLINE = '0';

/** Every figure of this link, with its meaning. */
export const LINK_LIMITS = {
  payloadBytes: { value: 1024, meaning: 'longest payload that anybody has to read' },
  expiryMs: {
    value: 2_000,
    meaning: 'a frame that waits longer than this at a broker that speaks MQTT 5 is dropped there',
  },
} as const;

/** Each topic of a gate, who publishes there, and what. */
export const LINK_TOPICS = {
  down: {
    from: 'controller',
    retained: false,
    meaning: 'frames for the gate',
  },
  up: {
    from: 'whoever serves the gate',
    retained: false,
    meaning: 'frames of the gate',
  },
  online: {
    from: 'whoever serves the gate',
    retained: true,
    meaning: `\`${ONLINE}\`: its frames are forwarded; \`${OFFLINE}\` (also the will): nobody does so, or the gate itself is out of reach`,
  },
} as const satisfies Readonly<
  Record<string, { readonly from: string; readonly retained: boolean; readonly meaning: string }>
>;
export type LinkTopic = keyof typeof LINK_TOPICS;

const LINKS = 'links';

/** What all topics of a gate begin with; for people, where its link leads. */
export const linkPlace = (prefix: string, gate: string): string => `${prefix}/${LINKS}/${gate}`;

/** The topic of a gate. */
export const linkTopic = (prefix: string, gate: string, topic: LinkTopic): string =>
  `${linkPlace(prefix, gate)}/${topic}`;

/** One filter for this topic of all gates. */
export const linkFilter = (prefix: string, topic: LinkTopic): string => `${prefix}/${LINKS}/+/${topic}`;

/** Whose topic it is, and which; null when it is none of a link. */
export function linkOfTopic(
  prefix: string,
  topic: string,
): { readonly gate: string; readonly topic: LinkTopic } | null {
  const head = `${prefix}/${LINKS}/`;
  if (!topic.startsWith(head)) return null;
  const [gate = '', part = '', ...more] = topic.slice(head.length).split('/');
  if (more.length > 0 || !NAME.test(gate) || !Object.hasOwn(LINK_TOPICS, part)) return null;
  return { gate, topic: part as LinkTopic };
}
