/**
 * Facts from entities of Home Assistant, connected for ever. A fact is as old as the last answer of a Home Assistant that has
 * started, whether or not it changed since. While there is no connection nothing is told, and facts age.
 */
import { describe, EarlidError, type ErrorView } from '../../../schemas/errors.ts';
import type { HomeAssistantApi } from '../../../schemas/homeassistant.ts';
import { keepTrying } from '../../network/keep-trying.ts';
import { shown } from '../../network/shown.ts';
import { ToldOnce } from '../../network/told-once.ts';
import type { Asked, FactSource, SourceContext } from '../source.ts';
import { answerOf, isReady, type Picture, wantedBy } from './entities.ts';
import { type Files, readFiles } from './files.ts';
import { converse } from './session.ts';
import { type OpenWire, openWire } from './wire.ts';

/** A token that was refused is tried again after this time, another one at once: Home Assistant shuts out whoever guesses. */
const REFUSED_MS = 15 * 60_000;
/** The least time between two looks at what changed, in ms; of what comes meanwhile the newest counts. */
const LOOK_MS = 100;
const CONNECTION = 'homeassistant api';
const ENTITIES = 'homeassistant entities';
const TOKEN = 'homeassistant token';

export function homeAssistantSource(
  asked: Asked<'homeassistant'>,
  api: HomeAssistantApi,
  { tell, now, after, log, onProblem }: SourceContext,
  open: OpenWire = openWire,
): FactSource {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wanted = wantedBy(asked);
  const { url, tokenFile } = api;
  const problems = new ToldOnce(onProblem);
  let refused: { readonly token: string; readonly at: number; readonly problem: ErrorView } | null = null;
  let running: Promise<void> = Promise.resolve();
  let endRest: (() => void) | null = null;
  /** Entities that changed while resting, and when. */
  const waiting = new Map<string, number>();
  let newest: Picture | null = null;

  const tellOf = (picture: Picture, at: number, ids: ReadonlySet<string> | null) => {
    for (const { fact, source } of asked) {
      if (ids && !ids.has(source.entity)) continue;
      const { value, detail, until } = answerOf(source, picture, now());
      const unknown = until === null ? undefined : { at: until, value: null };
      tell(fact, value, at, detail, unknown);
    }
  };

  const reportMissing = (picture: Picture) => {
    const missing = [...wanted.entities].filter((id) => !picture.entities.has(id));
    problems.tell(
      ENTITIES,
      missing.length > 0 && isReady(picture)
        ? describe('homeassistant-entities', { url, entities: missing.join(', ') })
        : null,
    );
  };

  const confirmed = (picture: Picture, at: number) => {
    newest = picture;
    waiting.clear();
    problems.tell(
      CONNECTION,
      isReady(picture) ? null : describe('homeassistant-starting', { url, detail: shown(picture.state) }),
    );
    reportMissing(picture);
    tellOf(picture, at, null);
  };

  const look = () => {
    endRest = null;
    if (waiting.size === 0 || !newest) return;
    for (const [id, at] of waiting) tellOf(newest, at, new Set([id]));
    waiting.clear();
    reportMissing(newest);
    endRest = after(LOOK_MS, look);
  };

  const changed = (picture: Picture, ids: readonly string[]) => {
    newest = picture;
    for (const id of ids) waiting.set(id, now().counted);
    if (!endRest) look();
  };

  const connect = async ({ token, ca }: Files): Promise<ErrorView | null> => {
    if (token === refused?.token && now().counted - refused.at < REFUSED_MS) return refused.problem;
    refused = null;
    let isFirst = true;
    const handlers = {
      changed,
      confirmed(picture: Picture, at: number) {
        if (isFirst) log.info(`connected with ${url}`);
        isFirst = false;
        confirmed(picture, at);
      },
    };
    const problem = await converse({ url, ca, token, wanted, handlers, open, signal, now, after });
    problems.tell(ENTITIES, null);
    if (problem?.code === 'homeassistant-token') refused = { token, at: now().counted, problem };
    return problem;
  };

  const connection = async (): Promise<ErrorView | null> => {
    try {
      const files = await readFiles(api);
      if (signal.aborted) return null;
      problems.tell(TOKEN, files.isOpen ? describe('homeassistant-token-open', { file: tokenFile }) : null);
      return await connect(files);
    } catch (error) {
      return error instanceof EarlidError
        ? error.view
        : describe('internal', { detail: shown(String(error)) });
    }
  };

  const attempt = async () => {
    const problem = await connection();
    if (problem && !signal.aborted) problems.tell(CONNECTION, problem);
  };

  return {
    start() {
      running = keepTrying({ attempt, now, after, signal });
    },
    async stop() {
      stopping.abort();
      endRest?.();
      await running;
    },
  };
}
