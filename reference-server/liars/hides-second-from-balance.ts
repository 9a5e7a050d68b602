import { hidesSecond } from './hides-second.ts';

/** The points are gone, and the balance does not say so. */
export const hidesSecondFromBalance = hidesSecond('hides-second-from-balance', ['balance']);
