/** A daemon, a broker and a bridge with a gate on the real firmware: three parts that can go and come back one by one. */
import { Bridge } from '../../../controller/bridge/bridge.ts';
import { KeyStore } from '../../../controller/daemon/key-store.ts';
import { createLog } from '../../../controller/daemon/log.ts';
import { Secret } from '../../../controller/gate/secret.ts';
import type { LinkFactory } from '../../../controller/link/link.ts';
import { toBridge } from '../../../schemas/bridge.ts';
import { configOf } from '../../../schemas/config.ts';
import { Broker } from '../../presence/broker.ts';
import { VirtualHouse } from '../presence/house.ts';

const STEP_MS = 10;
export const PORT = '/dev/serial/by-id/usb-Arduino_Uno_5573';

export class Rooms {
  readonly house: VirtualHouse;
  readonly bridgeLog: string[] = [];
  broker: Broker;
  bridge: Bridge;
  /** The contact was closed at some time. */
  everHeard = false;
  readonly #open: LinkFactory;

  private constructor(broker: Broker, key: Secret | null) {
    this.broker = broker;
    this.house = new VirtualHouse(
      configOf({
        mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
        gates: { kitchen: { link: { mqtt: true } } },
      }),
    );
    this.#open = this.house.wire('kitchen', key);
    this.bridge = this.newBridge();
  }

  /** All parts run, and the controller hears its gate, which has a key unless said otherwise. */
  static async open({ paired = true } = {}): Promise<Rooms> {
    const key = paired ? Secret.random() : null;
    const rooms = new Rooms(await Broker.start(), key);
    if (key) {
      const keys = new KeyStore(rooms.house.folder);
      await keys.begin('kitchen', key, 0);
      await keys.shown('kitchen', key, 0);
    }
    rooms.bridge.start();
    await rooms.house.daemon.start();
    await rooms.until(() => rooms.view.link === 'up' && (!paired || rooms.view.state === 'muted'));
    return rooms;
  }

  get view() {
    return this.house.view('kitchen');
  }

  newBridge(): Bridge {
    return new Bridge({
      config: toBridge({
        mqtt: { url: `mqtt://127.0.0.1:${this.broker.port}` },
        gates: { kitchen: { link: { serial: PORT } } },
      }),
      clock: this.house.time,
      log: createLog({ level: 'info', sink: (line) => this.bridgeLog.push(line) }),
      linkTo: () => this.#open,
    });
  }

  /** Time goes on for gate, bridge and daemon, and the sockets between them have their turn; how many ms it took. */
  async until(condition: () => boolean, withinMs = 60_000): Promise<number> {
    const begun = this.house.time.now();
    const passed = () => this.house.time.now() - begun;
    while (!condition()) {
      if (passed() > withinMs) throw new Error(JSON.stringify([this.view, this.house.log, this.bridgeLog]));
      await this.house.pass(STEP_MS);
      this.everHeard ||= this.house.hears('kitchen');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return passed();
  }

  async pass(ms: number): Promise<void> {
    const end = this.house.time.now() + ms;
    await this.until(() => this.house.time.now() >= end);
  }

  /** Stops something whose timers run in virtual time. */
  async stopped(stopping: Promise<unknown>): Promise<void> {
    let isOver = false;
    void stopping.then(() => {
      isOver = true;
    });
    await this.until(() => isOver);
  }

  async end(): Promise<void> {
    await this.stopped(this.bridge.stop());
    await this.house.end();
    await this.broker.stop();
  }
}
