import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { appraise, type Knowledge } from '../../controller/gate/appraise.ts';
import type { MessageOf, Phase, Product } from '../../schemas/protocol.ts';
import { PHASES } from '../../schemas/protocol.ts';
import { ScriptedGate } from './scripted-gate.ts';

type Report = MessageOf<'state'>;
interface Case extends Partial<Omit<Knowledge, 'report'>> {
  readonly phase?: Phase;
  readonly sense?: 'none' | 'hears' | 'deaf';
  readonly contested?: boolean;
  readonly fault?: Report['fault'];
  readonly attemptsSpent?: boolean;
}

function report({
  phase = 'muted',
  sense = 'none',
  contested = false,
  fault = 'none',
  attemptsSpent = false,
}: Case): Report {
  const base = new ScriptedGate(0).state();
  const flags = {
    ...base.flags,
    sensePresent: sense !== 'none',
    senseHears: sense === 'hears',
    contested,
    attemptsSpent,
  };
  return { ...base, phase, fault, flags };
}

function said(change: Case): string {
  const { state, evidence } = appraise({
    report: report(change),
    ageMs: change.ageMs ?? 500,
    product: change.product === undefined ? 'uno-relay' : change.product,
    verified: change.verified ?? true,
    leaseSent: change.leaseSent ?? false,
    isTwice: change.isTwice ?? false,
  });
  return `${state} ${evidence}`;
}

describe('what may be said of a microphone', () => {
  const servo: Product = 'uno-servo';
  test.each<[string, string, Case]>([
    ['off, the sense agrees', 'muted sensed', { sense: 'deaf' }],
    ['off, the sense agrees, wiring never verified', 'muted sensed', { sense: 'deaf', verified: false }],
    ['a servo whose switch says closed', 'muted sensed', { sense: 'deaf', product: servo }],
    ['off, no sense, relay, verified', 'muted driven', {}],
    ['off, no sense, relay, not verified', 'unknown none', { verified: false }],
    ['off, no sense, servo', 'unknown none', { product: servo }],
    ['off, no sense, product not known yet', 'unknown none', { product: null }],
    ['off, but the sense hears', 'live sensed', { sense: 'hears', fault: 'sense-live' }],
    ['closing, and the sense hears', 'live sensed', { phase: 'closing', sense: 'hears' }],
    ['on under a lease', 'live driven', { phase: 'live' }],
    ['on under a lease, the sense hears', 'live sensed', { phase: 'live', sense: 'hears' }],
    ['relay closing', 'unknown none', { phase: 'closing' }],
    ['relay closing, sense deaf already', 'unknown none', { phase: 'closing', sense: 'deaf' }],
    ['relay opening', 'unknown none', { phase: 'opening' }],
    ['servo closing', 'live driven', { phase: 'closing', product: servo }],
    ['booting', 'unknown none', { phase: 'starting', sense: 'deaf' }],
    ['contested', 'unknown none', { contested: true, sense: 'deaf' }],
    ['a fault without sense', 'unknown none', { fault: 'button-stuck' }],
    ['a fault, the sense agrees with muted', 'muted sensed', { fault: 'button-stuck', sense: 'deaf' }],
    [
      'a servo whose power was cut',
      'unknown none',
      { product: servo, sense: 'deaf', fault: 'sense-live', attemptsSpent: true },
    ],
    ['off, but a lease was sent since', 'unknown none', { sense: 'deaf', leaseSent: true }],
    ['two boards answer', 'unknown none', { sense: 'deaf', isTwice: true }],
    ['live, and renewed', 'live sensed', { phase: 'live', sense: 'hears', leaseSent: true }],
    ['a state of 3 s ago', 'muted sensed', { sense: 'deaf', ageMs: 3_000 }],
    ['a state older than 3 s', 'unknown none', { sense: 'deaf', ageMs: 3_001 }],
    ['a state of unknown age', 'unknown none', { sense: 'deaf', ageMs: Number.NaN }],
  ])('%s: %s', (_, expected, change) => {
    expect(said(change)).toBe(expected);
  });

  test('nothing is said without a state', () => {
    const knowledge = {
      report: null,
      ageMs: 0,
      product: 'uno-relay',
      verified: true,
      leaseSent: false,
      isTwice: false,
    } as const;
    expect(appraise(knowledge).state).toBe('unknown');
  });

  test('muted is said only of a fresh, uncontested state whose phase is muted and whose sense does not hear', () => {
    const cases: fc.Arbitrary<Case> = fc.record({
      phase: fc.constantFrom(...(Object.keys(PHASES) as Phase[])),
      sense: fc.constantFrom('none', 'hears', 'deaf'),
      contested: fc.boolean(),
      fault: fc.constantFrom<Report['fault'][]>('none', 'sense-live', 'sense-deaf', 'button-stuck', 'memory'),
      attemptsSpent: fc.boolean(),
      ageMs: fc.integer({ min: 0, max: 6_000 }),
      product: fc.constantFrom<(Product | null)[]>('uno-relay', 'uno-servo', null),
      verified: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, (change) => {
        if (!said(change).startsWith('muted')) return;
        expect(change).toMatchObject({ phase: 'muted', contested: false });
        expect(change.ageMs).toBeLessThanOrEqual(3_000);
        expect(change.sense).not.toBe('hears');
        if (change.sense === 'none')
          expect(change).toMatchObject({ product: 'uno-relay', verified: true, fault: 'none' });
      }),
      { numRuns: 5_000 },
    );
  });
});
