/** Words to drive the reference model with in its own tests. */
import type { MessageOf, Reason } from '../../schemas/protocol.ts';
import { type Effect, type GuardState, type Input, newGate, statusOf, step } from './guard-model.ts';

/** A model with its history, and the words to drive it. */
export function gate() {
  let state: GuardState = newGate();
  const effects: Effect[] = [];
  const put = (input: Input): void => {
    const result = step(state, input);
    state = result.state;
    effects.push(...result.effects);
  };
  let challenges = 0;
  const challenge = (): Uint8Array => Uint8Array.of(++challenges, 0, 0, 0, 0, 0, 0, 0);
  const wait = (ms: number): void => put({ type: 'until', uptime: state.now + ms });
  const self = {
    put,
    wait,
    effects,
    get now() {
      return state.now;
    },
    get status() {
      return statusOf(state);
    },
    get state() {
      return state;
    },
    /** Kind and reason of every event so far. */
    get events(): string[] {
      return effects.flatMap((e) => (e.type === 'event' ? [`${e.event.kind} ${e.event.reason}`] : []));
    },
    get naks(): Reason[] {
      return effects.flatMap((e) => (e.type === 'nak' ? [e.reason] : []));
    },
    start(): void {
      put({ type: 'power', on: true });
      wait(30);
      put({ type: 'committed' });
      wait(100);
    },
    allow(fields: Partial<MessageOf<'allow'>> = {}): void {
      const message = {
        type: 'allow' as const,
        boot: state.boot,
        seq: state.lastSeq + 1,
        seen: state.newest,
        liveUntil: state.now + 9000,
        buttonUntil: state.now + 900_000,
        buttonMs: 90_000,
        flags: { night: false, starting: false },
        challenge: challenge(),
        ...fields,
      };
      put({ type: 'message', message, authenticator: 'none' });
    },
    mute: (seq: number): void =>
      put({ type: 'message', message: { type: 'mute', seq, reason: 'cli' }, authenticator: 'none' }),
    hello: (controller: number): void =>
      put({
        type: 'message',
        message: { type: 'hello', controller, challenge: challenge() },
        authenticator: 'none',
      }),
    write(id: number, value: number): void {
      const bytes = Uint8Array.of(value & 0xff, value >> 8, 0, 0, 0, 0, 0, 0);
      const { boot } = state;
      put({
        type: 'message',
        message: { type: 'setting', boot, seq: state.lastSeq + 1, op: 'write', setting: id, value: bytes },
        authenticator: 'none',
      });
    },
    press(ms: number): void {
      put({ type: 'button', down: true });
      wait(ms);
      put({ type: 'button', down: false });
      wait(20);
      put({ type: 'unlocked' });
    },
  };
  return self;
}

export function started() {
  const g = gate();
  g.start();
  return g;
}
