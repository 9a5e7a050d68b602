/** The catalogue of liars. A new one: a file beside this one, and its name in this list. */

import { acceptsAndDoesItAgain } from './accepts-and-does-it-again.ts';
import { booksAgainSoon } from './books-again-after-100ms.ts';
import { booksAgainLater } from './books-again-after-1s.ts';
import { booksAgainLast } from './books-again-after-4s.ts';
import { booksTooMuchInParts } from './books-too-much-in-parts.ts';
import { debitsAPointTooMuch } from './debits-a-point-too-much.ts';
import { debitsAnotherCustomer } from './debits-another-customer.ts';
import { debitsHalf } from './debits-half.ts';
import { doesItWhenAskedAgain } from './does-it-when-asked-again.ts';
import { doesNothing } from './does-nothing.ts';
import { doesTheRefusedLater } from './does-the-refused-later.ts';
import { doublesEverySeventh } from './doubles-every-seventh.ts';
import { forgetsKeys } from './forgets-keys.ts';
import { forgetsKeysSoon } from './forgets-keys-after-50ms.ts';
import { givesPointsForRefusals } from './gives-points-for-refusals.ts';
import { handsOutASecondReward } from './hands-out-a-second-reward.ts';
import { handsOutNothing } from './hands-out-nothing.ts';
import { hidesFromBalance } from './hides-from-balance.ts';
import { hidesFromLedger } from './hides-from-ledger.ts';
import { hidesFromList } from './hides-from-list.ts';
import { hidesSecondFromBalance } from './hides-second-from-balance.ts';
import { hidesSecondFromBoth } from './hides-second-from-both.ts';
import { hidesSecondFromLedger } from './hides-second-from-ledger.ts';
import { hidesSecondFromList } from './hides-second-from-list.ts';
import { keepsTheBalance } from './keeps-the-balance.ts';
import { listsAnotherReward } from './lists-another-reward.ts';
import { listsAsCancelled } from './lists-as-cancelled.ts';
import { listsItElsewhere } from './lists-it-elsewhere.ts';
import { listsOtherPoints } from './lists-other-points.ts';
import { namesAnew } from './names-anew.ts';
import { namesAnotherCustomers } from './names-another-customers.ts';
import { namesNobodys } from './names-nobodys.ts';
import { namesOneFromBefore } from './names-one-from-before.ts';
import { namesTheFirst } from './names-the-first.ts';
import { namesThePrevious } from './names-the-previous.ts';
import { otherReward } from './other-reward.ts';
import { overdraws } from './overdraws.ts';
import { redeemsTheOtherPayload } from './redeems-the-other-payload.ts';
import { redeemsTwice } from './redeems-twice.ts';
import { refusesAndDoes } from './refuses-and-does.ts';
import { refusesAndDoesLater } from './refuses-and-does-later.ts';
import { refusesWhatIsDone } from './refuses-what-is-done.ts';
import { repeatsAnId } from './repeats-an-id.ts';
import { replaysAnotherBalance } from './replays-another-balance.ts';
import { replaysAnotherReward } from './replays-another-reward.ts';
import { replaysForTheOtherPayload } from './replays-for-the-other-payload.ts';
import { replaysOtherBytes } from './replays-other-bytes.ts';
import { rightAtFirst } from './right-at-first.ts';
import { saysInProgress } from './says-in-progress.ts';
import { saysNothingAndDoesNothing } from './says-nothing-and-does-nothing.ts';
import { swallowsHalfTheCredit } from './swallows-half-the-credit.ts';
import { swallowsTheCredit } from './swallows-the-credit.ts';
import { swapsNames } from './swaps-names.ts';
import { takesBackLater } from './takes-back-after-2s.ts';
import { takesBackSoon } from './takes-back-after-50ms.ts';
import { takesNoPoints } from './takes-no-points.ts';
import { tellsAPointTooMuch } from './tells-a-point-too-much.ts';
import { tellsTheBalanceBefore } from './tells-the-balance-before.ts';

import type { Liar } from './liar.ts';

export const LIARS: readonly Liar[] = [
  namesTheFirst,
  namesThePrevious,
  namesAnotherCustomers,
  namesOneFromBefore,
  namesNobodys,
  namesAnew,
  doesNothing,
  doesItWhenAskedAgain,
  rightAtFirst,
  debitsHalf,
  debitsAPointTooMuch,
  otherReward,
  handsOutNothing,
  takesNoPoints,
  overdraws,
  redeemsTwice,
  doublesEverySeventh,
  forgetsKeys,
  booksAgainSoon,
  booksAgainLater,
  booksAgainLast,
  takesBackSoon,
  takesBackLater,
  hidesSecondFromList,
  hidesSecondFromLedger,
  hidesSecondFromBalance,
  hidesSecondFromBoth,
  hidesFromList,
  hidesFromLedger,
  hidesFromBalance,
  listsAnotherReward,
  listsOtherPoints,
  replaysAnotherReward,
  replaysAnotherBalance,
  replaysOtherBytes,
  tellsTheBalanceBefore,
  refusesAndDoes,
  refusesAndDoesLater,
  refusesWhatIsDone,
  saysInProgress,
  redeemsTheOtherPayload,
  replaysForTheOtherPayload,
  swallowsTheCredit,
  swallowsHalfTheCredit,
  saysNothingAndDoesNothing,
  debitsAnotherCustomer,
  givesPointsForRefusals,
  listsAsCancelled,
  acceptsAndDoesItAgain,
  forgetsKeysSoon,
  booksTooMuchInParts,
  keepsTheBalance,
  listsItElsewhere,
  handsOutASecondReward,
  doesTheRefusedLater,
  swapsNames,
  tellsAPointTooMuch,
  repeatsAnId,
];
