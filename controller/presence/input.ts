/** Declared inputs of gates: each report that a gate makes stands behind its inputs. */
import { LIMITS } from '../../schemas/protocol.ts';
import type { GateStatus } from '../gate/gate.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

/** A gate whose inputs are asked about. */
export interface InputGate {
  /** Names of its declared inputs, in their order. */
  readonly inputs: readonly string[];
  status(): GateStatus;
  onChange(listener: (status: GateStatus) => void): () => void;
}

export function inputSource(
  asked: Asked<'input'>,
  gates: ReadonlyMap<string, InputGate>,
  { tell, now }: Pick<SourceContext, 'tell' | 'now'>,
): FactSource {
  const ends: (() => void)[] = [];

  const follow = (name: string, gate: InputGate) => {
    const wanted = asked
      .filter(({ source }) => source.gate === name)
      .map(({ fact, source }) => ({ fact, index: gate.inputs.indexOf(source.name) }));
    let last = '';
    const hear = ({ link, reported, inputs }: GateStatus) => {
      if (link !== 'up' || !reported) return;
      // The status also changes without a report; the values of an old one are not observed again.
      const report = JSON.stringify([reported.at, inputs]);
      if (report === last) return;
      last = report;
      const { wall, counted } = now();
      // Inputs are told of a report of the last seconds only; a greater difference comes from a clock that was set.
      const age = Math.min(Math.max(0, wall - reported.at), LIMITS.silentMs.value);
      for (const { fact, index } of wanted) {
        const value = inputs[index] ?? null;
        if (value !== null) tell(fact, value, counted - age, value ? 'on' : 'off');
      }
    };
    ends.push(gate.onChange(hear));
    hear(gate.status());
  };

  return {
    start() {
      for (const name of new Set(asked.map(({ source }) => source.gate))) {
        const gate = gates.get(name);
        if (gate) follow(name, gate);
      }
    },
    stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}
