/** Everything on the free pins of one gate: its accessories, and a script of the user's own. */
import type { Server } from 'node:net';
import type { GateConfig } from '../../schemas/gate-config.ts';
import { FREE_PINS, pinNumber } from '../../schemas/pins.ts';
import type { PinUser } from '../gate/free-pins.ts';
import type { Gate } from '../gate/gate.ts';
import type { GateLog } from '../gate/options.ts';
import { type Clock, systemClock } from '../link/clock.ts';
import type { AccessoryBoard } from './board.ts';
import { FreePins } from './free-pins.ts';
import { ScriptSocket } from './script-socket.ts';

export interface AttachOptions {
  readonly gate: Pick<GateConfig, 'name' | 'accessories' | 'inputs' | 'firmata'>;
  readonly log: GateLog;
  /** A mute button was pressed: this gate, or all. */
  readonly mute: (all: boolean) => void;
  /** A sensor was read: its name, and 0 to 1023. */
  readonly reading?: (sensor: string, value: number) => void;
  /** The accessories of this gate do not work; everything else goes on (S10). */
  readonly onFailure: (error: unknown) => void;
  /** Makes a server listen where scripts look for it. */
  readonly open: (server: Server) => Promise<void>;
  readonly clock?: Clock;
}

/** What is attached to one gate. `pins` belongs into the options of the gate. */
export interface Attached {
  readonly pins: PinUser;
  start(gate: Pick<Gate, 'status' | 'onChange'>): Promise<void>;
  /** After the gate has stopped; nothing is left running. */
  stop(): Promise<void>;
}

/** Has no effect until `start()`. johnny-five is loaded only for a gate with accessories. */
export function attach(options: AttachOptions): Attached {
  const { gate, log, clock = systemClock } = options;
  const pins = new FreePins({ clock, warn: log.warn });
  const taken = new Set([...gate.inputs, ...gate.accessories].map(({ pin }) => pin));
  const own = FREE_PINS.map(pinNumber).filter((pin) => !taken.has(pin));
  const script = gate.firmata
    ? new ScriptSocket({ gate: gate.name, own, pins, log, open: options.open })
    : null;
  let board: AccessoryBoard | null = null;
  let unsubscribe = () => {};
  let isStopped = false;

  const follow = async (kept: Pick<Gate, 'status' | 'onChange'>) => {
    const { AccessoryBoard } = await import('./board.ts');
    if (isStopped) return;
    const look = () => {
      const status = kept.status();
      // What the pins can do is known once the gate has said what it is.
      if (!status.identity) return;
      try {
        board ??= new AccessoryBoard({
          gate: gate.name,
          accessories: gate.accessories,
          pins,
          clock,
          log,
          mute: options.mute,
          reading: options.reading ?? (() => {}),
        });
      } catch (error) {
        unsubscribe();
        options.onFailure(error);
      }
      board?.show(status);
    };
    unsubscribe = kept.onChange(look);
    look();
  };

  return {
    pins,
    async start(kept) {
      const starts = [script?.start(), gate.accessories.length > 0 ? follow(kept) : undefined];
      for (const outcome of await Promise.allSettled(starts))
        if (outcome.status === 'rejected') options.onFailure(outcome.reason);
    },
    async stop() {
      isStopped = true;
      unsubscribe();
      board?.stop();
      board = null;
      await script?.stop();
    },
  };
}
