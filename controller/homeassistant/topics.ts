/** Whose word counts on which topic. Pure. */
import { LINK_TOPICS, linkOfTopic } from '../../schemas/link-mqtt.ts';
import type { KindOf } from '../mqtt/rights.ts';
import type { Place } from './discovery.ts';

/** What topics are for at a broker that gates are shown through at this place, and reached below `prefix`; null: they are not shown. */
export function kindOfTopic(place: Place | null, prefix: string): KindOf {
  const ofLink = (topic: string) => {
    const link = linkOfTopic(prefix, topic);
    if (link) return LINK_TOPICS[link.topic].retained ? 'free' : 'command';
    return null;
  };
  if (!place) return (topic) => ofLink(topic) ?? 'free';
  const { discovery, topic: base } = place;
  return (topic) => {
    const link = ofLink(topic);
    if (link) return link;
    if (topic === base || topic.startsWith(`${discovery}/device/${base}_`)) return 'told';
    if (!topic.startsWith(`${base}/`)) return 'free';
    return topic.endsWith('/set') ? 'command' : 'told';
  };
}
