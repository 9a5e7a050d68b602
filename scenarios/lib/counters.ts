/**
 * What a script counts. Violations and script errors stand under `count==0`; intents carried to their end under
 * `count>0`, so that a script that breaks before it judges anything cannot pass.
 */
import { Counter } from 'k6/metrics';

/** What no later event can excuse. Under each name: what it says. */
export const VIOLATIONS = {
  double_debits: 'more redemptions listed than the intents allow',
  overdrafts: 'more points redeemed than there were',
  unexplained_balance: 'balance lower than all intents together could explain',
  lost_debits: 'answered 200, yet not in the list or the balance',
  books_differ: 'the balance fell by another sum than the new redemptions cost',
  diverging_answers: 'two 200s of one key name different redemptions',
  payload_mixups: 'one key executed, or answered, two payloads',
  refused_but_done: 'every attempt refused as without effect, yet there is one',
  false_duplicates: 'an honest, separate redemption refused as a duplicate',
  expiry_errors: 'a key answered as if on the other side of its expiry',
  wrong_answers: 'refused, or not refused, otherwise than the contract says',
  leaked_values: "another payload's or customer's values in an answer",
} as const;
export type ViolationName = keyof typeof VIOLATIONS;

/** What a script wants to have happened. Under each name: what it says. */
export const MOMENTS = {
  retries_seen: 'an attempt repeated with its key',
  replays_seen: 'a second 200 of one key with the same redemption',
  overlaps_seen: 'attempts of one key or intent in flight together',
  in_progress_seen: 'refused because the first attempt was still in flight',
  lost_answers_seen: 'an attempt without an answer, its intent done all the same',
  abandoned_seen: 'a client that had given up came back after the effect',
  two_keys_seen: 'one intent sent under two keys',
  duplicates_refused_seen: 'a duplicate under another key refused',
  separate_redemptions_seen: 'two honest redemptions of one reward, both done',
  expiry_before_seen: 'a replay just before the expiry',
  expiry_at_seen: 'a retry at the very expiry',
  expiry_after_seen: 'a retry just after the expiry',
  expiry_in_flight_seen: 'an attempt in flight across the expiry',
  tombstone_end_seen: "a retry at the tombstone's end",
  other_payload_seen: 'a key met with another payload',
  other_customer_seen: 'a key of one customer sent by another',
  reordered_seen: 'the same payload in another writing',
  missing_key_seen: 'a request without a key',
  malformed_key_seen: 'a request with a malformed key',
  new_token_seen: 'a retry with a new token of the same customer',
  points_ran_out_seen: 'refused for too few points',
  top_ups_seen: 'a refused key that went through after a top-up',
  envelopes_seen: 'the same request in another envelope',
  odd_payloads_seen: 'a key met with a member of its payload changed',
  alike_keys_seen: 'two keys that differ in little, both done',
  winners_replayed_seen: 'a finished key replayed when all was done, or long after',
  spent_to_nothing_seen: 'a redemption that left a balance of 0',
  bursts_seen: 'several attempts at once at an instant of the contract',
  window_end_seen: 'the same redemption again when the duplicate window was over',
  long_work_seen: 'an attempt held for longer than a lease, and another beside it',
  new_keys_made: 'a retry under a new key (the literal rule of the seed)',
} as const;
export type MomentName = keyof typeof MOMENTS;

const counters = new Map<string, Counter>();
for (const name of [
  'script_errors',
  'intents_completed',
  'intents_refused',
  'intents_undecided',
  'iterations_unjudged',
  ...Object.keys(VIOLATIONS),
  ...Object.keys(MOMENTS),
]) {
  counters.set(name, new Counter(name));
}

export type CounterName =
  | ViolationName
  | MomentName
  | 'script_errors'
  | 'intents_completed'
  | 'intents_refused'
  | 'intents_undecided'
  | 'iterations_unjudged';

/** Counts one. */
export function count(name: CounterName, by = 1): void {
  counters.get(name)?.add(by);
}
