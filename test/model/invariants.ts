/**
 * What must hold in every log, whatever the model says: the rules S2 and S3 of the design read straight from what went in,
 * what the gate said and what its actuator did.
 */
import { LIMITS, type MessageOf } from '../../schemas/protocol.ts';
import { bootsOf, Divergence } from './boots.ts';
import type { RunLog, TimedEdge } from './timed-log.ts';

/** How late the actuator may follow the end of a lease, and how late what must act at once. */
const LEASE_ERROR_US = 2500;
const AT_ONCE_US = 1000;
/** An accepted frame, or a release that has become certain, opens the gate within this. */
const OPENS_WITHIN_US = 5000;
/** The gate counts in whole ms: it may take a moment to have come this much early. */
const CLOCK_US = 1500;

interface Interval {
  readonly on: number;
  readonly off: number;
}

/** One that is not refused for its authenticator; `actedUs`: when it was acted on at the latest. */
interface Allow {
  readonly atUs: number;
  readonly actedUs: number;
  readonly allow: MessageOf<'allow'>;
  readonly bare: boolean;
}

function liveIntervals(edges: readonly TimedEdge[], endUs: number): Interval[] {
  return edges.flatMap(({ atUs, high }, i) => (high ? [{ on: atUs, off: edges[i + 1]?.atUs ?? endUs }] : []));
}

/** Throws `Divergence` naming the rule that was broken. */
export function checkInvariants(log: RunLog): void {
  for (const [i, edge] of log.actuator.entries()) {
    if (edge.high !== (i % 2 === 0)) throw new Divergence(`edge ${i} of the actuator is not one`);
  }
  for (const boot of bootsOf(log)) {
    const boardUs = (uptime: number): number => boot.clockUs + uptime * 1000;
    const number = boot.states[0]?.boot;
    const allows = boot.inputs.flatMap(({ atUs, input, delaysMs = [0] }) =>
      input.type === 'message' && input.message.type === 'allow' && input.authenticator !== 'wrong'
        ? [
            {
              atUs,
              actedUs: atUs + delaysMs.at(-1)! * 1000,
              allow: input.message,
              bare: input.authenticator === 'none',
            },
          ]
        : [],
    );
    /** What could have opened it: an `allow` with a lease, for this boot, in its time; or a release after the debounce. */
    const could = ({ atUs, actedUs, allow, bare }: Allow): boolean =>
      allow.boot === number &&
      !(bare && atUs > boot.keyedFromUs && atUs < boot.keyedUntilUs) &&
      boardUs(allow.liveUntil) > atUs - LEASE_ERROR_US &&
      boardUs(allow.liveUntil) < actedUs + (LIMITS.hostCeilingMs.value + 3) * 1000;
    const releases = boot.inputs.flatMap(({ atUs, input }) =>
      input.type === 'button' && !input.down ? [atUs + LIMITS.debounceMs.value * 1000] : [],
    );
    const after = (cause: number, on: number): boolean =>
      cause <= on + CLOCK_US && cause > on - OPENS_WITHIN_US;
    const grants = [...boot.events.values()].filter(
      (event) => event.kind === 'live' && event.reason !== 'allow' && event.boot === number,
    );
    // A boot ends where the gate was reset, or hung: from there on it is the circuit and the watchdog that count.
    const inBoot = liveIntervals(log.actuator, log.endUs)
      .filter(({ on }) => on >= boot.startUs && on < boot.endUs)
      .map(({ on, off }) => ({ on, off: Math.min(off, boot.endUs) }));
    for (const { on, off } of inBoot) {
      const opening = allows.filter(
        (entry) => could(entry) && entry.atUs <= on + CLOCK_US && entry.actedUs > on - OPENS_WITHIN_US,
      );
      if (opening.length === 0 && !releases.some((release) => after(release, on))) {
        throw new Divergence(`S4: live at ${on} µs without a valid allow or a press`);
      }
      const ends = [
        ...allows.filter((entry) => could(entry) && entry.actedUs > on - OPENS_WITHIN_US && entry.atUs < off),
      ].map(({ allow }) => boardUs(allow.liveUntil));
      ends.push(
        ...grants
          .filter(({ uptime }) => boardUs(uptime) > on - OPENS_WITHIN_US && boardUs(uptime) < off)
          .map(({ uptime, detail }) => boardUs(uptime + detail)),
      );
      if (ends.length > 0 && off > Math.max(...ends) + LEASE_ERROR_US) {
        throw new Divergence(`S2: live until ${off} µs, ${off - Math.max(...ends)} µs beyond every lease`);
      }
      const mustEnd = boot.inputs.find(({ atUs, input }) => {
        const mutes =
          input.type === 'garbled-mute' ||
          (input.type === 'message' && input.message.type === 'mute') ||
          (input.type === 'button' && input.down);
        return mutes && atUs > on && atUs < off - AT_ONCE_US;
      });
      if (mustEnd) throw new Divergence(`S3: live until ${off} µs after ${JSON.stringify(mustEnd)}`);
    }
  }
}
