/** Changes that a history may suffer and stay valid, each with the reason why that is right. */

export interface Redundant {
  readonly mutation: string;
  /** Sorts of events, as `sortOf` names them. */
  readonly sorts: readonly string[];
  readonly why: string;
}

const READS = [
  'observe balance script',
  'observe redemptions script',
  'observe ledger script',
  'observe ledger audit',
  'observe rewards audit',
  'observe redemptions audit',
  'observe balance audit',
];

export const REDUNDANT: readonly Redundant[] = [
  { mutation: 'doubled', sorts: READS, why: 'the same was read twice, which says the same' },
  {
    mutation: 'doubled',
    sorts: ['retire', 'audited', 'clock', 'end', 'arrival', 'arrival unanswered'],
    why: 'it says again what was said: no effect and no answer is counted by it',
  },
  {
    mutation: 'dropped',
    sorts: ['retire'],
    why: 'it only tells the audit that it may begin, and the audit was there',
  },
  {
    mutation: 'dropped',
    sorts: ['observe balance script', 'observe redemptions script', 'observe ledger script'],
    why: 'a read between others says no more than the reads before and after it',
  },
  {
    mutation: 'dropped',
    sorts: ['complete ok', 'complete fail', 'complete info', 'complete info proxy', 'complete fail proxy'],
    why: 'an answer that was not heard leaves its attempt open, and the rest of the evidence closes the intent',
  },
  {
    mutation: 'outcome',
    sorts: ['complete info', 'complete info proxy'],
    why: 'the status says that it was no answer of the endpoint, whatever the word beside it',
  },
  {
    mutation: 'dropped',
    sorts: ['arrival', 'arrival unanswered'],
    why: 'what the hop saw of a request that was answered is told by the answer, too',
  },
];

export function isRedundant(mutation: string, sort: string): boolean {
  return REDUNDANT.some((each) => each.mutation === mutation && each.sorts.includes(sort));
}
