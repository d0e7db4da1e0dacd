import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../controller/cli/program.ts';
import { configOf, gateConfig, House } from './harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

const start = () => house.start(configOf(gateConfig('kitchen', { readyAfterMs: 0 })));

/** Runs `verify` with what is typed; the last answer may end in Ctrl-C instead. */
async function verify(typed: readonly string[], interrupted = false) {
  const [out, err]: [string[], string[]] = [[], []];
  let end = (): void => {};
  const lines = [...typed];
  const io = house.io(out, err, {
    async readLine() {
      const line = lines.shift();
      if (line !== undefined) return line;
      if (interrupted) end();
      return interrupted ? new Promise<null>(() => {}) : null;
    },
    onEnd(stop) {
      end = () => stop('SIGINT');
      return () => {};
    },
  });
  const code = await run(['verify', 'kitchen'], io);
  return { code, out: out.join(''), err: err.join('') };
}

describe('verify', () => {
  test('--assume-wired records the word of the owner with date and firmware, for this board', async () => {
    await start();
    const { code, out } = await house.earlid('verify', 'kitchen', '--assume-wired');
    expect(code).toBe(0);
    expect(out).toMatch(/^kitchen: wiring taken on your word \(.*firmware 0\.1\.0\)\n$/);
    const { gates } = JSON.parse(readFileSync(join(house.folder, 'wiring.json'), 'utf8'));
    expect(gates.kitchen).toMatchObject({ wiring: 'assumed', product: 'uno-relay', firmware: '0.1.0' });
    expect(gates.kitchen.gateId).toMatch(/^[a-z0-9]{7}$/);
    expect(house.gate('kitchen').calls).toContain('trust uno-relay');
  });

  test('what was recorded counts after a restart of the daemon, and not after --forget', async () => {
    await start();
    await house.earlid('verify', 'kitchen', '--assume-wired');
    await house.daemon?.stop();
    await start();
    expect(house.gate('kitchen').calls).toContain('trust uno-relay');
    const { json } = await house.earlid('verify', 'kitchen', '--forget', '--json');
    expect(json()).toMatchObject({ gate: 'kitchen', wiring: null });
    expect(house.gate('kitchen').calls.at(-1)).toBe('trust nothing');
    await house.daemon?.stop();
    await start();
    expect(house.gate('kitchen').calls).not.toContain('trust uno-relay');
  });

  test('S4: a board that takes the place of the checked one is not trusted', async () => {
    await start();
    await house.earlid('verify', 'kitchen', '--assume-wired');
    house.gate('kitchen').sink.doubt?.('other-board');
    expect(house.gate('kitchen').calls).toContain('trust nothing');
    const { json } = await house.earlid('verify', 'kitchen', '--forget', '--json');
    expect(json()).toMatchObject({ wiring: null });
  });

  test('S4: over MQTT a board without an id is told of before the first step', async () => {
    await house.start(configOf(gateConfig('kitchen')), () => {}, {
      createHardware: async () => ({
        link: async () => {
          throw new Error('a fake gate opens no link');
        },
        via: 'mqtt',
        port: null,
        place: 'earlid/links/kitchen',
        press: null,
        start() {},
        stop: async () => {},
      }),
    });
    const { code, out, err } = await verify([]);
    expect({ code, out }).toEqual({ code: 77, out: '' });
    expect(err).toContain('earlid settings kitchen gate_id');
    expect(house.gate('kitchen').calls).not.toContain('mute cli');
  });

  test('S4: a board that takes no id is not trusted: another without one could take its place', async () => {
    await start();
    house.gate('kitchen').refusal = 'locked';
    expect(await house.earlid('verify', 'kitchen', '--assume-wired')).toMatchObject({ code: 77 });
    expect(house.gate('kitchen').calls).not.toContain('trust uno-relay');
  });

  test('a file that cannot be read is told, and nothing is called muted because of it', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(house.folder, 'wiring.json'), '{"version":1,"gates":{"kitchen":{"wiring":"passed"}}}');
    await start();
    expect(house.gate('kitchen').calls).toContain('trust nothing');
    expect((await house.earlid('status')).err).toContain(
      'cannot read which wirings were checked (it is damaged)',
    );
  });

  test('asks again for what is neither yes nor no; a wrong answer mutes, says what it means and voids what was recorded', async () => {
    await start();
    await house.earlid('verify', 'kitchen', '--assume-wired');
    const { code, out, err } = await verify(['perhaps', 'yes', 'Y']);
    expect(out).toContain(
      'Step 2 of 10: Muted: red is lit\n  Is the red LED lit and the green one dark? [yes/no] ',
    );
    expect(out).toContain('Does the speaker answer? [yes/no] ');
    expect(err).toContain(
      'the wiring of kitchen did not pass: step 3: the speaker answers although the gate is muted',
    );
    expect(err).toContain('normally-open contact');
    expect(code).toBe(77);
    expect(house.gate('kitchen').status().state).toBe('muted');
    expect((await house.earlid('verify', 'kitchen', '--forget', '--json')).json()).toMatchObject({
      wiring: null,
    });
    expect(house.gate('kitchen').calls).toContain('trust nothing');
  });

  test.each([
    ['Ctrl-C', true],
    ['the end of the input', false],
  ])('%s mutes and leaves what was recorded', async (_, interrupted) => {
    await start();
    await house.earlid('verify', 'kitchen', '--assume-wired');
    const { code, err } = await verify(['yes'], interrupted);
    expect(code).toBe(75);
    expect(err).toContain('the check of kitchen was interrupted; it was told to mute');
    expect(house.gate('kitchen').calls.at(-1)).not.toBe('trust nothing');
    expect(house.gate('kitchen').status().state).toBe('muted');
  });

  test('S3: a check that was interrupted unmutes no gate any more, also when it comes back', async () => {
    await start();
    const typed = ['yes', 'no', 'no'];
    let end = (): void => {};
    const plug = new Promise<void>((resolve) => {
      const out = { write: (text: string) => void (text.includes('Plug the gate in') && resolve()) };
      const io = house.io([], [], {
        out: { ...out, isTTY: false, columns: 80, onLost: () => {} },
        async readLine() {
          // The plug is out.
          if (typed.length === 2) house.gate('kitchen').set({ link: 'down' });
          return typed.shift() ?? null;
        },
        onEnd(stop) {
          end = () => stop('SIGINT');
          return () => {};
        },
      });
      void run(['verify', 'kitchen'], io).then((code) => codes.push(code));
    });
    const codes: number[] = [];
    await plug;
    end();
    while (codes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    house.gate('kitchen').connect();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(codes).toEqual([75]);
    expect(house.gate('kitchen').calls).not.toContain('listen');
  });

  test('S3: what somebody else holds meanwhile is neither unmuted nor given back', async () => {
    await start();
    const asked: number[] = [];
    const io = house.io([], [], {
      async readLine() {
        asked.push(0);
        if (asked.length === 2) setTimeout(() => house.gate('kitchen').set({ link: 'down' }), 50);
        if (asked.length === 3) {
          house.gate('kitchen').connect();
          await house.earlid('mute', 'kitchen', '--for', '2h');
        }
        return asked.length === 1 ? 'yes' : 'no';
      },
    });
    expect(await run(['verify', 'kitchen'], io)).toBe(75);
    expect(house.gate('kitchen').calls).not.toContain('listen');
    const [{ override }] = (await house.earlid('status', '--json')).json() as [{ override: object }];
    expect(override).toMatchObject({ kind: 'hold', until: expect.any(String) });
  });

  test('a hold from before stays', async () => {
    await start();
    await house.earlid('mute', 'kitchen');
    await verify(['no']);
    expect((await house.earlid('status', '--json')).json()).toMatchObject([{ override: { kind: 'hold' } }]);
  });

  test('a gate that is not there', async () => {
    await start();
    expect(await house.earlid('verify', 'kitchn')).toMatchObject({ code: 66 });
    expect(await house.earlid('verify', 'kitchen', '--forget', '--assume-wired')).toMatchObject({ code: 64 });
  });
});
