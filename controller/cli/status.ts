import type { GateView, StatusAnswer } from '../../schemas/api.ts';
import { gateNamed } from '../config/nearest.ts';
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
      const shown = gate === undefined ? gates : [gateNamed(gate, gates, (view) => view.gate)];
      if (json) return printJson(context.io, shown);
      printGates(context.io, shown, Date.parse(at));
      for (const problem of problems) tellError(context.io, problem, false);
    });
};

function printGates(io: Io, gates: readonly GateView[], now: number): void {
  const width = nameWidth(gates);
  for (const gate of gates) print(io, gateLine(gate, now, useColour(io), width));
}
