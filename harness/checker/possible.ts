/** What may have come of a request, by its answer and by all that the hop saw of it. */

import type { ArrivalEvent } from '../history/events.ts';
import type { Contract } from '../model/contract.ts';
import { meaningOf } from '../model/refusals.ts';
import type { Attempt } from './customer.ts';

/** A 200 that only the hop saw: the endpoint gave it, and the client never got it. */
export function isConfirmedByHop({ arrivals }: Attempt): boolean {
  for (const arrival of arrivals) if (isConfirmation(arrival)) return true;
  return false;
}

/** Not one that says "accepted": that comes before the work. */
function isConfirmation({ answer, isPending }: ArrivalEvent): boolean {
  return answer !== undefined && answer >= 200 && answer < 300 && isPending !== true;
}

/**
 * Whether this request, or a copy of it, can have been carried out. Not where its answer is a refusal that decides, and
 * every copy that the hop made was refused, too.
 */
export function mayHaveBeenDone(attempt: Attempt, contract: Contract): boolean {
  const { complete, arrivals } = attempt;
  if (complete === undefined || meaningOf(contract, complete) !== 'refused') return true;
  if (arrivals.length === 0) return false;
  for (const { answer, isPending, copy } of arrivals)
    if (answer === undefined || answer < 400 || answer >= 500) {
      // "Accepted", and the client has heard how it ended.
      if (isPending === true && copy === 0) continue;
      // The one that the client was told of is no other one.
      if (answer !== undefined && answer === complete.status) continue;
      return true;
    }
  return false;
}
