/** The local API: requests to answers. `socket.ts` carries them over a Unix socket. */
import type { z } from 'zod';
import {
  COMMAND_BODIES,
  type CommandName,
  type CommandsAnswer,
  type CommandView,
  type ConfigurationAnswer,
  type DiagnosisAnswer,
  type EventsAnswer,
  eventsQuery,
  type FailureAnswer,
  type KeyAnswer,
  keyBody,
  type PresenceSetAnswer,
  type PresencesAnswer,
  presenceBody,
  type SettingsAnswer,
  type StatusAnswer,
  settingBody,
  settingsQuery,
  type ToldEvent,
  type WiringAnswer,
  whyQuery,
  wiringBody,
} from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { type ForecastAnswer, forecastQuery } from '../../schemas/forecast.ts';
import type { SettingName } from '../../schemas/settings.ts';
import type { WhyAnswer } from '../../schemas/why.ts';
import type { WiringGrade } from '../../schemas/wiring.ts';
import { gateNamed } from '../config/nearest.ts';

export type CommandBody<C extends CommandName> = z.output<(typeof COMMAND_BODIES)[C]>;

export type KeyChange = z.output<typeof keyBody>;

/** What the API lets its clients do. */
export interface ApiService {
  gates(): readonly string[];
  status(): StatusAnswer;
  diagnosis(): DiagnosisAnswer;
  /** Called after every change of `status()`; returns the way to stop. */
  onChange(listener: () => void): () => void;
  command<C extends CommandName>(gate: string, name: C, body: CommandBody<C>): Promise<CommandView>;
  /** Every gate is told to mute before anything else is done. */
  muteAll(body: CommandBody<'mute'>): Promise<readonly CommandView[]>;
  settings(gate: string, name?: SettingName): Promise<SettingsAnswer>;
  changeSetting(gate: string, name: SettingName, value: string): Promise<SettingsAnswer>;
  wiring(gate: string): WiringAnswer;
  recordWiring(gate: string, grade: WiringGrade | null): Promise<WiringAnswer>;
  key(gate: string): KeyAnswer;
  changeKey(gate: string, change: KeyChange): Promise<KeyAnswer>;
  /** `at`: an instant as people write it. */
  why(gate: string, at?: string): Promise<WhyAnswer>;
  presence(): PresencesAnswer;
  /** Rejects with an `EarlidError` for a name that is not set by hand. */
  setPresence(name: string, value: boolean, forMs: number | null): Promise<PresenceSetAnswer>;
  configuration(): ConfigurationAnswer;
  /** Resolves when the file as it is now is followed, or is known to be no good. */
  reload(): Promise<ConfigurationAnswer>;
  /** Instants in UTC ms. */
  forecast(gate: string, from: number, until: number): ForecastAnswer;
  events(query: { readonly gate?: string; readonly limit: number }): Promise<readonly ToldEvent[]>;
}

export interface ApiRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}
/** One JSON value, or one a line for as long as the client listens. */
export type ApiAnswer =
  | { readonly status: number; readonly json: unknown }
  | { readonly lines: { value(): unknown; onChange(listener: () => void): () => void } };

const HTTP_STATUS: Readonly<Record<number, number>> = { 65: 400, 66: 404, 77: 409 };
const GATE_PATH = /^\/v1\/gates\/([^/]+)\/([^/]+)$/;
const PRESENCE_PATH = /^\/v1\/presence\/([^/]+)$/;

/** Answers one request; never rejects. `onError` is told of what should not happen. */
export function createApi(
  service: ApiService,
  onError: (error: unknown) => void,
): (request: ApiRequest) => Promise<ApiAnswer> {
  return async (request) => {
    try {
      return await answer(service, request);
    } catch (error) {
      const known =
        error instanceof EarlidError
          ? error
          : new EarlidError('internal', { detail: (error as Error).message });
      if (known.code === 'internal') onError(error);
      return failure(known);
    }
  };
}

/** How an error is answered. */
export function failure(error: EarlidError): ApiAnswer {
  return { status: HTTP_STATUS[error.exit] ?? 500, json: { error: error.view } satisfies FailureAnswer };
}

export const badRequest = (detail: string): EarlidError => new EarlidError('bad-request', { detail });

