/** What is known of one port: who holds it, and what answers there. */
import type { Clock } from './clock.ts';
import { type Holder, holdersOf } from './holders.ts';
import type { LinkFactory } from './link.ts';
import type { ListedPort } from './ports.ts';
import { type ProbeResult, probe } from './probe.ts';

/** `held`: somebody uses it, so it was not asked. `not-asked`: nobody wanted it to be. */
export type PortAnswer = ProbeResult | { readonly kind: 'held' } | { readonly kind: 'not-asked' };

export interface SurveyedPort extends ListedPort {
  readonly holders: readonly Holder[];
  readonly answer: PortAnswer;
}

export interface SurveyOptions {
  /** Ask what nobody holds; it may reset the board. */
  readonly ask: boolean;
  readonly clock: Clock;
  readonly controllerId: number;
  /** Find out as well whether opening it resets the board. */
  readonly resets?: boolean;
  readonly linkTo: (path: string) => LinkFactory;
}

/** Never rejects. */
export async function surveyPort(port: ListedPort, options: SurveyOptions): Promise<SurveyedPort> {
  const holders = port.device === null ? [] : await holdersOf(port.device);
  return { ...port, holders, answer: await answerAt(port, holders, options) };
}

async function answerAt(
  { path, device }: ListedPort,
  holders: readonly Holder[],
  { ask, clock, controllerId, resets = false, linkTo }: SurveyOptions,
): Promise<PortAnswer> {
  if (device === null) return { kind: 'missing', detail: `${path}: no such device` };
  if (holders.length > 0) return { kind: 'held' };
  return ask ? probe(linkTo(path), { clock, controllerId, resets }) : { kind: 'not-asked' };
}
