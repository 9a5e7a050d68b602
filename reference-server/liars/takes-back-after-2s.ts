import { takesBack } from './takes-back.ts';

/** After it was read back, and found. */
export const takesBackLater = takesBack(2000, 'takes-back-after-2s', '2 s');