async function answer(service: ApiService, { method, url, body }: ApiRequest): Promise<ApiAnswer> {
  const { pathname, searchParams } = addressOf(url);
  const ok = <T>(json: T): ApiAnswer => ({ status: 200, json });
  const command = GATE_PATH.exec(pathname);
  const options = () => parse(body);
  const gateOf = ([, name]: readonly string[]) => known(service, decode(name!));
  if (method === 'GET' && pathname === '/v1/status') return ok<StatusAnswer>(service.status());
  if (method === 'GET' && pathname === '/v1/diagnosis') return ok<DiagnosisAnswer>(service.diagnosis());
  if (method === 'GET' && pathname === '/v1/config') return ok<ConfigurationAnswer>(service.configuration());
  if (method === 'POST' && pathname === '/v1/reload') return ok<ConfigurationAnswer>(await service.reload());
  if (method === 'GET' && pathname === '/v1/watch')
    return { lines: { value: () => service.status(), onChange: (listener) => service.onChange(listener) } };
  if (method === 'GET' && pathname === '/v1/events') {
    const { gate, limit } = read(eventsQuery, Object.fromEntries(searchParams));
    if (gate !== undefined) known(service, gate);
    return ok<EventsAnswer>({
      events: await service.events(gate === undefined ? { limit } : { gate, limit }),
    });
  }
  if (method === 'POST' && pathname === '/v1/mute') {
    const mute = read(COMMAND_BODIES.mute, options());
    return ok<CommandsAnswer>({ results: await service.muteAll(mute) });
  }
  if (method === 'POST' && command && Object.hasOwn(COMMAND_BODIES, command[2]!)) {
    const name = command[2] as CommandName;
    const order = read(COMMAND_BODIES[name], options());
    return ok<CommandView>(await service.command(gateOf(command), name, order as CommandBody<typeof name>));
  }
  if (method === 'GET' && pathname === '/v1/presence') return ok<PresencesAnswer>(service.presence());
  const presence = PRESENCE_PATH.exec(pathname);
  if (method === 'POST' && presence) {
    const { value, forMs = null } = read(presenceBody, options());
    return ok<PresenceSetAnswer>(await service.setPresence(decode(presence[1]!), value, forMs));
  }
  if (command?.[2] === 'settings') {
    if (method === 'GET') {
      const { name } = read(settingsQuery, Object.fromEntries(searchParams));
      return ok<SettingsAnswer>(await service.settings(gateOf(command), name));
    }
    if (method === 'POST') {
      const { name, value } = read(settingBody, options());
      return ok<SettingsAnswer>(await service.changeSetting(gateOf(command), name, value));
    }
  }
  if (method === 'GET' && command?.[2] === 'why') {
    const { at } = read(whyQuery, Object.fromEntries(searchParams));
    return ok<WhyAnswer>(await service.why(gateOf(command), at));
  }
  if (method === 'GET' && command?.[2] === 'forecast') {
    const { from, until } = read(forecastQuery, Object.fromEntries(searchParams));
    return ok<ForecastAnswer>(service.forecast(gateOf(command), Date.parse(from), Date.parse(until)));
  }
  if (command?.[2] === 'wiring') {
    if (method === 'GET') return ok<WiringAnswer>(service.wiring(gateOf(command)));
    if (method === 'POST') {
      const { wiring } = read(wiringBody, options());
      return ok<WiringAnswer>(await service.recordWiring(gateOf(command), wiring));
    }
  }
  if (command?.[2] === 'key') {
    if (method === 'GET') return ok<KeyAnswer>(service.key(gateOf(command)));
    if (method === 'POST')
      return ok<KeyAnswer>(await service.changeKey(gateOf(command), read(keyBody, options())));
  }
  throw badRequest(`there is no ${method} ${pathname}`);
}

function addressOf(url: string): URL {
  try {
    return new URL(url, 'http://earlid');
  } catch {
    throw badRequest('the address is not one');
  }
}

function parse(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('the body is not JSON');
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('the path is not encoded properly');
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw badRequest(`${issue.path.join('.') || 'it'}: ${issue.message}`);
}

function known(service: ApiService, gate: string): string {
  return gateNamed(gate, service.gates(), (name) => name);
}
