import { booksAgain } from './books-again.ts';

/** When the run is long over. */
export const booksAgainLast = booksAgain(4000, 'books-again-after-4s', '4 s');
