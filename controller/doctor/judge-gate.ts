/** What one gate's facts come to. Pure. */
import { FIRMWARE_VERSION, REASONS } from '../../schemas/protocol.ts';
import { schemaHash } from '../../schemas/schema-hash.ts';
import { bad, type Check, ok, type Verdict, warning } from './check.ts';
import type { BoardFacts, GateFacts } from './facts.ts';
import { judgeKey } from './judge-key.ts';

type Board = Extract<BoardFacts, { kind: 'board' }>;
type Judged = readonly (readonly [id: string, verdict: Verdict])[];

/** The checks of one gate, in order. `user` is who opens its port. */
export function judgeGate(facts: GateFacts, user: string): Check[] {
  const { gate, found } = facts;
  const judged: Judged = [
    ...port(facts, user),
    ...firmware(facts),
    ...key(facts),
    ...(found.kind === 'board' ? board(facts, found) : []),
  ];
  return judged.map(([id, verdict]) => ({ id, gate, ...verdict }));
}

function key(facts: GateFacts): Judged {
  const verdict = judgeKey(facts, facts.found);
  return verdict ? [['key', verdict]] : [];
}

function port(facts: GateFacts, user: string): Judged {
  const { gate, path, remote, found, advice } = facts;
  if (remote !== null) return [['link', way(remote, found)]];
  if (path === null) return [['port', ok('an emulated board')]];
  switch (found.kind) {
    case 'missing':
      return [
        [
          'port',
          bad(
            `there is nothing at ${path}`,
            'Plug it in, with a cable that carries data; `earlid ports` shows what is there.',
          ),
        ],
      ];
    case 'held':
    case 'busy':
      return [['port', held(facts, path)]];
    case 'forbidden':
      return [['port', forbidden(facts, path, user, found.detail)]];
    case 'failed':
      return [
        [
          'port',
          bad(`the connection failed: ${found.detail}`, 'Check cable and power, then plug it in anew.'),
        ],
      ];
    case 'released':
      return [
        [
          'port',
          warning('it is being flashed or paired', 'Wait until `earlid flash` or `earlid pair` has ended.'),
        ],
      ];
    default:
      return [
        ['port', advice === null ? ok(path) : warning(advice, `Change \`link\` of ${gate} in earlid.yaml.`)],
      ];
  }
}

/** How a gate is reached that is at no port of this computer. */
function way(remote: string, found: BoardFacts): Verdict {
  if (found.kind === 'away') return bad(found.problem.message, found.problem.hint);
  return found.kind === 'elsewhere'
    ? ok(`${remote}, over MQTT; only a running daemon can ask it`)
    : ok(`${remote}, over MQTT`);
}

function held({ holders, found }: GateFacts, path: string): Verdict {
  const names = holders.map(({ pid, program }) => `process ${pid} (${program})`).join(' and ');
  if (!names)
    return bad(
      `another program has ${path} open${found.kind === 'busy' ? '' : ', as it seems'}`,
      `\`sudo fuser -v ${path}\` names it; end it.`,
    );
  if (holders.some(({ program }) => program === 'ModemManager'))
    return bad(`${path} is held by ${names}`, '`sudo systemctl disable --now ModemManager`');
  return bad(`${path} is held by ${names}`, `End it: \`kill ${holders.map(({ pid }) => pid).join(' ')}\`.`);
}

function forbidden({ group }: GateFacts, path: string, user: string, detail: string): Verdict {
  if (!group)
    return bad(
      `${user} may not open ${path}: ${detail}`,
      `\`ls -lL ${path}\` shows who may; a udev rule gives it to the group dialout.`,
    );
  const { name, member } = group;
  if (member === 'no')
    return bad(
      `${user} may not open ${path}: it belongs to the group ${name}`,
      `\`sudo usermod -aG ${name} ${user}\`, then log in again.`,
    );
  if (member === 'from-next-login')
    return bad(
      `${user} may not open ${path}: in the group ${name} only from the next login on`,
      'Log in again; where services of the user run on, `sudo reboot`.',
    );
  return bad(
    `${user} may not open ${path}, although it belongs to the group ${name}`,
    `\`ls -lL ${path}\` shows who may: \`sudo chmod g+rw ${path}\`.`,
  );
}

