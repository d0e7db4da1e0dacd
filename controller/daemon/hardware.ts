/** What a gate is reached by: a serial port, or an emulated board that is loaded only when one is asked for. */
import type { GateConfig } from '../../schemas/config.ts';
import type { LinkFactory } from '../link/link.ts';

export interface Hardware {
  readonly link: LinkFactory;
  /** Where the link leads, for messages. */
  readonly place: string;
  /** The serial port; null for an emulated board. */
  readonly port: string | null;
  /** Presses the button of an emulated board for `ms`; null for a real one. */
  readonly press: ((ms: number) => void) | null;
  start(): void;
  stop(): Promise<void>;
}

export type HardwareFactory = (gate: GateConfig, folder: string) => Promise<Hardware>;

/** Makes what a gate of the configuration is reached by; `folder` keeps what an emulated board remembers. */
export const createHardware: HardwareFactory = async ({ name, link, inputs }, folder) => {
  if ('serial' in link) {
    const { serialLink } = await import('../link/serial.ts');
    const place = link.serial;
    return { link: serialLink(place), place, port: place, press: null, start() {}, stop: async () => {} };
  }
  const { emulatedHardware } = await import('./emulated.ts');
  const pins = Object.fromEntries(inputs.map((input) => [input.name, input.pin]));
  return emulatedHardware({ product: link.bench, name, folder, inputs: pins });
};
