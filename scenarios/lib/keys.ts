/** Keys: one intent, one key, made and kept before the first attempt. */
import { digest, uuidFrom } from '../../harness/model/decide.ts';

export interface KeyParts {
  readonly seed: string;
  readonly runId: string;
  readonly intent: string;
  readonly customer: string;
  readonly clientRedemptionId?: string;
  readonly shape: 'uuid' | 'composite';
  readonly maxLength: number;
}

/**
 * The key of an intent: the same for one seed and run id on every engine, new with every other run id.
 * `copy` 0 is the intent's own key; 1 and up are the further keys of a client that makes more than one.
 */
export function keyOf(parts: KeyParts, copy = 0): string {
  const { seed, runId, intent } = parts;
  const uuid = copy === 0 ? uuidFrom(seed, runId, intent) : uuidFrom(seed, runId, intent, 'key', copy);
  if (parts.shape === 'uuid') return uuid;
  // The seed's step 5: redemption_id + customer_id + timestamp_hash. The planned time is the intent's place in the plan.
  const plannedTime = digest(`${runId}:${intent}`);
  return [uuid, parts.clientRedemptionId ?? intent, parts.customer, plannedTime]
    .join('.')
    .replace(/[^\x21-\x7e]/g, '_')
    .slice(0, parts.maxLength);
}
