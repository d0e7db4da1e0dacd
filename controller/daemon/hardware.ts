/** What a gate of this computer is reached by: a serial port, or an emulated board that is loaded only when one is asked for. */
import type { GateConfig, LinkConfig } from '../../schemas/gate-config.ts';
import type { LinkFactory } from '../link/link.ts';

export interface Hardware {
  readonly link: LinkFactory;
  /** Where the link leads, for messages. */
  readonly place: string;
  /** The serial port; null where there is none here. */
  readonly port: string | null;
  readonly via: 'serial' | 'mqtt' | 'bench';
  /** Presses the button of an emulated board for `ms`; null for a real one. */
  readonly press: ((ms: number) => void) | null;
  start(): void;
  stop(): Promise<void>;
}

/** A gate that is reached without a broker. */
export type LocalGate = GateConfig & { readonly link: Exclude<LinkConfig, { readonly mqtt: string }> };

export type HardwareFactory = (gate: LocalGate, folder: string) => Promise<Hardware>;

/** Makes what a gate of the configuration is reached by; `folder` keeps what an emulated board remembers. */
export const createHardware: HardwareFactory = async ({ name, link, inputs }, folder) => {
  if ('serial' in link) {
    const { serialLink } = await import('../link/serial.ts');
    const place = link.serial;
    return {
      link: serialLink(place),
      place,
      port: place,
      via: 'serial',
      press: null,
      start() {},
      stop: async () => {},
    };
  }
  const { emulatedHardware } = await import('./emulated.ts');
  const pins = Object.fromEntries(inputs.map((input) => [input.name, input.pin]));
  return emulatedHardware({ product: link.bench, name, folder, inputs: pins });
};
