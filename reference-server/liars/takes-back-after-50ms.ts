import { takesBack } from './takes-back.ts';

/** Before anybody has read it back. */
export const takesBackSoon = takesBack(50, 'takes-back-after-50ms', '0.05 s');
