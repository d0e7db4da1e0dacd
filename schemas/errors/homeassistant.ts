/** Errors of Home Assistant as a source of facts. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const HOMEASSISTANT_ERRORS = {
  'homeassistant-unreachable': {
    exit: EXIT.config,
    cause: 'Home Assistant at {url} cannot be reached: {detail}',
    hint: 'Facts from its entities are unknown once they are too old. Is it running, and are address and port right (`homeassistant.url`; 8123 unless changed)? A service that was installed before `homeassistant` was written is kept off the network: `earlid service install` again. The daemon goes on trying.',
  },
  'homeassistant-tls': {
    exit: EXIT.config,
    cause: 'Home Assistant at {url} cannot be trusted: {detail}',
    hint: 'Does it speak TLS at this port? `homeassistant.ca` names a file with the certificate of who signed its own; the name in `homeassistant.url` must be the one in its certificate. The daemon goes on trying.',
  },
  'homeassistant-token': {
    exit: EXIT.config,
    cause: 'Home Assistant at {url} refuses the token of Earlid',
    hint: 'Make a long-lived access token in Home Assistant (your profile, Security) and write it into the file `homeassistant.token_file`. A new token is tried within half a minute, the same one after 15 minutes.',
  },
  'homeassistant-token-open': {
    exit: EXIT.config,
    cause: 'others on this computer may read the token of Home Assistant in {file}',
    hint: '`chmod 600` it, as the user that runs Earlid. Who has read it can do in Home Assistant whatever its user may: then make another token.',
  },
  'homeassistant-file': {
    exit: EXIT.config,
    cause: '{file}, which `homeassistant` names, cannot be used: {detail}',
    hint: 'Name a file that the user of Earlid may read; the first line of the token file is the token. The daemon goes on trying.',
  },
  'homeassistant-starting': {
    exit: EXIT.config,
    cause: 'Home Assistant at {url} is not ready: it says {detail}',
    hint: 'Facts from its entities are unknown until it says RUNNING. If that does not come, see its own log.',
  },
  'homeassistant-garbled': {
    exit: EXIT.config,
    cause: 'what answers at {url} does not speak as Home Assistant does: {detail}',
    hint: 'Is the address right (`homeassistant.url`), and does a proxy in front of it let WebSockets through? The daemon goes on trying.',
  },
  'homeassistant-entities': {
    exit: EXIT.config,
    cause: 'Home Assistant at {url} has no {entities}, or does not show it to the user of the token',
    hint: 'Developer tools, States, in Home Assistant lists its entities; until it is there, facts from it are unknown.',
  },
} as const satisfies Record<string, ErrorDefinition>;
