/** What may have come of a request, by its answer and by all that the hop saw of it. */

import type { ArrivalEvent } from '../history/events.ts';
import type { Contract } from '../model/contract.ts';
import { meaningOf } from '../model/refusals.ts';
import type { Attempt } from './customer.ts';

/** A 200 that only the hop saw: the endpoint gave it, and the client never got it. */
export function isConfirmedByHop({ arrivals }: Attempt): boolean {
  for (const { answer } of arrivals) if (isConfirmation(answer)) return true;
  return false;
}

function isConfirmation(answer: ArrivalEvent['answer']): boolean {
  return answer !== undefined && answer >= 200 && answer < 300;
}

/**
 * Whether this request, or a copy of it, can have been carried out. Not where its answer is a refusal that decides, and
 * every copy that the hop made was refused, too.
 */
export function mayHaveBeenDone(attempt: Attempt, contract: Contract): boolean {
  const { complete, arrivals } = attempt;
  if (complete === undefined || meaningOf(contract, complete) !== 'refused') return true;
  if (arrivals.length === 0) return false;
  for (const { answer } of arrivals)
    if (answer === undefined || answer < 400 || answer >= 500) {
      // The one that the client was told of is no other one.
      if (answer !== undefined && answer === complete.status) continue;
      return true;
    }
  return false;
}
