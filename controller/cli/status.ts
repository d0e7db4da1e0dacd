import type { GateView, StatusAnswer } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { JSON_OPTION, print, printJson, type Register, tellError } from './command.ts';
import { type Io, useColour } from './io.ts';
import { gateLine, nameWidth } from './words.ts';

/** `earlid status [gate]` */
export const registerStatus: Register = (program, context) => {
  program
    .command('status')
    .description('what is known of every gate, and why it is so')
    .argument('[gate]')
    .option(...JSON_OPTION)
    .action(async (gate: string | undefined, { json }: { json?: true }) => {
      const client = await context.client();
      const { at, gates, problems } = await client.get<StatusAnswer>('/v1/status');
      const shown = gate === undefined ? gates : [await one(gates, gate)];
      if (json) return printJson(context.io, shown);
      printGates(context.io, shown, Date.parse(at));
      for (const problem of problems) tellError(context.io, problem, false);
    });
};

async function one(gates: readonly GateView[], name: string): Promise<GateView> {
  const found = gates.find(({ gate }) => gate === name);
  if (found) return found;
  const { noSuchGate } = await import('../daemon/nearest.ts');
  const { details, extra } = noSuchGate(
    name,
    gates.map(({ gate }) => gate),
  );
  throw new EarlidError('no-such-gate', details, extra);
}

function printGates(io: Io, gates: readonly GateView[], now: number): void {
  const width = nameWidth(gates);
  for (const gate of gates) print(io, gateLine(gate, now, useColour(io), width));
}
