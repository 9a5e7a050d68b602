import { hidesSecond } from './hides-second.ts';

/** Only the points are gone. */
export const hidesSecondFromBoth = hidesSecond('hides-second-from-both', ['list', 'ledger']);
