import { describe, expect, test } from '@jest/globals';
import { parseBridge } from '../../controller/bridge/bridge-file.ts';
import { EarlidError } from '../../schemas/errors.ts';

const MQTT = 'mqtt: { url: mqtts://broker.home, username: kitchen-pi, password_file: password, ca: ca.crt }';
const GATES = 'gates: { kitchen: { link: { serial: /dev/a } } }';

function problems(text: string): string[] {
  try {
    parseBridge(text, '/etc/earlid/bridge.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof EarlidError)) throw error;
    const { problems } = error.view as unknown as {
      problems: { line: number; key: string; message: string }[];
    };
    return problems.map(({ line, key, message }) => `${line} ${key}: ${message}`);
  }
}

describe('bridge.yaml', () => {
  test('names a broker and gates in the words of earlid.yaml; paths count from its folder', () => {
    expect(parseBridge(`${MQTT}\n${GATES}\n`, '/etc/earlid/bridge.yaml')).toMatchObject({
      mqtt: {
        host: 'broker.home',
        port: 8883,
        tls: true,
        passwordFile: '/etc/earlid/password',
        ca: '/etc/earlid/ca.crt',
        prefix: 'earlid',
      },
      gates: [{ name: 'kitchen', serial: '/dev/a' }],
    });
  });

  test('with a mistake is checked again by the command for it', () => {
    expect(() => parseBridge(GATES, 'bridge.yaml')).toThrow(
      expect.objectContaining({
        view: expect.objectContaining({ hint: expect.stringContaining('earlid bridge --check') }),
      }),
    );
  });

  test.each([
    ['no broker', GATES, '1 mqtt: is missing'],
    ['no gates', MQTT, '1 gates: is missing'],
    ['a broker of its own', `mqtt: { embedded: true }\n${GATES}`, '1 mqtt: expected `url`'],
    [
      'rules, which it knows nothing of',
      `${MQTT}\ngates:\n  kitchen:\n    link: { serial: /dev/a }\n    listen: []\n`,
      '5 gates.kitchen.listen: unknown key (valid here: link)',
    ],
    [
      'a link that is none of its computer',
      `${MQTT}\ngates: { kitchen: { link: { mqtt: true } } }`,
      '2 gates.kitchen.link',
    ],
    [
      'one port twice',
      `${MQTT}\ngates:\n  a: { link: { serial: /dev/a } }\n  b: { link: { serial: /dev/a } }\n`,
      '4 gates.b.link.serial: expected a port of its own',
    ],
    [
      'a name that is no level of a topic',
      `${MQTT}\ngates: { 'a/+': { link: { serial: /dev/a } } }`,
      '2 gates.a/+',
    ],
    ['no YAML', '{', '1 : this is not YAML'],
  ])('%s is refused with its place', (_, text, expected) => {
    expect(problems(text)[0]).toContain(expected);
  });
});
