/**
 * S7, S3: somebody on the wire of a gate with a key records a whole session, and repeats, reorders, redirects, holds back, cuts,
 * changes and makes up its messages. `EARLID_ATTEMPTS` frames are tried: in `.ci/run` 100,000 on the host build and 5,000 on the
 * image. Without it this is skipped; `keyed.test.ts` has one of each.
 */
import { expect, test } from '@jest/globals';
import { CONTROLLER, Rig } from '../../../controller/bench/rig.ts';
import type { GateKey } from '../../../schemas/authenticator.ts';
import { SETTINGS } from '../../../schemas/settings.ts';
import { type Build, onEachBuild } from '../../builds/builds.ts';
import { Eavesdropper } from './keyed-eavesdropper.ts';
import { KITCHEN, OTHER_GATE, OTHER_KEY } from './keyed-gates.ts';

const ATTEMPTS = Number(process.env.EARLID_ATTEMPTS ?? 0);
const SEED = Number(process.env.EARLID_SEED ?? 1);
const TIMEOUT_MS = 60 * 60 * 1000;
const ROUND = 100;
const LEASE_MS = 1500;
/** How near to its time a lease ends (S2). */
const NEAR_MS = 2;
/** The relay lets go. */
const RELEASE_MS = 5;

/** A gate, and how often actuator or contact have moved towards live. */
class Watched {
  readonly rig: Rig;
  opened = 0;
  /** How often somebody has muted it while it was live. */
  muted = 0;
  /** Rounds so far. */
  rounds = 0;

  constructor(build: Build, by: GateKey) {
    this.rig = Rig.keyed(by, build.options({ traceLimit: 0, bounceMs: 0 }));
    this.rig.board.onTrace(({ signal, level }) => {
      if ((signal === 'actuator' || signal === 'contact') && level === 1) this.opened++;
    });
  }

  get isLive(): boolean {
    return this.rig.board.level('actuator') === 1;
  }
}

/** Every message a controller has for a gate, and what the gate says to it. */
function session({ rig }: Watched, who: Eavesdropper): void {
  const { board } = rig;
  const setting = (op: 'read' | 'write', value: number) =>
    ({
      type: 'setting',
      boot: rig.last('state')!.boot,
      seq: op === 'write' ? rig.sequence() : 0,
      op,
      setting: SETTINGS.led_day.id,
      value: Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0),
    }) as const;
  who.listen(rig);
  who.pass(rig, { type: 'hello', controller: CONTROLLER, challenge: Uint8Array.of(1, 2, 3) });
  for (const liveMs of [9000, 12_000, 20_000])
    who.pass(rig, rig.allow({ liveMs, buttonMs: 2000, buttonLeftMs: 3000 }));
  who.pass(rig, { type: 'mute', seq: 1, reason: 'cli' });
  board.press(100);
  board.runFor(400);
  expect(board.level('actuator')).toBe(1);
  board.press(100);
  board.runFor(200);
  who.pass(rig, rig.allow());
  who.pass(rig, setting('read', 0));
  who.pass(rig, setting('write', 30));
  who.pass(rig, { type: 'stored', boot: rig.last('state')!.boot, event: rig.newest() });
  who.pass(rig, { type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
  rig.next('state', ({ flags }) => flags.locked);
  board.press(3500);
  rig.next('state', ({ flags }) => !flags.locked, 6000);
}

/** Attempts at a gate that is muted, then at one with a lease that its controller has made shorter, then a mute. */
function round(gate: Watched, who: Eavesdropper, count: number): void {
  const { rig } = gate;
  const { board } = rig;
  const whileLive = Math.floor(count / 20);
  const late = Math.floor(count / 5);
  gate.opened = 0;
  who.letGoTooLate(rig, late);
  who.attack(rig, count - late - whileLive);
  expect(gate.opened).toBe(0);
  rig.hello();
  rig.state();
  who.pass(rig, rig.allow({ liveMs: 2 * LEASE_MS }));
  who.pass(rig, rig.allow({ liveMs: LEASE_MS }));
  expect(gate.isLive).toBe(true);
  const endsAt = board.timeMs + rig.last('state')!.leaseLeftMs;
  who.repeat(rig, who.sent.slice(-2));
  who.attack(rig, whileLive);
  expect(board.timeMs).toBeLessThan(endsAt);
  if (gate.rounds++ % 2 === 0) {
    if (gate.isLive) gate.muted++;
    expect(who.mute(rig)).toBeLessThan(0);
  } else board.runFor(endsAt - board.timeMs + NEAR_MS);
  expect(gate.isLive).toBe(false);
  board.runFor(RELEASE_MS);
  expect(board.level('contact')).toBe(0);
  expect(gate.opened).toBe(2);
}

/** The whole session once more as soon as the gate listens, then whatever can be made of it. */
function rounds(gate: Watched, who: Eavesdropper, session: readonly Uint8Array[], count: number): void {
  gate.opened = 0;
  who.repeat(gate.rig, session);
  expect(gate.opened).toBe(0);
  for (let left = count; left > 0; left -= ROUND) round(gate, who, Math.min(left, ROUND));
}

const words = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

onEachBuild('without its key', (build) => {
  (ATTEMPTS > 0 ? test : test.skip)(
    `S3, S7: in ${ATTEMPTS} attempts nobody opens a gate or makes a lease longer, and anybody mutes`,
    () => {
      const who = new Eavesdropper(SEED);
      const gate = new Watched(build, KITCHEN);
      const { rig } = gate;
      const { board } = rig;
      session(gate, who);
      const recorded = [...who.sent];
      const kept = board.eeprom.bytes.slice();
      const places = [
        () => gate,
        () => {
          expect(board.eeprom.bytes).toEqual(kept);
          board.reset();
          rig.hello();
          return gate;
        },
        () => {
          board.power(false);
          board.runFor(50);
          board.power(true);
          rig.hello();
          return gate;
        },
        () => new Watched(build, OTHER_GATE),
        () => new Watched(build, OTHER_KEY),
      ];
      const gates = places.map((place) => {
        const attacked = place();
        rounds(attacked, who, recorded, Math.ceil(ATTEMPTS / places.length));
        return attacked;
      });
      const muted = [...new Set(gates)].reduce((sum, { muted }) => sum + muted, 0);
      expect(who.total).toBeGreaterThanOrEqual(ATTEMPTS);
      expect(muted).toBeGreaterThan(ATTEMPTS / ROUND / 4);
      process.stdout.write(
        `${build.name}: ${who.total} attempts (${words(who.attempts)}), none opened; muted ${muted} times; answers: ${words(who.answers)}\n`,
      );
    },
    TIMEOUT_MS,
  );
});
