import { booksAgain } from './books-again.ts';

/** After the customer was read back. */
export const booksAgainLater = booksAgain(1000, 'books-again-after-1s', '1 s');
