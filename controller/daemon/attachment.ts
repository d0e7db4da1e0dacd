/** What is on the free pins of a gate, for the daemon: loaded only where there is something, its failures in words. */

import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { Attached } from '../accessories/attach.ts';
import type { Log } from './log.ts';
import { firmataSocketPath, socketIsAway } from './places.ts';
import { openFor } from './socket.ts';

export interface AttachmentOptions {
  readonly folder: string;
  readonly log: Log;
  /** A mute button was pressed: this gate, or all. */
  readonly mute: (all: boolean) => void;
  /** A sensor was read: its name, and 0 to 1023. */
  readonly reading: (sensor: string, value: number) => void;
  readonly onProblem: (problem: ErrorView) => void;
}

/** Null when nothing is on the free pins of this gate. */
export async function attachment(gate: GateConfig, options: AttachmentOptions): Promise<Attached | null> {
  if (gate.accessories.length === 0 && !gate.firmata) return null;
  const { folder, log, mute, reading, onProblem } = options;
  const { attach } = await import('../accessories/attach.ts');
  return attach({
    gate,
    log,
    mute,
    reading,
    onFailure: (error) => onProblem(problemOf(gate.name, error)),
    open: (server) => {
      const machine = { platform: process.platform, uid: process.getuid?.() ?? 0 };
      const path = firmataSocketPath(folder, gate.name, machine);
      return openFor(server, path, socketIsAway(path, folder));
    },
  });
}

function problemOf(gate: string, error: unknown): ErrorView {
  if (error instanceof EarlidError) return error.view;
  return describe('accessories-failed', {
    gate,
    detail: error instanceof Error ? error.message : String(error),
  });
}
