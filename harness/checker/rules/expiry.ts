/** expiry: what a key does at an age that is certain. Inside the uncertainty nothing is claimed. */

import { bindingOf } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import type { Contract } from '../../model/contract.ts';
import { mayBeRefused, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import type { Span } from '../clocks.ts';
import type { AgedAttempt, KeyLife } from '../key-lives.ts';
import { isOnly, matches, refusalOf, shownAnswer, shownRefusal } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgeExpiry(theCase: CustomerCase, findings: Findings): void {
  for (const life of theCase.keys.values())
    for (const aged of life.attempts) judgeAttempt(aged, life, theCase, findings);
}

function judgeAttempt(aged: AgedAttempt, life: KeyLife, theCase: CustomerCase, findings: Findings): void {
  const { complete } = aged.attempt;
  if (complete === undefined || complete.outcome === 'info' || complete.by === 'proxy') return;
  // A refused payload never reaches the question of age.
  if (isOfOtherPayload(aged.attempt, life, theCase.run.contract)) return;
  if (aged.phase === 'first' || aged.phase === 'live') judgeLive(aged, life, theCase, findings);
  else if (aged.phase === 'expired') judgeExpired(aged, theCase, findings);
  else if (aged.phase === 'new') judgeNew(aged, life, theCase, findings);
}

function isOfOtherPayload(attempt: Attempt, { attempts }: KeyLife, contract: Contract): boolean {
  const binding = bindingOf(contract, attempt.invoke);
  return attempts.some((other) => bindingOf(contract, other.attempt.invoke) !== binding);
}

function judgeLive(aged: AgedAttempt, life: KeyLife, { run }: CustomerCase, findings: Findings): void {
  const { complete } = aged.attempt;
  if (complete === undefined) return;
  if (complete.outcome === 'fail' && isOnly(run.contract, complete, 'expiredKey')) {
    if (aged.canBeOutlived) return;
    report(
      aged,
      life.attempts[0]?.attempt,
      'a key was refused as expired before its time',
      'no expiry yet',
      findings,
    );
    return;
  }
  // A second execution is a double debit whenever it comes; after a move of the clock it is the expiry's fault.
  if (!aged.clockMoved || complete.outcome !== 'ok') return;
  const original = life.attempts.find(
    ({ attempt, life: number }) =>
      attempt !== aged.attempt &&
      number === aged.life &&
      attempt.complete?.outcome === 'ok' &&
      attempt.seq < aged.attempt.seq,
  );
  const expected = original?.attempt.complete?.redemption;
  if (expected === undefined || complete.redemption === undefined || complete.redemption === expected) return;
  report(aged, original?.attempt, 'a key was new before it had expired', `a replay of ${expected}`, findings);
}

function judgeExpired(aged: AgedAttempt, { run }: CustomerCase, findings: Findings): void {
  const refusal = refusalOf(run.contract, 'expiredKey');
  const { complete } = aged.attempt;
  if (refusal === undefined || complete === undefined || matches(refusal, complete)) return;
  if (mayBeRefused(aged.attempt)) return;
  const what =
    complete.outcome === 'ok' ? 'an expired key was accepted' : 'an expired key was refused otherwise';
  report(aged, undefined, what, shownRefusal(refusal), findings);
}

/** As a first use: an old answer must not come back, and "expired" is over. */
function judgeNew(aged: AgedAttempt, life: KeyLife, { run }: CustomerCase, findings: Findings): void {
  const { complete } = aged.attempt;
  if (complete === undefined) return;
  if (complete.outcome === 'fail') {
    if (isOnly(run.contract, complete, 'expiredKey') && !aged.canBeOutlived)
      report(
        aged,
        undefined,
        'a key that is new again was refused as expired',
        'an answer as to a first use',
        findings,
      );
    return;
  }
  // A redemption that is known by its name is answered with the original, under whatever key.
  const isNamed = aged.attempt.invoke.clientRedemptionId !== undefined || run.contract.duplicateWindowMs > 0;
  if (run.contract.duplicateIntent === 'replay' && isNamed) return;
  const old = life.attempts.find(
    ({ attempt, life: number }) =>
      attempt.seq < aged.attempt.seq &&
      number !== aged.life &&
      attempt.complete?.outcome === 'ok' &&
      attempt.complete.redemption === complete.redemption,
  );
  if (old !== undefined && complete.redemption !== undefined)
    report(
      aged,
      old.attempt,
      'an answer was replayed after its key was new again',
      'an answer as to a first use',
      findings,
    );
}

function report(
  aged: AgedAttempt,
  other: Attempt | undefined,
  summary: string,
  expected: string,
  findings: Findings,
): void {
  const { attempt, age } = aged;
  const evidence = other === undefined || other === attempt ? [attempt] : [other, attempt];
  findings.violate({
    rule: 'expiry',
    summary,
    ...about(attempt.intent, evidence),
    expected: `${expected}${age === undefined ? '' : ` at age ${shownAge(age)}`}`,
    found: shownAnswer(attempt.complete),
  });
}

function shownAge({ low, high }: Span): string {
  return low === high ? `${low} ms` : `${low} to ${high} ms`;
}