const NEW_FIRMWARE = (gate: string): string =>
  `\`earlid flash ${gate} --product uno-relay\` (or uno-servo) puts the Earlid firmware on it.`;

function firmware({ gate, found }: GateFacts): Judged {
  const judged = (verdict: Verdict): Judged => [['firmware', verdict]];
  switch (found.kind) {
    case 'emulated':
      return judged(ok('the one of this version, as soon as the daemon runs'));
    case 'not-heard':
      return judged(warning('not heard yet', `Wait a few seconds, then \`earlid doctor ${gate}\` again.`));
    case 'silent':
      return judged(
        bad(
          'nothing answers',
          `Is one of its LEDs lit? If none is: power and cable. If one is: ${NEW_FIRMWARE(gate)}`,
        ),
      );
    case 'firmata':
      return judged(
        bad(
          `${found.name} runs on it, which leaves its pins as they are when the computer dies`,
          NEW_FIRMWARE(gate),
        ),
      );
    case 'garbage':
      return judged(
        bad(
          `something else runs on it${found.sample ? ` (“${found.sample}”)` : ''}`,
          `Is it the right board? ${NEW_FIRMWARE(gate)}`,
        ),
      );
    case 'other-version':
      return judged(
        bad(
          `${found.detail}: it is only ever told to mute`,
          `\`earlid flash ${gate}\` brings it up to date.`,
        ),
      );
    case 'board':
      return judged(version(gate, found.board));
    default:
      return [];
  }
}

function version(gate: string, { firmware, product, gateId, schema }: Board['board']): Verdict {
  const ours = FIRMWARE_VERSION.join('.');
  const text = `${firmware}, ${product}${gateId ? `, id ${gateId}` : ''}`;
  if (firmware === ours && schema === schemaHash()) return ok(text);
  const other =
    firmware === ours ? 'built from another definition of the protocol' : `this Earlid brings ${ours}`;
  return warning(`${text}; ${other}`, `\`earlid flash ${gate}\``);
}

function board(facts: GateFacts, found: Board): Judged {
  const { gate } = facts;
  const judged: (readonly [string, Verdict])[] = [
    ['brown-out', brownOut(gate, found.board)],
    ['bootloader', bootloader(facts, found.board)],
    ...resets(found),
    ...(found.fault?.startsWith('sense-') ? [] : [['sense', sense(gate, found)] as const]),
    ['wiring', wiring(facts, found)],
  ];
  if (found.board.product === 'uno-servo')
    judged.push([
      'fail-safe',
      warning(
        'not fail-safe: a servo stays where it is when its power goes',
        'Nothing mends that; hardware/servo-slide says what it means.',
      ),
    ]);
  if (found.fault) judged.push(['fault', fault(gate, found.fault)]);
  if (found.locked)
    judged.push([
      'lock',
      warning(
        'locked: nothing sent over a wire unlocks it',
        'Hold its button for 3 to 10 seconds, then let go.',
      ),
    ]);
  if (found.contested)
    judged.push([
      'controller',
      bad(
        'another controller spoke to it within the last 30 s, so it stays muted',
        'Stop the other one (another Earlid, `earlid ports` on that computer); half a minute later it is over.',
      ),
    ]);
  return judged;
}

function brownOut(gate: string, { brownOut }: Board['board']): Verdict {
  if (brownOut === '4.3V') return ok('the chip stops below 4.3 V');
  const hint = `\`earlid flash ${gate} --programmer usbasp\` sets 4.3 V, with a programmer at its six-pin plug.`;
  if (brownOut === 'off')
    return bad('off: on a failing supply the chip may do anything while the relay still holds', hint);
  return warning(
    `the chip stops only below ${brownOut.replace('V', ' V')}, as boards are sold: on a failing supply it runs outside of its limits before`,
    hint,
  );
}

