/** Everything that a daemon has of one gate: its board, its session, what decides about it, what is on its free pins. */

import type { ErrorView } from '../../schemas/errors.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import { buttonAloneText } from '../../schemas/setting-values.ts';
import type { Attached } from '../accessories/attach.ts';
import type { Doubt, EventSink, Gate, GateEvent, Wiring } from '../gate/gate.ts';
import type { GateOptions } from '../gate/options.ts';
import type { KeyRing } from '../gate/seal.ts';
import type { GateRules } from '../policy/decide.ts';
import type { Decision } from '../policy/override.ts';
import type { InputGate } from '../presence/input.ts';
import { attachment } from './attachment.ts';
import { ButtonAlone } from './button-alone.ts';
import type { After, Clock } from './clock.ts';
import type { Hardware } from './hardware.ts';
import { Keeper } from './keeper.ts';
import type { ServedGate } from './local-service.ts';
import type { Log } from './log.ts';
import type { World } from './world.ts';

export interface Unit extends ServedGate {
  readonly attached: Attached | null;
  readonly buttonAlone: ButtonAlone;
  readonly inputs: InputGate;
}

export interface UnitOptions {
  readonly folder: string;
  readonly createGate: (options: GateOptions) => Gate;
  readonly createHardware: (gate: GateConfig, folder: string) => Promise<Hardware>;
  readonly controllerId: number;
  readonly rules: GateRules;
  readonly world: World;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  readonly wiring: Wiring | null;
  readonly keys: KeyRing;
  readonly newest: EventSink['newest'];
  readonly deliver: (keeper: Keeper, events: readonly GateEvent[]) => Promise<void>;
  readonly onDoubt: (doubt: Doubt) => void;
  readonly onDecision: (decision: Decision) => void;
  readonly onChange: () => void;
  /** Null when what is wrong with this part of it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
  /** A mute button on its free pins was pressed. */
  readonly mute: (all: boolean) => void;
  readonly reading: (sensor: string, value: number) => void;
}

/** What `onProblem` calls the parts of a gate. */
export const PARTS = { pins: 'free pins', alone: 'button_alone' } as const;

/** Nothing is started yet. */
export async function createUnit(config: GateConfig, options: UnitOptions): Promise<Unit> {
  const { folder, log, clock, after, world, onProblem } = options;
  const hardware = await options.createHardware(config, folder);
  const attached = await attachment(config, {
    folder,
    log,
    mute: options.mute,
    reading: options.reading,
    onProblem: (problem) => onProblem(PARTS.pins, problem),
  });
  const keeper: Keeper = new Keeper({
    gate: options.createGate({
      name: config.name,
      link: hardware.link,
      // What others could read and write on its way gives no lease without a key.
      needsKey: hardware.via === 'mqtt',
      keys: options.keys,
      controllerId: options.controllerId,
      readyAfterMs: config.readyAfterMs,
      sink: {
        deliver: (events) => options.deliver(keeper, events),
        newest: options.newest,
        doubt: (doubt) => {
          options.onDoubt(doubt);
          keeper.doubt(doubt);
        },
      },
      inputs: config.inputs,
      log,
      ...(attached && { pins: attached.pins }),
    }),
    rules: options.rules,
    world: () => world.known(),
    settlingMs: () => world.settlingMs,
    clock,
    after,
    log,
    onDecision: () => options.onDecision(keeper.decision),
    onChange: options.onChange,
  });
  const { gate } = keeper;
  gate.trustWiring(options.wiring);
  const buttonAlone = new ButtonAlone({
    gate,
    wanted: aloneOf(config),
    mayAsk: hardware.via !== 'mqtt',
    after,
    log,
    onProblem: (problem) => onProblem(PARTS.alone, problem),
  });
  return { config, keeper, hardware, attached, buttonAlone, inputs: inputsOf(config, gate) };
}

/** The same gate with what another configuration says of it: nothing that its connection is made with. */
export function followed(unit: Unit, config: GateConfig, rules: GateRules): Unit {
  unit.keeper.follow(rules);
  unit.buttonAlone.follow(aloneOf(config));
  return { ...unit, config };
}

/** Mutes it, and lets go of its board. Never rejects. */
export async function leave(
  { keeper, buttonAlone, attached, hardware }: Unit,
  timeoutMs: number,
): Promise<void> {
  buttonAlone.stop();
  await Promise.allSettled([keeper.stop(timeoutMs)]);
  await Promise.allSettled([attached?.stop()]);
  await Promise.allSettled([hardware.stop()]);
}

const aloneOf = ({ buttonAloneMs }: GateConfig): string | null =>
  buttonAloneMs === null ? null : buttonAloneText(buttonAloneMs);

const inputsOf = ({ inputs }: GateConfig, gate: Gate): InputGate => ({
  inputs: inputs.map(({ name }) => name),
  status: () => gate.status(),
  onChange: (listener) => gate.onChange(listener),
});
