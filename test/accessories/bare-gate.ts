/** Free pins of a gate that takes every message, and remembers it. */
import { FreePins } from '../../controller/accessories/free-pins.ts';
import { encodePinMessage, type PinMessage } from '../../controller/link/pin-message.ts';
import type { Product } from '../../schemas/protocol.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

export class BareGate {
  readonly clock = new VirtualClock();
  readonly warnings: string[] = [];
  readonly pins = new FreePins({ clock: this.clock, warn: (text) => this.warnings.push(text) });
  readonly sent: PinMessage[] = [];
  /** How many messages went out at once, at which time. */
  readonly bursts: { readonly at: number; readonly count: number }[] = [];

  up(product: Product = 'uno-relay'): this {
    this.pins.up(product, (messages) => {
      for (const message of messages) encodePinMessage(message);
      this.sent.push(...messages);
      this.bursts.push({ at: this.clock.now(), count: messages.length });
    });
    return this;
  }

  /** What was sent since the last time, after everything has gone. */
  async news(): Promise<PinMessage[]> {
    await this.clock.pass(2_000);
    return this.sent.splice(0);
  }
}
