import type { EventsAnswer, EventView } from '../../schemas/api.ts';
import { JSON_OPTION, print, printJson, type Register, wholeNumber } from './command.ts';
import { eventLines } from './words.ts';

/** As many as one answer of the daemon holds. */
const MOST = 10_000;

interface Options {
  readonly last: number;
  readonly json?: true;
}

/** `earlid events [gate]` */
export const registerEvents: Register = (program, context) => {
  program
    .command('events')
    .description('what happened at the gates, oldest first')
    .argument('[gate]')
    .option('--last <number>', 'how many', wholeNumber(1, MOST), 100)
    .option(...JSON_OPTION)
    .action(async (gate: string | undefined, { last, json }: Options) => {
      const client = await context.client();
      const query = new URLSearchParams({ limit: String(last), ...(gate !== undefined && { gate }) });
      const { events } = await client.get<EventsAnswer>(`/v1/events?${query}`);
      if (json)
        return printJson(
          context.io,
          events.map(({ gapBefore: _, ...event }): EventView => event),
        );
      const width = Math.max(0, ...events.map((event) => event.gate.length));
      for (const event of events)
        for (const line of eventLines(event, context.io.now(), width)) print(context.io, line);
      if (events.length === 0) print(context.io, 'nothing has happened yet');
    });
};
