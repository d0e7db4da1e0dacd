/** Finds out what the doctor judges. Changes nothing, except that a port nobody uses is opened to say hello. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { DiagnosisView } from '../../schemas/api.ts';
import { describe } from '../../schemas/errors.ts';
import type { LinkConfig } from '../../schemas/gate-config.ts';
import { controllerId } from '../daemon/controller-id.ts';
import { KeyStore, keyView } from '../daemon/key-store.ts';
import { iso } from '../daemon/views.ts';
import { WiringStore } from '../daemon/wiring-store.ts';
import { isOfBoard } from '../gate/status.ts';
import { systemClock } from '../link/clock.ts';
import { holdersOf } from '../link/holders.ts';
import { type ListedPort, listPorts, type PortPlaces } from '../link/ports.ts';
import { serialLink } from '../link/serial.ts';
import { type PortAnswer, surveyPort } from '../link/survey.ts';
import { portFacts, readGroups } from '../service/port-facts.ts';
import type { BoardFacts, Facts, GateFacts } from './facts.ts';

type EarlidAnswer = Extract<PortAnswer, { kind: 'earlid' }>;

/** The group of a port, and whether this user is in it. */
async function groupOf(gate: string, path: string, user: string): Promise<GateFacts['group']> {
  const groups = await readGroups();
  const { group: name } = await portFacts(gate, path, groups);
  if (name === null) return null;
  const listed = groups.members.get(name)?.includes(user) === true;
  const has = (process.getgroups?.() ?? []).some((id) => groups.names.get(id) === name);
  const own = user === userInfo().username;
  return { name, member: own && has ? 'yes' : listed ? (own ? 'from-next-login' : 'yes') : 'no' };
}

/** What a running daemon knows of a gate. */
export async function gateFromDaemon(
  view: DiagnosisView,
  daemonPid: number,
  user: string,
  places: PortPlaces,
): Promise<GateFacts> {
  const { gate, port, via, place } = view;
  const [listed] = port === null ? [] : await portOf(gate, port, places);
  const holders = listed?.device ? await holdersOf(listed.device) : [];
  return {
    gate,
    path: port,
    remote: via === 'mqtt' ? place : null,
    device: listed?.device ?? null,
    holders: holders.filter(({ pid }) => pid !== daemonPid),
    advice: listed?.advice ?? null,
    group: port === null ? null : await groupOf(gate, port, user),
    found: foundByDaemon(view),
    wiring: view.wiring.wiring,
    key: view.key,
  };
}

function foundByDaemon(view: DiagnosisView): BoardFacts {
  const { link, board, problem, locked, fault, contested, resetOnOpen, reported } = view;
  const detail = problem?.detail ?? '';
  switch (problem?.code) {
    case 'port-missing':
      return { kind: 'missing' };
    case 'port-busy':
      return { kind: 'busy', detail };
    case 'port-forbidden':
      return { kind: 'forbidden', detail };
    case 'port-silent':
      return detail.includes('bytes came') ? { kind: 'garbage', sample: '' } : { kind: 'silent' };
    case 'wrong-firmware':
      return { kind: 'firmata', name: detail };
    case 'old-firmware':
      return { kind: 'other-version', detail };
    case 'released':
      return { kind: 'released' };
    case 'broker-away':
    case 'gate-not-served':
      return { kind: 'away', problem: describe(problem.code, { path: view.place, detail }) };
    case 'gate-needs-key':
    case 'gate-unpaired':
    case 'gate-keyed':
    case 'gate-unauthenticated':
    case 'keys-unusable':
      return { kind: 'stranger', problem: describe(problem.code, { gate: view.gate, detail }) };
    case 'link-failed':
      if (link === 'down') return { kind: 'failed', detail };
  }
  if (link !== 'up' || !board) return { kind: 'not-heard' };
  return {
    kind: 'board',
    board,
    isMuted: reported?.state === 'muted',
    sense: view.sense ?? 'none',
    locked: locked ?? false,
    fault,
    contested,
    resetOnOpen: view.port === null ? null : resetOnOpen,
    twice: problem?.code === 'gate-twice' ? describe('gate-twice', { gate: view.gate, detail }) : null,
  };
}

