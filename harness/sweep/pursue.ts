/** The client's half of the contract, for the sweep's own client: how an intent is carried on from an answer. */

import type { Contract } from '../model/contract.ts';
import type { Answer, SweepIntent } from './client.ts';
import type { SweepContext } from './context.ts';

/** After the first, second and third failure, ms, before the factor. */
const BACKOFF_MS = [1000, 2000, 4000] as const;
/** How long in all a client waits for "in progress" to end, ms. */
const PROGRESS_MS = 2500;
/** At least so long between two of those. ms */
const PROGRESS_WAIT_MS = 300;
const WAIT_CAP_MS = 30_000;

/** Sends an intent again with its own key, as a client does, until it is decided or the client gives up. */
export async function pursue(
  context: SweepContext,
  intent: SweepIntent,
  first: Answer,
  to: string,
): Promise<Answer> {
  const { stage, client, patience, sleep, now } = context;
  const factor = stage.backoffFactor;
  let answer = first;
  let failures = 0;
  const since = now();
  for (;;) {
    const isOpen = isInFlight(stage.contract, answer);
    if (answer.complete.outcome !== 'info' && !isOpen) return answer;
    const backoff = isOpen ? BACKOFF_MS[0] : BACKOFF_MS[failures++];
    if (backoff === undefined || (isOpen && now() - since > PROGRESS_MS)) return answer;
    const waitMs = Math.min(WAIT_CAP_MS, answer.retryAfterMs ?? backoff) * factor;
    // Few requests tell a story better: what a lease keeps closed is not asked again and again.
    await sleep(isOpen ? Math.max(PROGRESS_WAIT_MS, waitMs) : waitMs);
    answer = await client.send(intent, { to, timeoutMs: patience.answerMs });
  }
}

/** Whether the answer says that the first attempt is still under way. */
export function isInFlight({ inFlight }: Contract, { complete }: Answer): boolean {
  if (complete.outcome !== 'fail') return false;
  if (typeof inFlight === 'string')
    return inFlight === 'unspecified' && complete.status === 409 && complete.code === undefined;
  return (
    complete.status === inFlight.status && (inFlight.code === undefined || complete.code === inFlight.code)
  );
}
