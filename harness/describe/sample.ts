/** What one answer of a redemption shows of where things stand. */

import { pointsOf } from '../model/amounts.ts';
import { at } from '../model/read-answer.ts';
import { placesOf } from '../preflight/candidates.ts';
import { amountsOf, placeFor, placesFor, type Draft } from './draft.ts';
import { textOr } from './names.ts';

/**
 * The draft with the pointers that the answer shows, and with what the redemption cost where it says so. `isLocated`: it has
 * a Location, the last part of which names what was made.
 */
export function answerFrom(draft: Draft, sample: unknown, isLocated: boolean): Draft {
  const sent = [...draft.customers, ...draft.rewards.flatMap(({ id, points }) => [id, String(points)])];
  const redemption = placeFor(sample, 'answer.redemption')?.pointer ?? onlyId(sample, sent);
  if (redemption === undefined && !isLocated) return draft;
  const named = redemption === undefined ? { from: 'location' } : { redemption };
  const { customer, ...others } = placesFor(sample, {
    customer: 'answer.customer',
    balance: 'answer.balance',
  });
  const isCustomer = customer !== undefined && draft.customers.includes(textOr(at(sample, customer), ''));
  const cost = placeFor(sample, 'redemptions.points');
  const shown = [cost?.pointer, others.balance].map((pointer) =>
    pointer === undefined ? undefined : at(sample, pointer),
  );
  const amounts = amountsOf(shown.filter((value) => value !== undefined));
  const points = pointsOf(shown[0], { unit: amounts.unit ?? 1, as: amounts.amounts ?? 'number' });
  const isTold = points !== undefined && points > 0;
  return {
    ...draft,
    answer: { ...named, ...(isCustomer && { customer }), ...others },
    ...amounts,
    rewards: draft.rewards.map((reward) => (isTold ? { ...reward, points } : reward)),
    open: draft.open.flatMap((line) => {
      if (line.startsWith('answer and reads:'))
        return ['balance, redemptions: a redemption does not show how it is read back'];
      return isTold && line.startsWith('rewards: the command does not say') ? [] : [line];
    }),
  };
}

/** Where nothing is called like an id: the one text of the answer that was not sent. */
function onlyId(sample: unknown, sent: readonly string[]): string | undefined {
  const texts = placesOf(sample).filter(
    ({ kind, value }) => kind === 'a text' && !sent.includes(String(value)),
  );
  return texts.length === 1 ? texts[0]?.pointer : undefined;
}
