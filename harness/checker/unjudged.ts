/** Rules that a run cannot judge by nature: what the target does not offer, and what the contract does not promise. */

import type { WholeRun } from '../history/events.ts';
import type { Rule } from '../model/verdict.ts';

export interface Unjudged {
  readonly rule: Rule;
  readonly why: string;
}

export function unjudgedByNature({ contract, capabilities, service }: WholeRun): Unjudged[] {
  const found: Unjudged[] = [];
  const add = (why: string, ...rules: readonly Rule[]) => {
    for (const rule of rules) found.push({ rule, why });
  };
  const { balance, redemptions, ledger, clock } = capabilities;
  if (!balance) add('the balance cannot be read', 'conservation', 'overdraft');
  if (!redemptions && !ledger) {
    add(
      balance
        ? 'neither list nor ledger can be read: judged by the arithmetic of the balance only'
        : 'neither list nor ledger nor balance can be read',
      'double-debit',
      'lost-debit',
      'refused-but-done',
      'duplicate-intent',
      'payload-binding',
    );
    add('neither list nor ledger can be read', 'conservation');
  }
  if (!redemptions && !balance) add('neither list nor balance can be read', 'stale-read');
  if (!clock) add("the customer's clock cannot be set: keys do not grow old enough in this run", 'expiry');
  if (capabilities.otherPayload === false)
    add('requests say nothing in which two payloads could differ: give a second reward', 'payload-binding');
  if (service === undefined)
    add('no `service` of a config runs it: whether a broken connection ends it is not seen', 'process-death');
  const rows: readonly [unknown, string, Rule][] = [
    [contract.missingKey, 'missingKey', 'missing-key'],
    [contract.malformedKey, 'malformedKey', 'key-syntax'],
    [contract.otherPayload, 'otherPayload', 'payload-binding'],
    [contract.fingerprint, 'fingerprint', 'payload-binding'],
    [contract.expiredKey, 'expiredKey', 'expiry'],
    [contract.ttlMs, 'ttlMs', 'expiry'],
    [contract.replayMarker, 'replayMarker', 'replay-marker'],
    [contract.replayEquality, 'replayEquality', 'same-answer'],
    [contract.duplicateIntent, 'duplicateIntent', 'duplicate-intent'],
    [contract.duplicateIntent, 'duplicateIntent', 'false-duplicate'],
    [contract.otherCustomersData, 'otherCustomersData', 'key-scope'],
  ];
  for (const [row, name, rule] of rows)
    if (row === 'unspecified') add(`the contract leaves ${name} unspecified`, rule);
  if (contract.replayMarker === 'none') add('the contract has no replay marker', 'replay-marker');
  if (contract.duplicateIntent === 'uncovered')
    add('the contract does not cover a second key for one redemption', 'duplicate-intent', 'false-duplicate');
  return found;
}
