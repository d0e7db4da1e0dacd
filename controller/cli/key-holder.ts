/** Whoever keeps the keys: the daemon where one runs, else this command itself, which then keeps a daemon from starting. */
import type { KeyAnswer } from '../../schemas/api.ts';
import type { KeyChange } from '../daemon/api.ts';
import { socketPath, stateFolder } from '../daemon/places.ts';
import { type CommandContext, gatePath } from './command.ts';
import type { Io } from './io.ts';
import { ownState } from './own-state.ts';

export interface KeyHolder {
  /** The file of the keys. */
  readonly file: string;
  look(): Promise<KeyAnswer>;
  change(change: KeyChange): Promise<KeyAnswer>;
  end(): void;
}

/** Through the daemon that runs. */
export async function daemonKeys(context: CommandContext, gate: string): Promise<KeyHolder> {
  const client = await context.client();
  const path = gatePath(gate, 'key');
  return {
    file: await fileOf(context.io),
    look: () => client.get<KeyAnswer>(path),
    change: (change) => client.post<KeyAnswer>(path, change, 0),
    end() {},
  };
}

/** In the state folder, which this process takes until `end`. Throws `second-daemon` when somebody else has it. */
export async function folderKeys({ io }: CommandContext, gate: string): Promise<KeyHolder> {
  const folder = ownState(io);
  const [{ takeFolder }, { machineRun }, { applyKeyChange, KeyStore, keyView }] = await Promise.all([
    import('../daemon/state-folder.ts'),
    import('../daemon/clock.ts'),
    import('../daemon/key-store.ts'),
  ]);
  const log = { warn: () => {} };
  const lock = await takeFolder({ folder, socket: socketPath(folder, io), machine: machineRun(), log });
  const store = new KeyStore(folder);
  await store.load();
  const look = async () => keyView(store, gate);
  return {
    file: await fileOf(io),
    look,
    async change(change) {
      await applyKeyChange(store, gate, change, io.now());
      return look();
    },
    end: () => lock.release(),
  };
}

async function fileOf(io: Io): Promise<string> {
  const [{ join }, { KEYS_FILE }] = await Promise.all([
    import('node:path'),
    import('../daemon/key-store.ts'),
  ]);
  return join(stateFolder(io), KEYS_FILE);
}
