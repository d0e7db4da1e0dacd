/** The local API as an HTTP application; `socket.ts` puts it on a Unix socket. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import {
  COMMAND_BODIES,
  type CommandName,
  type CommandView,
  type EventView,
  eventsQuery,
  MAX_BODY,
  type StatusAnswer,
} from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { noSuchGate } from './nearest.ts';

export type CommandBody<C extends CommandName> = z.output<(typeof COMMAND_BODIES)[C]>;

/** What the API lets its clients do. */
export interface ApiService {
  gates(): readonly string[];
  status(): StatusAnswer;
  /** Called after every change of `status()`; returns the way to stop. */
  onChange(listener: () => void): () => void;
  command<C extends CommandName>(gate: string, name: C, body: CommandBody<C>): Promise<CommandView>;
  events(query: { readonly gate?: string; readonly limit: number }): Promise<readonly EventView[]>;
}

/** Most clients that may watch at once. */
const MAX_WATCHERS = 32;

const HTTP_STATUS: Readonly<Record<number, 400 | 404 | 409 | 500>> = { 65: 400, 66: 404, 77: 409 };

/** `onError` is told of what should not happen. */
export function createApi(service: ApiService, onError: (error: unknown) => void): Hono {
  const app = new Hono();
  let watchers = 0;

  app.onError((error, c) => {
    const known =
      error instanceof EarlidError ? error : new EarlidError('internal', { detail: error.message });
    if (known.code === 'internal') onError(error);
    return c.json({ error: known.view }, HTTP_STATUS[known.exit] ?? 500);
  });
  app.notFound((c) => c.json({ error: badRequest(`there is no ${c.req.method} ${c.req.path}`).view }, 404));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => {
        throw badRequest(`the body is larger than ${MAX_BODY} bytes`);
      },
    }),
  );

  app.get('/v1/status', (c) => c.json(service.status()));
  app.get('/v1/events', async (c) => {
    const { gate, limit } = read(eventsQuery, c.req.query());
    if (gate !== undefined) known(service, gate);
    return c.json({ events: await service.events(gate === undefined ? { limit } : { gate, limit }) });
  });
  app.get('/v1/watch', (c) => {
    if (watchers >= MAX_WATCHERS) throw badRequest(`${MAX_WATCHERS} clients watch already`);
    watchers++;
    return c.body(
      watchStream(service, () => {
        watchers--;
      }),
      200,
      { 'content-type': 'application/x-ndjson' },
    );
  });
  app.post('/v1/mute', async (c) => {
    const body = read(COMMAND_BODIES.mute, await json(c.req));
    return c.json({
      results: await Promise.all(service.gates().map((gate) => service.command(gate, 'mute', body))),
    });
  });
  app.post('/v1/gates/:gate/:command', async (c) => {
    const name = c.req.param('command');
    if (!Object.hasOwn(COMMAND_BODIES, name)) throw badRequest(`there is no command ${name}`);
    const command = name as CommandName;
    const body = read(COMMAND_BODIES[command], await json(c.req));
    const gate = known(service, c.req.param('gate'));
    return c.json(await service.command(gate, command, body as CommandBody<typeof command>));
  });
  return app;
}

/** Snapshots as lines; a slow reader gets fewer of them, never older ones. */
function watchStream(service: ApiService, onEnd: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let changed = true;
  let wake: (() => void) | null = null;
  let unsubscribe = () => {};
  return new ReadableStream(
    {
      start() {
        unsubscribe = service.onChange(() => {
          changed = true;
          wake?.();
        });
      },
      async pull(controller) {
        if (!changed)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        wake = null;
        changed = false;
        controller.enqueue(encoder.encode(`${JSON.stringify(service.status())}\n`));
      },
      cancel() {
        unsubscribe();
        onEnd();
      },
    },
    { highWaterMark: 1 },
  );
}

async function json(request: { text(): Promise<string> }): Promise<unknown> {
  const text = await request.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('the body is not JSON');
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw badRequest(`${issue.path.join('.') || 'it'}: ${issue.message}`);
}

const badRequest = (detail: string): EarlidError => new EarlidError('bad-request', { detail });

function known(service: ApiService, gate: string): string {
  const gates = service.gates();
  if (gates.includes(gate)) return gate;
  const { details, extra } = noSuchGate(gate, gates);
  throw new EarlidError('no-such-gate', details, extra);
}
