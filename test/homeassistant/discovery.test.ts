import { describe, expect, test } from '@jest/globals';
import {
  controllerDiscovery,
  gateDiscovery,
  isOurs,
  type Origin,
} from '../../controller/homeassistant/discovery.ts';
import type { Board } from '../../controller/link/board.ts';
import { expectGolden } from '../golden.ts';
import { problemsOf } from './model.ts';

const ORIGIN: Origin = {
  discovery: 'homeassistant',
  topic: 'earlid',
  version: '1.2.3',
  controllerId: 0x0c0ffee0,
};
const BOARD: Board = {
  product: 'uno-relay',
  firmware: '0.1.0',
  schema: 0x12345678,
  gateId: 'kitchen1',
  boot: 7,
  reset: 'power-on',
  brownOut: '4.3V',
  bootloader: true,
  keyed: false,
};
const kitchen = { name: 'kitchen', speaker: 'echo-dot-5', area: 'Kitchen', board: BOARD };
const unheard = { name: 'living-room', speaker: null, area: null, board: null };
const messages = () => [
  controllerDiscovery(ORIGIN),
  gateDiscovery(ORIGIN, kitchen),
  gateDiscovery(ORIGIN, unheard),
];
type Components = Record<string, Record<string, unknown>>;
const componentsOf = (payload: string) => (JSON.parse(payload) as { components: Components }).components;

describe('what Home Assistant is told of the devices', () => {
  test.each([
    ['controller', () => controllerDiscovery(ORIGIN)],
    ['kitchen', () => gateDiscovery(ORIGIN, kitchen)],
    ['living-room', () => gateDiscovery(ORIGIN, unheard)],
  ] as const)('the message of %s is the one that is checked in', (name, make) => {
    const { topic, payload } = make();
    const page = `${topic}\n${JSON.stringify(JSON.parse(payload), null, 2)}\n`;
    expectGolden(new URL(`golden/${name}.txt`, import.meta.url), page);
  });

  test('keeps all rules of Home Assistant', () => {
    expect(problemsOf(messages())).toEqual([]);
  });

  test('breaks the rules where it is broken: the model of the rules is strict', () => {
    const [, message] = messages();
    const broken = (change: (components: Components) => void) => {
      const payload = JSON.parse(message!.payload) as { components: Components };
      change(payload.components);
      return problemsOf([{ topic: message!.topic, payload: JSON.stringify(payload) }]).length;
    };
    expect(broken(() => {})).toBe(0);
    expect(broken(({ microphone }) => delete microphone!.unique_id)).toBeGreaterThan(0);
    expect(broken(({ microphone }) => delete microphone!.command_topic)).toBeGreaterThan(0);
    expect(broken(({ microphone, live }) => (live!.unique_id = microphone!.unique_id))).toBeGreaterThan(0);
    expect(broken(({ live }) => (live!.device_class = 'microphone'))).toBeGreaterThan(0);
    expect(broken(({ live }) => (live!.availability_topic = 'a/b'))).toBeGreaterThan(0);
    expect(broken(({ button }) => (button!.event_types = ['pressed']))).toBeGreaterThan(0);
    expect(broken(({ reason }) => (reason!.unit_of_measurement = 's'))).toBeGreaterThan(0);
    expect(broken(({ exposure_today }) => (exposure_today!.unit_of_measurement = 'S'))).toBeGreaterThan(0);
    expect(broken(({ exposure_today }) => delete exposure_today!.unit_of_measurement)).toBeGreaterThan(0);
    expect(broken(({ exposure_today }) => (exposure_today!.state_class = 'increasing'))).toBeGreaterThan(0);
    expect(broken(({ mode }) => (mode!.name = 'Kitchen mode'))).toBeGreaterThan(0);
    expect(broken(({ mode }) => delete mode!.json_attributes_template)).toBeGreaterThan(0);
    expect(broken(({ mode }) => (mode!.default_entity_id = 'kitchen_mode'))).toBeGreaterThan(0);
  });

  test('S3 asks for nothing of MQTT 5, else a Home Assistant that speaks 3.1.1 sends no mute', () => {
    for (const { payload } of messages()) expect(payload).not.toContain('message_expiry_interval');
  });

  test('the proof, the mute and the switch stay in reach while only the gate is away', () => {
    const { live, mute, microphone, lock } = componentsOf(gateDiscovery(ORIGIN, kitchen).payload);
    for (const { availability } of [live!, mute!, microphone!])
      expect((availability as { topic: string }[]).map(({ topic }) => topic)).toEqual(['earlid/status']);
    expect(lock!.availability).toBeUndefined();
  });

  test('the proof and its reason are believed no longer than they are said again', () => {
    const { live, reason } = componentsOf(gateDiscovery(ORIGIN, kitchen).payload);
    expect([live!.expire_after, reason!.expire_after]).toEqual([180, 180]);
  });

  test('only what this very controller has published counts as its own', () => {
    const { payload } = gateDiscovery(ORIGIN, kitchen);
    const bytes = new TextEncoder().encode(payload);
    expect(isOurs(ORIGIN, 'earlid_gate_kitchen', bytes)).toBe(true);
    expect(isOurs({ ...ORIGIN, controllerId: 1 }, 'earlid_gate_kitchen', bytes)).toBe(false);
    expect(isOurs(ORIGIN, 'earlid_gate_cellar', bytes)).toBe(false);
    for (const strange of ['', 'null', '[]', '{"device":{"identifiers":"x"}}', '{"device":null}'])
      expect(isOurs(ORIGIN, 'earlid_gate_kitchen', new TextEncoder().encode(strange))).toBe(false);
  });
});
