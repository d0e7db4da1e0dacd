/** Whose word counts on which topic. Pure. */
import type { KindOf } from '../mqtt/rights.ts';
import type { Place } from './discovery.ts';

/** What topics are for at a broker that gates are shown through at this place; null: they are not shown. */
export function kindOfTopic(place: Place | null): KindOf {
  if (!place) return () => 'free';
  const { discovery, topic: base } = place;
  return (topic) => {
    if (topic === base || topic.startsWith(`${discovery}/device/${base}_`)) return 'told';
    if (!topic.startsWith(`${base}/`)) return 'free';
    return topic.endsWith('/set') ? 'command' : 'told';
  };
}
