/** The catalogue of liars. A new one: a file beside this one, and its name in this list. */

import { booksAgainLast, booksAgainLater, booksAgainSoon } from './books-again-later.ts';
import { doesNothing } from './does-nothing.ts';
import type { Liar } from './liar.ts';
import { namesAnotherCustomers } from './names-another-customers.ts';
import { namesOneFromBefore } from './names-one-from-before.ts';
import { namesTheFirst } from './names-the-first.ts';
import { namesThePrevious } from './names-the-previous.ts';
import { otherReward } from './other-reward.ts';
import { redeemsTwice } from './redeems-twice.ts';
import { refusesAndDoes } from './refuses-and-does.ts';

export const LIARS: readonly Liar[] = [
  namesTheFirst,
  namesThePrevious,
  namesAnotherCustomers,
  namesOneFromBefore,
  doesNothing,
  redeemsTwice,
  booksAgainSoon,
  booksAgainLater,
  booksAgainLast,
  otherReward,
  refusesAndDoes,
];
