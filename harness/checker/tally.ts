/** Counts what a customer asked for, was answered, and got. */

import type { CustomerCase } from './case.ts';
import type { Findings } from './findings.ts';

export function tally({ customer, effects }: CustomerCase, findings: Findings): void {
  findings.count('customers');
  for (const { complete, invoke } of customer.attempts) {
    findings.count(complete?.outcome ?? 'info');
    if (invoke.via === 'settle') findings.count('settleAttempts');
  }
  let debits = 0;
  for (const effect of effects.values()) debits += effect.debits;
  findings.count('debits', debits);
  findings.count('executions', effects.size);
}
