import { booksAgain } from './books-again.ts';

/** While the run still goes on. */
export const booksAgainSoon = booksAgain(100, 'books-again-after-100ms', '0.1 s');
