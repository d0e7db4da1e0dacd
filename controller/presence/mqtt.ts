/** Facts from topics of an MQTT broker, connected for ever. While there is no connection nothing is told, and facts age. */
import { type BrokerPlace, brokerName, type Message } from '../mqtt/connection.ts';
import { keepBroker } from '../mqtt/keep-broker.ts';
import { shown } from '../network/shown.ts';
import { ToldOnce } from '../network/told-once.ts';
import { holds } from './compare.ts';
import { valueIn } from './payload.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

/** The least time between two looks at one topic, in ms; of what comes meanwhile the newest counts. */
const LOOK_MS = 100;
/** What was under way for longer, in ms, is as old as it may be. */
const PROMPT_MS = 10_000;

export function mqttSource(
  asked: Asked<'mqtt'>,
  config: BrokerPlace,
  { tell, now, after, log, onProblem }: SourceContext,
): FactSource {
  const stopping = new AbortController();
  const { signal } = stopping;
  const topics = [...new Set(asked.map(({ source }) => source.topic))];
  const byTopic = new Map(
    topics.map((topic) => [topic, asked.filter(({ source }) => source.topic === topic)]),
  );
  const resting = new Map<string, { cancel: () => void; next: { message: Message; at: number } | null }>();
  let running: Promise<void> = Promise.resolve();
  let saidSkipped = false;

  const look = ({ topic, payload, retained }: Message, at: number) => {
    for (const { fact, source } of byTopic.get(topic) ?? []) {
      // Nobody knows how old a message is that the broker kept.
      if (retained && !source.retained) continue;
      const read = valueIn(payload, source.path);
      if ('missing' in read) tell(fact, null, at, read.missing);
      else tell(fact, holds(source.compare, read.value), at, shown(String(read.value)));
    }
  };

  /** A topic that was looked at rests for a moment, so that a flood of messages costs little. */
  const take = (message: Message, at: number) => {
    // What some do not believe does not take the place of what they do.
    const key = `${message.retained} ${message.topic}`;
    const rest = resting.get(key);
    if (rest) {
      rest.next = { message, at };
      return;
    }
    look(message, at);
    const cancel = after(LOOK_MS, () => {
      const { next } = resting.get(key)!;
      resting.delete(key);
      if (next) take(next.message, next.at);
    });
    resting.set(key, { cancel, next: null });
  };

  const heard = (message: Message) => {
    const wanted = byTopic.get(message.topic);
    if (signal.aborted || !wanted) return;
    if (message.retained && !wanted.some(({ source }) => source.retained)) return;
    take(message, now().counted - (message.transitMs > PROMPT_MS ? message.transitMs : 0));
  };

  return {
    start() {
      running = keepBroker({
        broker: config,
        topics,
        up: () => log.info(`connected with ${brokerName(config)}`),
        message: heard,
        skipped() {
          if (!saidSkipped)
            log.warn('a message that is far too large was left out; further ones are as well');
          saidSkipped = true;
        },
        problems: new ToldOnce(onProblem),
        now,
        after,
        signal,
      });
    },
    async stop() {
      stopping.abort();
      for (const { cancel } of resting.values()) cancel();
      await running;
    },
  };
}
