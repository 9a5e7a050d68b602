/** What one answer of a redemption shows of where things stand. */

import { at } from '../model/read-answer.ts';
import { placesOf } from '../preflight/candidates.ts';
import { placeFor, placesFor, type Draft } from './draft.ts';
import { textOr } from './names.ts';

/** The draft with the pointers that the answer shows, and with what the redemption cost where it says so. */
export function answerFrom(draft: Draft, sample: unknown): Draft {
  const sent = [...draft.customers, ...draft.rewards.flatMap(({ id, points }) => [id, String(points)])];
  const redemption = placeFor(sample, 'answer.redemption')?.pointer ?? onlyId(sample, sent);
  if (redemption === undefined) return draft;
  const { customer, ...others } = placesFor(sample, {
    customer: 'answer.customer',
    balance: 'answer.balance',
  });
  const isCustomer = customer !== undefined && draft.customers.includes(textOr(at(sample, customer), ''));
  const cost = placeFor(sample, 'redemptions.points');
  const points = cost === undefined ? undefined : at(sample, cost.pointer);
  const isTold = typeof points === 'number' && Number.isSafeInteger(points) && points > 0;
  return {
    ...draft,
    answer: { redemption, ...(isCustomer && { customer }), ...others },
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
