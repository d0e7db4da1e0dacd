import { EarlidError } from '../../schemas/errors.ts';
import { noSuchGate } from '../config/nearest.ts';
import type { ListedPort } from '../link/ports.ts';
import type { KnownGate } from './known-gates.ts';

/** One board to flash. `path` is null where only a programmer reaches it. */
export interface ChosenBoard {
  readonly path: string | null;
  readonly gate: KnownGate | null;
}

export interface Choice {
  readonly gate: string | undefined;
  /** A path and the device behind it. */
  readonly port: { readonly path: string; readonly device: string | null } | undefined;
  readonly all: boolean;
  readonly withProgrammer: boolean;
}

/** The boards meant; throws an `EarlidError` that names what there is. Pure. */
export function chooseBoards(
  choice: Choice,
  gates: readonly KnownGate[],
  ports: readonly ListedPort[],
): ChosenBoard[] {
  const serial = gates.filter(({ path }) => path !== null);
  if (choice.all) {
    if (serial.length === 0) throw new EarlidError('no-serial-gates');
    return serial.map((gate) => ({ path: gate.path, gate }));
  }
  if (choice.gate !== undefined) return [named(choice.gate, gates, choice.port?.path)];
  if (choice.port) return [at(choice.port, serial)];
  if (choice.withProgrammer) return [{ path: null, gate: null }];
  const [only, ...others] = ports.filter(({ device }) => device !== null);
  if (!only) throw new EarlidError('no-board');
  if (others.length > 0) {
    const names = [only, ...others].map(({ path, gate }) => (gate ? `${path} (${gate})` : path));
    throw new EarlidError('which-board', { ports: names.join(', ') }, { ports: names });
  }
  return [at(only, serial)];
}

function named(name: string, gates: readonly KnownGate[], port: string | undefined): ChosenBoard {
  const gate = gates.find((known) => known.gate === name);
  if (!gate) {
    const names = gates.map((known) => known.gate);
    throw noSuchGate(name, names, 'There is no configuration: leave the gate out, or write one.');
  }
  if (gate.path === null) throw new EarlidError('nothing-to-flash', { gate: name });
  return { path: port ?? gate.path, gate };
}

function at(
  { path, device }: { readonly path: string; readonly device: string | null },
  gates: readonly KnownGate[],
): ChosenBoard {
  const gate = gates.find((known) => known.path === path || (device !== null && known.device === device));
  return { path, gate: gate ?? null };
}
