/** The forgeries, at least one for each rule that answers and reads can break. A new one: an entry here. */

import type { Contract, Refusal } from '../model/contract.ts';
import type { Target } from '../model/target.ts';
import type { Begun, Forgery, Lie } from './forgery.ts';
import {
  doubled,
  hidden,
  ledgerDoubled,
  ledgerWithout,
  refusalOf,
  withBalance,
  withBalanceMoved,
  withHeader,
  withItems,
  withValue,
  type Told,
} from './wire-edits.ts';

export const FORGERIES: readonly Forgery[] = [
  {
    name: 'doubled-debit',
    rule: 'double-debit',
    text: 'shows a second debit of the redemption in list, ledger and balance',
    moment: 'first',
    scenario: 'double-click',
    impossible: noEffects,
    begin: (begun) => secondEffect(begun),
  },
  {
    name: 'lost-effect',
    rule: 'lost-debit',
    text: 'shows the redemption nowhere, and the points as never taken',
    moment: 'first',
    scenario: 'double-click',
    impossible: noEffects,
    begin: (begun) => noEffect(begun),
  },
  {
    name: 'point-too-few',
    rule: 'conservation',
    text: 'tells a balance with a point less than there is',
    moment: 'first',
    scenario: 'double-click',
    impossible: noBalance,
    begin: ({ target }) => ({ balance: (told) => withBalanceMoved(target, told, -1) }),
  },
  {
    name: 'below-zero',
    rule: 'overdraft',
    text: 'tells a balance below zero',
    moment: 'first',
    scenario: 'double-click',
    impossible: noBalance,
    begin: ({ target }) => ({
      balance: (told) => withBalance(target, told, (points) => -1 - Math.abs(points)),
    }),
  },
  {
    name: 'swapped-answer',
    rule: 'same-answer',
    text: 'names another redemption when the key comes again',
    moment: 'replay',
    scenario: 'double-click',
    impossible: noName,
    begin: ({ target, newName }) => ({
      answer: (told) => (isDone(told) ? withValue(told, target.answer.redemption, newName) : told),
    }),
  },
  {
    name: 'marked-too-soon',
    rule: 'replay-marker',
    text: 'marks the first answer as a replay',
    moment: 'first',
    scenario: 'double-click',
    impossible: (_, { replayMarker }) =>
      isHeader(replayMarker) ? undefined : 'the contract has no replay marker',
    begin: ({ contract: { replayMarker } }) => ({
      answer: (told) => (isDone(told) ? withHeader(told, replayMarker, 'true') : told),
    }),
  },
  {
    name: 'refused-and-done',
    rule: 'refused-but-done',
    text: 'refuses the redemption for too few points, although it is done',
    moment: 'first',
    scenario: 'double-click',
    impossible: (target, { insufficientPoints }) =>
      noEffects(target) ?? noRow(insufficientPoints, 'insufficientPoints'),
    begin: ({ target, contract: { insufficientPoints }, key }) =>
      refusing(target, insufficientPoints as Refusal, key),
  },
  {
    name: "another-customer's-answer",
    rule: 'key-scope',
    text: "answers with another customer's redemption",
    moment: 'replay',
    scenario: 'key-reuse',
    impossible: noName,
    begin: ({ target, other }) => {
      if (other?.done.redemption === undefined) return undefined;
      const { customer, done } = other;
      return {
        answer: (told) =>
          isDone(told)
            ? withValue(
                withValue(told, target.answer.redemption, done.redemption),
                target.answer.customer,
                customer,
              )
            : told,
      };
    },
  },
  {
    name: "other-payload's-200",
    rule: 'payload-binding',
    text: 'answers another payload under the key with the first answer',
    moment: 'other-payload',
    scenario: 'key-reuse',
    impossible: (_, { otherPayload }) => noRow(otherPayload, 'otherPayload'),
    begin: (begun) => answeredAgain(begun),
  },
  {
    name: "malformed-key's-200",
    rule: 'key-syntax',
    text: 'answers a malformed key as if it had redeemed',
    moment: 'malformed-key',
    scenario: 'key-reuse',
    impossible: (_, { malformedKey }) => noRow(malformedKey, 'malformedKey'),
    begin: (begun) => answeredAgain(begun),
  },
  {
    name: "missing-key's-200",
    rule: 'missing-key',
    text: 'answers a request without a key as if it had redeemed',
    moment: 'missing-key',
    scenario: 'key-reuse',
    impossible: (_, { missingKey }) => noRow(missingKey, 'missingKey'),
    begin: (begun) => answeredAgain(begun),
  },
  {
    name: "expired-key's-answer",
    rule: 'expiry',
    text: 'answers an expired key with its old answer',
    moment: 'expired',
    scenario: 'key-expiry',
    impossible: (_, { expiredKey }) => noRow(expiredKey, 'expiredKey'),
    begin: (begun) => answeredAgain(begun),
  },
  {
    name: "second-key's-200",
    rule: 'duplicate-intent',
    text: 'answers the second key of a redemption with a new one, and shows it in list, ledger and balance',
    moment: 'second-key',
    scenario: 'double-click',
    impossible: (target, { duplicateIntent }) =>
      noEffects(target) ?? noName(target) ?? noRow(duplicateIntent, 'duplicateIntent'),
    begin: (begun) => {
      const { target, done, key, newName, told: refused } = begun;
      return {
        ...secondEffect(begun),
        answer: (told, asked) =>
          asked.key === key && told.status === refused.status
            ? withValue(unmarked(begun, done.told), target.answer.redemption, newName)
            : told,
      };
    },
  },
  {
    name: 'refused-as-duplicate',
    rule: 'false-duplicate',
    text: 'refuses an honest redemption as a duplicate, and shows it nowhere',
    moment: 'first',
    scenario: 'double-click',
    impossible: (target, { duplicateIntent }) =>
      noEffects(target) ?? noRow(duplicateIntent, 'duplicateIntent'),
    begin: (begun) => {
      const { target, contract, key } = begun;
      return { ...noEffect(begun), ...refusing(target, contract.duplicateIntent as Refusal, key) };
    },
  },
  {
    name: 'never-finished',
    rule: 'stuck',
    text: 'says for ever that it cannot answer now',
    moment: 'first',
    scenario: 'double-click',
    // To every key: what is done under another one would be finished.
    begin: ({ target }) => ({ answer: () => refusalOf(target, { status: 503 }) }),
  },
  {
    name: 'an-unknown-status',
    rule: 'unexpected-status',
    text: 'answers once with a 500 that no fault explains',
    moment: 'first',
    scenario: 'double-click',
    begin: ({ target }) => ({
      answer: (told, { nth }) => (nth === 1 ? refusalOf(target, { status: 500 }) : told),
    }),
  },
  {
    name: 'shown-too-late',
    rule: 'stale-read',
    text: 'does not show the redemption in the first read after it',
    // The client had its answer twice by then: what it reads next was read after it.
    moment: 'replay',
    scenario: 'double-click',
    impossible: (target, _, readLagMs) =>
      readLagMs > 0
        ? `reads may lag by ${readLagMs} ms here (limits.readLagMs): what is shown within that is no stale read`
        : target.redemptions === undefined
          ? noBalance(target)
          : noName(target),
    begin: (begun) => {
      const { list, balance } = noEffect(begun);
      return {
        ...(list && { list: (told, nth) => (nth === 1 ? list(told, nth) : told) }),
        ...(balance && { balance: (told, nth) => (nth === 1 ? balance(told, nth) : told) }),
      };
    },
  },
  {
    name: 'hidden-entry',
    rule: 'lost-debit',
    text: 'leaves the redemption out of the list alone',
    moment: 'first',
    scenario: 'double-click',
    impossible: (target) => (target.redemptions === undefined ? 'no list is read' : noName(target)),
    begin: (begun) => {
      const { list } = noEffect(begun);
      return list && { list };
    },
  },
];

