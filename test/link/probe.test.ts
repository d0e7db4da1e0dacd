import { beforeEach, describe, expect, test } from '@jest/globals';
import { FIRMATA_BAUD } from '../../controller/link/firmata.ts';
import { FrameSplitter } from '../../controller/link/frames.ts';
import { LinkError, type LinkFactory } from '../../controller/link/link.ts';
import { memoryLink } from '../../controller/link/memory.ts';
import { type ProbeResult, probe } from '../../controller/link/probe.ts';
import { decodeFrame } from '../../schemas/codec.ts';
import { GateOnWire } from '../gate/gate-on-wire.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';

const CONTROLLER = 0x1234;
const FIRMATA_REPORT = Uint8Array.of(0xf9, 2, 5, 0xf0, 0x79, 2, 5, 0x53, 0, 0x46, 0, 0xf7);

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

/** The result, and how long it took. */
async function probed(open: LinkFactory, mute = false): Promise<{ result: ProbeResult; ms: number }> {
  const began = clock.now();
  let answer: { result: ProbeResult; ms: number } | null = null;
  void probe(open, { clock, controllerId: CONTROLLER, mute }).then((result) => {
    answer = { result, ms: clock.now() - began };
  });
  for (let i = 0; i < 200 && !answer; i++) await clock.pass(100);
  return answer!;
}

/** A board that answers to everything it is sent as `answer` says, at the speed it is spoken to. */
function board(answer: (bytes: Uint8Array, baud: number | undefined) => Uint8Array | null): LinkFactory {
  let speed: number | undefined;
  let say: (bytes: Uint8Array) => void = () => {};
  return memoryLink({
    opened: (send, { baud }) => {
      speed = baud;
      say = send;
    },
    received: (bytes) => {
      const reply = answer(bytes, speed);
      if (reply) say(reply);
    },
    closed() {},
  }).open;
}

describe('probing a port', () => {
  test('a gate says what it is, at once, and the port is free afterwards', async () => {
    const wire = new GateOnWire(clock);
    const { result, ms } = await probed(wire.link.open);
    expect(result).toMatchObject({
      kind: 'earlid',
      board: { product: 'uno-relay', firmware: '0.1.0' },
      state: { phase: 'muted' },
    });
    expect(ms).toBeLessThan(200);
    expect(wire.link.connected).toBe(false);
    expect(clock.pending).toBe(1);
  });

  test('S4, S9: it says hello and asks for Firmata, and nothing that could open a gate or make it forget', async () => {
    const splitter = new FrameSplitter();
    const sent: string[] = [];
    const silent = board((bytes) => {
      const { frames, firmata } = splitter.push(bytes);
      for (const frame of frames) {
        const decoded = decodeFrame(frame);
        sent.push('message' in decoded ? decoded.message.type : 'broken');
      }
      if (firmata.length > 0) sent.push([...firmata].map((byte) => byte.toString(16)).join(' '));
      return null;
    });
    const { result, ms } = await probed(silent);
    expect(result).toEqual({ kind: 'silent' });
    expect(new Set(sent)).toEqual(new Set(['hello', 'f9 f0 79 f7']));
    expect(ms).toBeLessThan(9_000);
  });

  test('S3: asked to, it mutes a live gate and waits for the proof', async () => {
    const wire = new GateOnWire(clock);
    wire.gate.phase = 'live';
    expect((await probed(wire.link.open)).result).toMatchObject({ state: { phase: 'live' } });
    const { result } = await probed(wire.link.open, true);
    expect(result).toMatchObject({ kind: 'earlid', state: { phase: 'muted' } });
  });

  test('StandardFirmata at its own speed is named', async () => {
    const open = board((_, baud) => (baud === FIRMATA_BAUD ? FIRMATA_REPORT : null));
    expect((await probed(open)).result).toEqual({ kind: 'firmata', name: 'SF 2.5' });
  });

  test('something else is told with what of it can be read', async () => {
    const open = board(() => Buffer.from('\r\ntemp 21 C\r\n'));
    expect((await probed(open)).result).toMatchObject({
      kind: 'garbage',
      sample: expect.stringContaining('temp 21 C'),
    });
  });

  test.each([
    ['port-missing', 'missing'],
    ['port-busy', 'busy'],
    ['port-forbidden', 'forbidden'],
    ['link-failed', 'failed'],
  ] as const)('a port that cannot be opened: %s is %s', async (code, kind) => {
    const refused: LinkFactory = async () => {
      throw new LinkError(code, 'so it is');
    };
    expect((await probed(refused)).result).toEqual({ kind, detail: 'so it is' });
  });
});
