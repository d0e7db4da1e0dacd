import type { Command } from 'commander';
import type { GateView, StatusAnswer } from '../../schemas/api.ts';
import { EXIT } from '../../schemas/errors.ts';
import { type CommandContext, JSON_OPTION, print, printJson } from './command.ts';
import { type Io, useColour } from './io.ts';
import { clockTime, gateLine, nameWidth } from './words.ts';

/** `earlid watch` */
export const registerWatch = (program: Command, context: CommandContext): void => {
  program
    .command('watch')
    .description('what is known of every gate, as it changes, until Ctrl-C')
    .option(JSON_OPTION[0], 'print one JSON value a line, the same as `status --json`')
    .action(async ({ json }: { json?: true }) => {
      const { io } = context;
      const client = await context.client();
      const stop = new Promise<void>((resolve) => io.onEnd(() => resolve()));
      const show = json ? jsonLines(io) : io.out.isTTY ? await liveView(io) : plainLines(io);
      try {
        for await (const answer of client.lines<StatusAnswer>('/v1/watch', stop)) show.update(answer);
      } finally {
        show.end();
      }
      context.exit(EXIT.done);
    });
};

interface Show {
  update(answer: StatusAnswer): void;
  end(): void;
}

/** What a program would call a change; the age of a report is none. */
const everything = (gate: GateView): string =>
  JSON.stringify({ ...gate, reported: gate.reported?.state, lease: gate.lease !== null });

/** What a person would call one. */
const whatIsShown = ({ state, evidence, reason }: GateView): string =>
  JSON.stringify([state, evidence, reason]);

/** The gates that changed since the last call. */
function changedGates(essence: (gate: GateView) => string): (answer: StatusAnswer) => GateView[] {
  const before = new Map<string, string>();
  return ({ gates }) =>
    gates.filter((gate) => {
      const now = essence(gate);
      const changed = before.get(gate.gate) !== now;
      before.set(gate.gate, now);
      return changed;
    });
}

function jsonLines(io: Io): Show {
  const changed = changedGates(everything);
  return {
    update: (answer) => {
      if (changed(answer).length > 0) printJson(io, answer.gates);
    },
    end: () => {},
  };
}

/** One line whenever a gate changes. */
export function plainLines(io: Io): Show {
  const changed = changedGates(whatIsShown);
  return {
    update: (answer) => {
      const width = nameWidth(answer.gates);
      const now = Date.parse(answer.at);
      const lines = changed(answer).map((gate) => gateLine(gate, now, useColour(io), width));
      for (const line of lines) print(io, `${clockTime(answer.at, now)}  ${line}`);
    },
    end: () => {},
  };
}

async function liveView(io: Io): Promise<Show> {
  const { everySecond, statusLines, terminalView } = await import('./view.ts');
  const view = terminalView(io);
  let newest: StatusAnswer | null = null;
  // The daemon may go by another clock.
  let ahead = 0;
  const draw = () => newest && view.draw(statusLines(newest, io.now() + ahead, useColour(io)));
  const stop = everySecond(draw);
  return {
    update(answer) {
      newest = answer;
      ahead = Date.parse(answer.at) - io.now();
      draw();
    },
    end() {
      stop();
      view.end();
    },
  };
}
