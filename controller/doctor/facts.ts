/** What the doctor looks at, as it was found. Collected at the edges, judged in `judge.ts`. */
import type { BoardView, KeyAnswer, WiringAnswer } from '../../schemas/api.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { HomeAssistantDevices } from '../../schemas/homeassistant.ts';
import type { Holder } from '../link/holders.ts';

/** What is known of the board of a gate. */
export type BoardFacts =
  | {
      readonly kind: 'board';
      readonly board: BoardView;
      readonly isMuted: boolean;
      readonly sense: 'hears' | 'deaf' | 'none';
      readonly locked: boolean;
      /** Code of a reason. */
      readonly fault: string | null;
      readonly contested: boolean;
      /** Null: not known. */
      readonly resetOnOpen: boolean | null;
      /** Something else answers in its name as well; null: nothing does. */
      readonly twice: ErrorView | null;
    }
  /** An emulated board, without a daemon that runs it. */
  | { readonly kind: 'emulated' }
  /** The daemon has not heard it yet. */
  | { readonly kind: 'not-heard' }
  | { readonly kind: 'missing' | 'silent' | 'held' | 'released' }
  /** What answers does not prove to be the gate. */
  | { readonly kind: 'stranger'; readonly problem: ErrorView }
  /** What is elsewhere only a daemon can ask. */
  | { readonly kind: 'elsewhere' }
  /** The way to a gate that is elsewhere is not there. */
  | { readonly kind: 'away'; readonly problem: ErrorView }
  | { readonly kind: 'busy' | 'forbidden' | 'failed' | 'other-version'; readonly detail: string }
  | { readonly kind: 'firmata'; readonly name: string }
  | { readonly kind: 'garbage'; readonly sample: string };

export interface GateFacts {
  readonly gate: string;
  /** The serial port of the configuration; null where there is none at this computer. */
  readonly path: string | null;
  /** Where the link leads that is no port of this computer; null: a port, or an emulated board. */
  readonly remote: string | null;
  /** The device behind it; null: nothing is there. */
  readonly device: string | null;
  /** Programs that have it open, the daemon left out. */
  readonly holders: readonly Holder[];
  /** A better path to name. */
  readonly advice: string | null;
  /** Of the port: its group, and whether the user that opens it is in that group. */
  readonly group: { readonly name: string; readonly member: 'yes' | 'from-next-login' | 'no' } | null;
  readonly found: BoardFacts;
  readonly wiring: WiringAnswer['wiring'];
  /** What is kept of its key; null where nobody looked. */
  readonly key: Pick<KeyAnswer, 'key' | 'pairedAt'> | null;
}

/** What a visit to the broker found. */
export interface BrokerFacts {
  /** As people write it. */
  readonly broker: string;
  /** The daemon runs it. */
  readonly isOwn: boolean;
  /** Where the gates are shown there; null: they are not. */
  readonly place: Omit<HomeAssistantDevices, 'birth'> | null;
  readonly problems: readonly ErrorView[];
  /** What was written came back; null: nothing was written. */
  readonly isHeard: boolean | null;
  /** What the broker says of a controller with these topics, such as `online`; null: nothing. */
  readonly controller: string | null;
}

/** What a visit to Home Assistant found. */
export interface HomeAssistantFacts {
  readonly url: string;
  readonly problems: readonly ErrorView[];
  /** How many entities conditions name. */
  readonly asked: number;
}

export interface ServiceFacts {
  readonly kind: 'system' | 'user';
  readonly running: boolean;
  readonly enabled: boolean;
}

export interface Facts {
  /** Such as `20.20.2`. */
  readonly node: string;
  /** Who opens the ports: this user, or the account of the machine's service. */
  readonly user: string;
  readonly config:
    | { readonly file: string; readonly gates: readonly string[] }
    | { readonly error: ErrorView };
  readonly state: {
    readonly folder: string;
    readonly exists: boolean;
    readonly writable: boolean;
    /** Whose it is, when it is somebody else's. */
    readonly foreignOwner: string | null;
    /** Others may write to it. */
    readonly open: boolean;
  };
  /** Free for this user where the state lies; null: not known. */
  readonly freeBytes: number | null;
  /** Null: nothing here can tell. */
  readonly clockSynchronised: boolean | null;
  /** Null: none answers. With an error it is there, but cannot be asked. */
  readonly daemon:
    | { readonly pid: number; readonly problems: readonly ErrorView[] }
    | { readonly error: ErrorView }
    | null;
  /** Null where there is no systemd; `none` where no service is installed. */
  readonly service: ServiceFacts | 'none' | null;
  /** Version of avrdude; null: not installed. */
  readonly avrdude: string | null;
  /** Null: the configuration names none, or cannot be read, or the daemon cannot be asked. */
  readonly broker: BrokerFacts | null;
  readonly homeAssistant: HomeAssistantFacts | null;
  readonly gates: readonly GateFacts[];
}
