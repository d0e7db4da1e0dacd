/** Facts to checks. Pure: whatever the doctor says is decided here, in `judge-gate.ts` and in `judge-network.ts`. */
import type { ErrorView } from '../../schemas/errors.ts';
import { formatProblem } from '../config/problem.ts';
import { bad, type Check, ok, type Verdict, warning } from './check.ts';
import type { Facts } from './facts.ts';
import { judgeGate } from './judge-gate.ts';
import { isOfNetwork, judgeNetwork } from './judge-network.ts';

const LEAST_NODE = [20, 19] as const;
const MEGABYTE = 1_000_000;
/** A year of a busy household's record; below the other nothing can be decided safely. */
const LITTLE_SPACE = 100 * MEGABYTE;
const NO_SPACE = 5 * MEGABYTE;

/** Every check in the order of the page: the computer, then each gate. */
export function judge(facts: Facts): Check[] {
  const machine: (readonly [string, Verdict | null])[] = [
    ['node', node(facts)],
    ['configuration', configuration(facts)],
    ['state', state(facts)],
    ['disk', disk(facts)],
    ['clock', clock(facts)],
    ['daemon', daemon(facts)],
    ['service', service(facts)],
    ['avrdude', avrdude(facts)],
    ...judgeNetwork(facts),
    ...problems(facts),
  ];
  return [
    ...machine.flatMap(([id, verdict]) => (verdict ? [{ id, gate: null, ...verdict }] : [])),
    ...facts.gates.flatMap((gate) => judgeGate(gate, facts.user)),
  ];
}

/** What the daemon itself says is wrong, unless it was found here as well. */
function problems(facts: Facts): (readonly [string, Verdict])[] {
  const { daemon, freeBytes } = facts;
  const isFull = freeBytes !== null && freeBytes < NO_SPACE;
  return (daemon && 'problems' in daemon ? daemon.problems : [])
    .filter((problem) => !(isFull && problem.code === 'disk-full') && !isOfNetwork(facts, problem))
    .map(({ code, message, hint }) => [code, bad(message, hint)]);
}

function node({ node }: Facts): Verdict {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok(node);
  return bad(
    `${node} is older than ${LEAST_NODE.join('.')}`,
    'Install a newer one from https://nodejs.org, then `npm install -g earlid` with it.',
  );
}

function configuration({ config }: Facts): Verdict {
  if ('file' in config) return ok(`${config.file}: ${config.gates.join(', ')}`);
  const { message, hint } = config.error;
  return bad([message, ...problemsOf(config.error)].join('\n'), hint);
}

const problemsOf = ({ problems }: ErrorView): string[] =>
  Array.isArray(problems) ? problems.map(formatProblem) : [];

function state({ state, user }: Facts): Verdict {
  const { folder, exists, writable, foreignOwner, open } = state;
  if (foreignOwner)
    return bad(
      `${folder} belongs to ${foreignOwner}`,
      `Use Earlid as ${foreignOwner}, or make it yours: \`sudo chown -R ${user} ${folder}\`.`,
    );
  if (!writable)
    return bad(
      `nothing can be written to ${folder}: what is decided would not survive a restart`,
      `\`ls -ld ${folder}\` shows why; \`chmod u+rwx ${folder}\`, or another folder with $EARLID_HOME.`,
    );
  if (open) return warning(`others may write to ${folder}`, `\`chmod 700 ${folder}\``);
  return ok(exists ? folder : `${folder}, made at the first start`);
}

function disk({ freeBytes, state }: Facts): Verdict | null {
  if (freeBytes === null) return null;
  const left = `${free(freeBytes)} free`;
  const hint = `Free some space: \`df -h ${state.folder}\` shows which disk.`;
  if (freeBytes < NO_SPACE) return bad(`full (${left}): nothing decided now survives a restart`, hint);
  if (freeBytes < LITTLE_SPACE) return warning(`nearly full: ${left}`, hint);
  return ok(left);
}

function free(bytes: number): string {
  return bytes >= 1000 * MEGABYTE
    ? `${(bytes / (1000 * MEGABYTE)).toFixed(1)} GB`
    : `${Math.floor(bytes / MEGABYTE)} MB`;
}

function clock({ clockSynchronised }: Facts): Verdict {
  if (clockSynchronised) return ok('set by the network');
  const hint = '`sudo timedatectl set-ntp true` lets the network set it; `timedatectl` shows whether it has.';
  return clockSynchronised === false
    ? warning('not set by the network since this computer started: times in the record may be wrong', hint)
    : warning('nothing here tells whether it is right', hint);
}

function daemon({ daemon, service, config }: Facts): Verdict | null {
  if (daemon && 'error' in daemon) return bad(daemon.error.message, daemon.error.hint);
  if (daemon) return ok(daemon.pid > 0 ? `runs (process ${daemon.pid})` : 'runs');
  const text = 'none answers: every gate mutes by itself and nobody can unmute from here';
  // A service that does not run is told as such.
  if (service && service !== 'none') return service.running ? bad(text, serviceHint(service.kind)) : null;
  return warning(
    text,
    'file' in config ? '`earlid start`, or `earlid service install`' : 'Put the configuration right first.',
  );
}

function serviceHint(kind: 'system' | 'user'): string {
  return kind === 'system'
    ? '`sudo journalctl -u earlid -n 20` says why; `sudo systemctl restart earlid`'
    : '`journalctl --user-unit earlid -n 20` says why; `systemctl --user restart earlid`';
}

function service({ service }: Facts): Verdict | null {
  if (service === null) return null;
  if (service === 'none') return ok('none: `earlid service install` starts Earlid at every boot');
  const name = service.kind === 'system' ? 'of the machine' : 'of this user';
  if (!service.running) return bad(`the service ${name} does not run`, serviceHint(service.kind));
  if (!service.enabled)
    return warning(`the service ${name} runs, but does not start at boot`, '`earlid service install`');
  return ok(`${name}, starts at boot`);
}

function avrdude({ avrdude }: Facts): Verdict {
  return ok(avrdude ?? 'not installed; only `earlid flash` needs it: `sudo apt install avrdude`');
}
