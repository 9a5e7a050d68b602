import { hidesSecond } from './hides-second.ts';

/** The customer does not see it among the redemptions. */
export const hidesSecondFromList = hidesSecond('hides-second-from-list', ['list']);
