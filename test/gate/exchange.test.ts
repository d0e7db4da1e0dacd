import { expect, test } from '@jest/globals';
import { answerIn, asked, beginExchange } from '../../controller/gate/exchange.ts';
import type { MessageOf } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';

const bytes = (first: number) => Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0);
const told = (first: number) =>
  ({
    type: 'value',
    setting: SETTINGS.sense.id,
    value: bytes(first),
    status: 'current',
  }) as MessageOf<'value'>;

test('the late answer to a question before does not say that a value was stored', () => {
  const write = beginExchange(2, { op: 'write', setting: SETTINGS.sense.id, value: bytes(1) }, 0);
  expect(answerIn(asked(write, 7, 0), told(0))).toBeNull();
  expect(answerIn(asked(write, 7, 0), told(1))).toEqual({ value: bytes(1), status: 'current' });
});
