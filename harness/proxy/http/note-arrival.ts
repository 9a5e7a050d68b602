import type { ArrivalRecord } from '../types.ts';
import type { Hop } from './hop.ts';
import type { HopRequest } from './request.ts';
import type { Outcome } from './outcome.ts';
import type { HttpToxic } from './toxics.ts';

/** What is known of one arrival beside the request itself. */
export type FoundArrival = Pick<ArrivalRecord, 'at' | 'copy'> &
  Partial<Pick<ArrivalRecord, 'upstream' | 'answer' | 'isPending' | 'replayed' | 'redemption' | 'error'>>;

/** Why a toxic that was taken off meanwhile has not done its work. */
export const ENDED = 'the fault had ended';

/**
 * Tells of a request, or of a copy, whose answer has ended now or will not come. `undone`: toxics that could not do
 * their work, and why.
 */
export function noteArrival(
  hop: Hop,
  request: HopRequest,
  hits: readonly HttpToxic[],
  undone: ReadonlyMap<string, string>,
  found: FoundArrival,
): void {
  if (!hop.records(request)) return;
  const { attemptText, info } = request;
  const fault = hits.map(({ name }) => name);
  // What was decided is told all the same: a replay decides it again. A point that was armed stays so.
  const notDone = hits.flatMap(({ name, type, isOver }) => {
    const why = undone.get(name) ?? (isOver === true && type !== 'http_arm' ? ENDED : undefined);
    return why === undefined ? [] : [[name, why] as const];
  });
  hop.onArrival({
    type: 'arrival',
    hop: hop.settings.name,
    ...(attemptText === undefined ? {} : { attempt: attemptText }),
    ...(info.key === undefined ? {} : { key: info.key }),
    ...(fault.length === 0 ? {} : { fault }),
    ...(notDone.length === 0 ? {} : { undone: Object.fromEntries(notDone) }),
    endedAt: hop.now(),
    ...found,
  });
}

/** What an outcome tells of a replica's work. */
export function readOutcome(
  hop: Hop,
  outcome: Outcome,
): Pick<ArrivalRecord, 'answer' | 'isPending' | 'replayed' | 'redemption' | 'error'> {
  return outcome.kind === 'failed' ? { error: outcome.reason } : hop.readAnswer(outcome.answer);
}
