/** Changes that a history may suffer and stay valid, each with the reason why that is right. */

export interface Redundant {
  readonly mutation: string;
  /** Sorts of events, as `sortOf` names them. */
  readonly sorts: readonly string[];
  readonly why: string;
}

const SCRIPT_READS = [
  'observe balance script',
  'observe redemptions script',
  'observe redemptions script beside its answer',
  'observe ledger script',
];
const AUDIT_READS = [
  'observe ledger audit',
  'observe rewards audit',
  'observe redemptions audit',
  'observe balance audit',
];

const ARRIVALS = ['arrival', 'arrival unheard', 'arrival unheard refused', 'arrival unanswered'];

export const REDUNDANT: readonly Redundant[] = [
  {
    mutation: 'doubled',
    sorts: [...SCRIPT_READS, ...AUDIT_READS],
    why: 'the same was read twice, which says the same',
  },
  {
    mutation: 'doubled',
    sorts: ['retire', 'audited', 'clock', 'fault', 'end', ...ARRIVALS],
    why: 'it says again what was said: no effect and no answer is counted by it',
  },
  {
    mutation: 'dropped',
    sorts: ['retire'],
    why: 'it only tells the audit that it may begin, and the audit was there',
  },
  {
    mutation: 'dropped',
    sorts: ['credit asked'],
    why: 'that the points came is said by the event after it, which alone counts them',
  },
  {
    mutation: 'dropped',
    sorts: SCRIPT_READS,
    why: 'a read between others says no more than the reads before and after it',
  },
  {
    mutation: 'customer',
    sorts: SCRIPT_READS,
    why: 'a read of a customer that redeems nothing says nothing, and the reads around it say the rest',
  },
  {
    mutation: 'dropped',
    sorts: [
      'complete ok',
      'complete fail',
      'complete fail that may be',
      'complete info',
      'complete info proxy',
      'complete fail proxy',
    ],
    why: 'an answer that was not heard leaves its attempt open, and the rest of the evidence closes the intent',
  },
  {
    mutation: 'dropped',
    sorts: ['audited'],
    why: 'a customer is audited when it is closed and once more when all is over: what was read stays, and one of the two words is enough',
  },
  {
    mutation: 'dropped',
    sorts: ['clock'],
    why: 'nothing else tells that a clock was moved: what it would have shown is not judged then',
  },
  {
    mutation: 'dropped',
    sorts: ['fault'],
    why: 'a fault only excuses: without it more is judged, and what had to be met is required all the same',
  },
  {
    mutation: 'status',
    sorts: ['complete info proxy'],
    why: 'what a proxy says in its own name says nothing of the endpoint, whatever its status',
  },
  {
    mutation: 'code',
    sorts: ['complete info proxy'],
    why: 'what a proxy says in its own name says nothing of the endpoint, whatever its code',
  },
  {
    mutation: 'code',
    sorts: ['complete fail that may be'],
    why: 'a writing that may be no payload at all is refused in the endpoint’s own words: no row names a code for it',
  },
  {
    mutation: 'dropped',
    sorts: ARRIVALS,
    why: 'what the hop saw of a request that was answered is told by the answer, too',
  },
  {
    mutation: 'an entry doubled',
    sorts: ['observe redemptions script', 'observe redemptions script beside its answer'],
    why: 'pages whose order is not fixed, or that shift while they are read, show a row twice: that is no second redemption',
  },
  {
    mutation: 'an entry dropped',
    sorts: ['observe redemptions script beside its answer'],
    why: 'nobody had named the redemption when the list was asked for: it may have come after that',
  },
  {
    mutation: 'status',
    sorts: ['arrival unheard', 'arrival unheard refused'],
    why: 'of an answer that was lost on the way only the status is told: a refusal before a success, or a success of which the effect is read, is as lawful',
  },
  {
    mutation: 'redemption',
    sorts: ['arrival unheard refused'],
    why: 'what a refusal names that nobody got is nobody’s to rely on: the effect itself is read',
  },
  ...['dropped', 'doubled', 'points', 'customer'].map((mutation) => ({
    mutation,
    sorts: ['credit made'],
    why: 'what a customer was made with is told by the balance that was read before its first request',
  })),
  {
    mutation: 'points',
    sorts: ['invoke refused at once'],
    why: 'of a request that was refused, with no effect, nobody but its sender says how many points it asked for',
  },
  {
    mutation: 'reward',
    sorts: ['invoke refused at once'],
    why: 'of a request that was refused, with no effect, nobody but its sender says which reward it asked for',
  },
];

export function isRedundant(mutation: string, sort: string): boolean {
  return REDUNDANT.some((each) => each.mutation === mutation && each.sorts.includes(sort));
}
