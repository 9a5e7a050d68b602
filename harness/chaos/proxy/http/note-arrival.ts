import type { ArrivalRecord } from '../types.ts';
import type { Hop } from './hop.ts';
import type { HopRequest } from './request.ts';
import type { HttpToxic } from './toxics.ts';

/** What is known of one arrival beside the request itself. */
export type FoundArrival = Pick<ArrivalRecord, 'at' | 'copy'> &
  Partial<Pick<ArrivalRecord, 'upstream' | 'answer' | 'replayed' | 'redemption' | 'error'>>;

/** Tells of a request, or of a copy, whose answer has ended now or will not come. */
export function noteArrival(
  hop: Hop,
  request: HopRequest,
  hits: readonly HttpToxic[],
  found: FoundArrival,
): void {
  if (!hop.records(request)) return;
  const { attemptText, info } = request;
  // A toxic that ended before its work was done has not hit.
  const fault = hits.filter(({ isOver }) => isOver !== true).map(({ name }) => name);
  hop.onArrival({
    type: 'arrival',
    hop: hop.settings.name,
    ...(attemptText === undefined ? {} : { attempt: attemptText }),
    ...(info.key === undefined ? {} : { key: info.key }),
    ...(fault.length === 0 ? {} : { fault }),
    endedAt: hop.now(),
    ...found,
  });
}