/** What is found at the port of a gate that no daemon runs. */
export async function gateFromPort(
  gate: string,
  link: LinkConfig,
  folder: string,
  user: string,
  places: PortPlaces,
): Promise<GateFacts> {
  const path = 'serial' in link ? link.serial : null;
  const remote = 'mqtt' in link ? link.mqtt : null;
  const nothing = {
    gate,
    path,
    remote,
    device: null,
    holders: [],
    advice: null,
    group: null,
    wiring: null,
    key: null,
  };
  if (path === null) return { ...nothing, found: { kind: remote === null ? 'emulated' : 'elsewhere' } };
  const [port] = await portOf(gate, path, places);
  if (!port) return { ...nothing, found: { kind: 'missing' } };
  // The id of the daemon to come as well: a gate that hears two is contested for half a minute.
  const { id } = await controllerId(folder);
  const ask = { ask: true, resets: true, clock: systemClock, controllerId: id, linkTo: serialLink };
  const surveyed = await surveyPort({ ...port, path }, ask);
  const { answer } = surveyed;
  return {
    gate,
    path,
    remote,
    device: port.device,
    holders: surveyed.holders,
    advice: port.advice,
    group: await groupOf(gate, path, user),
    found: foundAtPort(answer),
    wiring: answer.kind === 'earlid' ? wiringIn(folder, gate, answer.board) : null,
    key: await keyIn(folder, gate),
  };
}

function foundAtPort(answer: PortAnswer): BoardFacts {
  switch (answer.kind) {
    case 'earlid': {
      const { board, state, resetOnOpen } = answer;
      const { sensePresent, senseHears, locked, contested } = state.flags;
      return {
        kind: 'board',
        board,
        isMuted: state.phase === 'muted',
        sense: sensePresent ? (senseHears ? 'hears' : 'deaf') : 'none',
        locked,
        fault: state.fault === 'none' ? null : state.fault,
        contested,
        resetOnOpen,
        twice: null,
      };
    }
    case 'other-version':
      return { kind: 'other-version', detail: `it speaks guard protocol version ${answer.version}` };
    case 'not-asked':
      return { kind: 'not-heard' };
    default:
      return answer;
  }
}

async function portOf(gate: string, path: string, places: PortPlaces): Promise<ListedPort[]> {
  const ports = await listPorts(places, [{ gate, path }]);
  return ports.filter((port) => port.gate === gate);
}

function wiringIn(folder: string, gate: string, board: EarlidAnswer['board']): GateFacts['wiring'] {
  const store = new WiringStore(folder);
  store.load();
  const record = store.of(gate);
  if (!record || !isOfBoard(record, board)) return null;
  return { grade: record.wiring, at: iso(record.at), firmware: record.firmware };
}

async function keyIn(folder: string, gate: string): Promise<GateFacts['key']> {
  const store = new KeyStore(folder);
  await store.load();
  return keyView(store, gate);
}

/** The state folder as this user finds it. */
export async function stateFacts(folder: string, uid: number): Promise<Facts['state']> {
  const found = await stat(folder).catch(() => null);
  const foreign = found !== null && uid !== 0 && found.uid !== uid;
  return {
    folder,
    exists: found !== null,
    writable: found?.isDirectory() ? await isWritable(folder) : found === null && (await canBeMade(folder)),
    foreignOwner: foreign ? await nameOf(found.uid) : null,
    open: found !== null && (found.mode & 0o022) !== 0,
  };
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

/** The nearest folder above that exists may be written to. */
async function canBeMade(folder: string): Promise<boolean> {
  const parent = dirname(folder);
  if (parent === folder) return false;
  const found = await stat(parent).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
  if (found === 'ENOENT') return canBeMade(parent);
  return typeof found !== 'string' && found.isDirectory() && isWritable(parent);
}

async function nameOf(uid: number): Promise<string> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const row = text.split('\n').find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0] ?? `user ${uid}`;
}

/** Free for this user where `folder` is or will be; null: not known. */
export async function freeBytes(folder: string): Promise<number | null> {
  const found = await statfs(folder).catch((error: NodeJS.ErrnoException) => error.code ?? null);
  if (found === 'ENOENT' && dirname(folder) !== folder) return freeBytes(dirname(folder));
  return found === null || typeof found === 'string' ? null : found.bavail * found.bsize;
}

/** Such as `avrdude 7.1`; null: not installed. */
export async function avrdudeVersion(): Promise<string | null> {
  const said = await ask('avrdude', ['-?'], 'err');
  const version = /avrdude version ([\w.-]+)/i.exec(said ?? '')?.[1]?.replace(/[.,]$/, '');
  return said === null ? null : version ? `avrdude ${version}` : 'avrdude';
}

const LONGEST_MS = 5_000;

/** What a program said; null when there is none or it failed without a word. */
function ask(program: string, args: readonly string[], where: 'out' | 'err' = 'out'): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { timeout: LONGEST_MS, env: { ...process.env, LC_ALL: 'C' } },
      (error, out, err) => {
        const text = (where === 'out' ? out : err).trim();
        resolve(error && (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : text || null);
      },
    );
  });
}
