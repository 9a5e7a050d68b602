import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkThenAct } from '../reference-server/defects/check-then-act.ts';
import { debitBeforeRecord } from '../reference-server/defects/debit-before-record.ts';
import type { Defect } from '../reference-server/defects/defect.ts';
import { interleave, runs, START_POINTS, type DrawnRun } from './support/interleaving.ts';
import { prop } from './support/prop.ts';

/** Whatever the order, whoever dies: each key debits at most once, and a patient retry ends each with the one answer. */
async function debitsOncePerIntent(scheduler: fc.Scheduler, drawn: DrawnRun, defect?: Defect): Promise<void> {
  const { ledger, balance, settled, answers } = await interleave(scheduler, drawn, defect);
  for (const [key, outcome] of settled) {
    const debits = ledger.debits.filter((debit) => debit.idempotency_key === key);
    expect(debits, `debits of ${key}`).toHaveLength(1);
    expect(ledger.rewards?.filter(({ redemption_id: id }) => id === debits[0]?.redemption_id)).toHaveLength(
      1,
    );
    expect(outcome).toMatchObject({ kind: 'answered', answer: { status: 200 } });
    expect(new Set(answers.filter((answer) => answer.key === key).map(({ body }) => body)).size).toBe(1);
  }
  expect(balance).toBe(START_POINTS - ledger.debits.reduce((sum, { points }) => sum + points, 0));
}

describe('orders of the steps of simultaneous attempts, with a crash at any of them', () => {
  prop(
    'no interleaving debits twice, and every intent can be settled',
    [fc.scheduler(), runs],
    (scheduler, drawn) => debitsOncePerIntent(scheduler, drawn),
    { runs: 1000 },
  );

  test.each([
    ['check-then-act on the key', checkThenAct],
    ['debit and record without a transaction', debitBeforeRecord],
  ])('%s fails the very same property', async (_, defect) => {
    const property = fc.asyncProperty(fc.scheduler(), runs, (scheduler, drawn) =>
      debitsOncePerIntent(scheduler, drawn, defect),
    );
    const details = await fc.check(property, { numRuns: 1000, seed: 1 });
    expect(details.failed).toBe(true);
  });

  test('the scheduler really has orders to choose: two runs of one drawing meet different ones', async () => {
    const reports = new Set<string>();
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      await interleave(scheduler, { attempts: [{ key: 'k1' }, { key: 'k2' }], lapses: 0 });
      reports.add(
        scheduler
          .report()
          .map(({ label }) => label)
          .join('\n'),
      );
    });
    await fc.assert(property, { numRuns: 50, seed: 1 });
    expect(reports.size).toBeGreaterThan(10);
  });
});