function bootloader({ remote }: GateFacts, { bootloader, reset }: Board['board']): Verdict {
  if (!bootloader)
    return ok(
      remote === null ? 'none: it starts at once' : 'none: nobody replaces its firmware over its port',
    );
  if (remote !== null)
    return warning(
      'there is one: whoever has the computer it is plugged into (the bridge) can replace its firmware, key and all',
      'Trust that computer as you trust this one; or `earlid flash --programmer usbasp` takes the bootloader out, with a programmer at its six-pin plug (hardware/README.md).',
    );
  return ok(
    reset === 'hidden-reset'
      ? 'there is one; it hides why the board was reset'
      : 'there is one: the board takes a moment longer to start',
  );
}

function resets({ board, resetOnOpen }: Board): Judged {
  const judged: (readonly [string, Verdict])[] = [];
  if (resetOnOpen !== null)
    judged.push([
      'reset-on-open',
      resetOnOpen
        ? warning(
            'opening its port resets it: whenever the daemon starts, it mutes, and what its button has granted ends',
            '10 µF from RESET (plus) to GND, or cut the trace RESET-EN; take the capacitor off to flash.',
          )
        : ok('opening its port leaves it alone'),
    ]);
  if (board.reset === 'watchdog')
    judged.push([
      'last-reset',
      warning('its firmware hung and was ended by the watchdog', 'Please report it, with `earlid events`.'),
    ]);
  if (board.reset === 'brown-out')
    judged.push([
      'last-reset',
      warning('its supply had dipped', 'Give it a 5 V supply of its own (hardware/README.md).'),
    ]);
  return judged;
}

function sense(gate: string, { sense, isMuted, fault }: Board): Verdict {
  if (sense === 'none') return ok('none is configured');
  if (sense === 'hears' && isMuted && !fault)
    return bad(
      'it says that the speaker hears, although the gate is muted',
      `Pull the plug of the speaker, then \`earlid verify ${gate}\` finds what is wired wrong.`,
    );
  return ok(sense === 'hears' ? 'says that the speaker hears' : 'says that the speaker does not hear');
}

function wiring({ gate, wiring }: GateFacts, { sense, board }: Board): Verdict {
  const day = wiring?.at.slice(0, 10);
  const told = wiring?.grade === 'passed' ? `verified on ${day}` : `taken on your word on ${day}`;
  if (sense !== 'none') return ok(wiring ? told : 'not verified; the sense shows what happens');
  if (board.product === 'uno-servo')
    return bad(
      'a servo without a sense proves nothing: its state is unknown',
      'Wire a switch that is closed while the shutter is (hardware/servo-slide).',
    );
  return wiring
    ? ok(told)
    : bad('never verified, and there is no sense: its state is unknown', `\`earlid verify ${gate}\``);
}

const THEN = 'Then wait a second and press its button once.';
const FAULTS: Readonly<Record<string, (gate: string) => string>> = {
  'sense-live': (gate) =>
    `Pull the plug of the speaker and measure at the contact. It conducts: it is welded, bridged, or NC instead of NO. It does not: the wire at A0 is off, or the speaker stores some of its supply, which wants \`earlid settings ${gate} travel 1000ms\` once the fault is cleared. ${THEN}`,
  'sense-deaf': (gate) =>
    `The contact does not close, or the sense wire is off: listen for the click. ${THEN} \`earlid verify ${gate}\` shows whether it is mended.`,
  'button-stuck': () => `Let go of the button, or look for a short between its pin and GND. ${THEN}`,
  settings: (gate) =>
    `Press its button once: that stores what a new board has. Then hold it for 3 to 10 seconds to unlock the gate, and set it up anew with \`earlid settings ${gate}\`.`,
  memory: () => 'Its memory is worn out: take another board.',
};

function fault(gate: string, code: string): Verdict {
  const meaning = Object.hasOwn(REASONS, code) ? REASONS[code as keyof typeof REASONS][1] : code;
  const hint = FAULTS[code]?.(gate) ?? `Put it right. ${THEN}`;
  return bad(`${code}: ${meaning.replace(/^fault: /, '')}`, hint);
}
