/** Cells in which nobody could know that it lies: what is told and what can be read there agree with each other. */

import type { Readable } from './readable.ts';

export interface Unknowable {
  readonly liar: string;
  readonly readables: readonly Readable[];
  readonly why: string;
}

const WITHOUT_LEDGER = ['list + balance', 'balance', 'list', 'listed customers'] as const;

export const UNKNOWABLE: readonly Unknowable[] = [
  {
    liar: 'names-nobodys',
    readables: ['balance'],
    why: 'the points are right, and nothing that can be read there has a name',
  },
  {
    liar: 'names-the-previous',
    readables: ['balance'],
    why: 'two names for two debits of the same points: which one is whose cannot be read',
  },
  {
    liar: 'other-reward',
    readables: ['balance'],
    why: 'the points are right, and no reward can be read',
  },
  {
    liar: 'hands-out-nothing',
    readables: WITHOUT_LEDGER,
    why: 'only the ledger tells which rewards were made',
  },
  {
    liar: 'takes-no-points',
    readables: ['list'],
    why: 'the list has the redemption, and no balance says that it cost nothing',
  },
  {
    liar: 'hides-second-from-list',
    readables: ['list'],
    why: 'the second one is hidden from all that can be read',
  },
  {
    liar: 'hides-second-from-both',
    readables: ['list'],
    why: 'the second one is hidden from all that can be read',
  },
  {
    liar: 'hides-second-from-balance',
    readables: ['balance'],
    why: 'the second one is hidden from all that can be read',
  },
  {
    liar: 'hides-from-list',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'hides-from-ledger',
    readables: WITHOUT_LEDGER,
    why: 'it lies in the ledger alone, and the ledger cannot be read',
  },
  {
    liar: 'hides-from-balance',
    readables: ['list'],
    why: 'it lies in the balance alone, and the balance cannot be read',
  },
  {
    liar: 'lists-another-reward',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'lists-other-points',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'swallows-the-credit',
    readables: ['listed customers'],
    why: 'nobody gives points to a customer that was there before the run: it never lies',
  },
  {
    liar: 'swallows-half-the-credit',
    readables: ['listed customers', 'list'],
    why: 'nobody gives points to a listed customer; and without a balance half of the points is enough for the retry or is not, and both are right',
  },
  {
    liar: 'tells-the-balance-before',
    readables: ['list'],
    why: 'what the customer had at first cannot be read there, so that no told balance can be wrong',
  },
  {
    liar: 'debits-another-customer',
    readables: ['list'],
    why: 'only balances say whose points went',
  },
  {
    liar: 'gives-points-for-refusals',
    readables: ['list'],
    why: 'it lies in the balance alone, and the balance cannot be read',
  },
  {
    liar: 'lists-as-cancelled',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'books-too-much-in-parts',
    readables: ['list'],
    why: 'it lies in balance and ledger alone, and they cannot be read',
  },
  {
    liar: 'keeps-the-balance',
    readables: ['list'],
    why: 'it lies in the balance alone, and the balance cannot be read',
  },
  {
    liar: 'lists-it-elsewhere',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'hands-out-a-second-reward',
    readables: ['balance'],
    why: 'the points are right, and no reward can be read',
  },
  {
    liar: 'swaps-names',
    readables: ['balance'],
    why: 'it lies in the list alone, and the list cannot be read',
  },
  {
    liar: 'tells-a-point-too-much',
    readables: ['list'],
    why: 'what the customer had at first cannot be read there, so that no told balance can be wrong',
  },
];

/** Why nobody could know it there; undefined: somebody could. */
export function unknowable(liar: string, readable: Readable): string | undefined {
  return UNKNOWABLE.find((each) => each.liar === liar && each.readables.includes(readable))?.why;
}