/** The redemption, and the points that it took, are shown nowhere. */
function noEffect({ target, done: { redemption, points } }: Begun): Lie {
  return {
    balance: (told) => withBalanceMoved(target, told, points),
    ...(redemption !== undefined && {
      list: (told) => withItems(target, told, hidden(target, redemption)),
      ledger: (ledger) => ledgerWithout(ledger, redemption),
    }),
  };
}

/** Beside the redemption another, under the same key, or under the key of this moment where that is another. */
function secondEffect({ target, key, done, newName }: Begun): Lie {
  const { redemption, points } = done;
  return {
    balance: (told) => withBalanceMoved(target, told, -points),
    ...(redemption !== undefined && {
      list: (told) => withItems(target, told, doubled(target, redemption, newName)),
      ledger: (ledger) => ledgerDoubled(ledger, redemption, newName, key === done.key ? undefined : key),
    }),
  };
}

/** Whatever the key is answered with in truth. */
function refusing(target: Target, row: Refusal, key: string | undefined): Lie {
  const refusal = refusalOf(target, row);
  return { answer: (told, asked) => (asked.key === key ? refusal : told) };
}

/** The refusal of this moment is an answer that was given before. */
function answeredAgain({ contract: { replayMarker }, key, told: refused, done }: Begun): Lie {
  const again = isHeader(replayMarker) ? withHeader(done.told, replayMarker, 'true') : done.told;
  return {
    answer: (told, asked) => (asked.key === key && told.status === refused.status ? again : told),
  };
}

function unmarked({ contract: { replayMarker } }: Begun, told: Told): Told {
  return isHeader(replayMarker) ? withHeader(told, replayMarker, undefined) : told;
}

function isDone({ status }: Told): boolean {
  return status >= 200 && status < 300;
}

function isHeader(marker: string): boolean {
  return marker !== 'none' && marker !== 'unspecified';
}

function noRow(row: unknown, name: string): string | undefined {
  return typeof row === 'object' && row !== null ? undefined : `the contract's ${name} refuses nothing`;
}

function noEffects(target: Target): string | undefined {
  return target.redemptions === undefined && target.balance === undefined
    ? 'neither list nor balance is read'
    : noName(target);
}

function noBalance({ balance }: Pick<Target, 'balance'>): string | undefined {
  return balance === undefined ? 'no balance is read' : undefined;
}

function noName({ answer, status }: Target): string | undefined {
  if (status !== undefined) return 'answers that are final only later are not forged';
  const isInBody = answer.redemption !== undefined && (answer.from ?? 'body') === 'body';
  return isInBody ? undefined : 'no answer names its redemption in its body';
}

/** Those that a config has a place for, and why not the others. */
export function sorted(
  target: Target,
  contract: Contract,
  readLagMs: number,
): readonly { readonly forgery: Forgery; readonly why?: string }[] {
  return FORGERIES.map((forgery) => {
    const why =
      forgery.impossible?.(target, contract, readLagMs) ??
      (target.status === undefined ? undefined : 'answers that are final only later are not forged');
    return { forgery, ...(why !== undefined && { why }) };
  });
}
