import { hidesSecond } from './hides-second.ts';

/** The books do not show it. */
export const hidesSecondFromLedger = hidesSecond('hides-second-from-ledger', ['ledger']);
