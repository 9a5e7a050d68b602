/**
 * What a pattern of violations usually is: a guess, worded as one. Each row names the classes of real bugs behind it, by the
 * numbers of docs/bug-classes.md.
 */

import type { Circumstance, Incident } from '../model/incident.ts';
import type { Rule } from '../model/verdict.ts';

interface Guess {
  readonly rules: readonly Rule[];
  readonly when: readonly Circumstance[] | 'any';
  readonly classes: readonly number[];
  readonly text: string;
}

/** The first row that fits is told. */
const GUESSES: readonly Guess[] = [
  {
    rules: ['double-debit'],
    when: ['overlap'],
    classes: [1, 7],
    text: 'both executions had begun before either had recorded the key: look for a check before an insert, or for keys that each process keeps for itself',
  },
  {
    rules: ['double-debit'],
    when: ['server-down'],
    classes: [10, 11, 7],
    text: 'the debit was made and its key was not recorded when the process ended: look for two writes without a transaction, or for keys in the memory of a process',
  },
  {
    rules: ['double-debit'],
    when: ['store-down'],
    classes: [25, 26],
    text: 'while the store could not be asked, the request was carried out without its key: look for a caught store error, or for a store that forgets',
  },
  {
    rules: ['double-debit'],
    when: ['answer-lost'],
    classes: [12, 13, 16, 29],
    text: 'the first attempt left no record of its key although it debited: look for a record that is written after the answer, is dropped on an error, or whose lease was shorter than the work',
  },
  {
    rules: ['double-debit'],
    when: ['expired'],
    classes: [53, 55, 58],
    text: 'an old key was carried out as a new one: look for how long keys are kept, and in which unit, and whether claim and replay agree on the moment',
  },
  {
    rules: ['double-debit', 'payload-binding'],
    when: ['other-payload'],
    classes: [38, 42, 43],
    text: 'the payload is not compared with the one that the key came with first, or is a part of the key',
  },
  {
    rules: ['double-debit', 'duplicate-intent'],
    when: ['two-keys'],
    classes: [60],
    text: "only the key is unique, not the client's own name for the redemption: look for a unique index on it",
  },
  {
    rules: ['double-debit', 'missing-key'],
    when: ['no-key'],
    classes: [49],
    text: 'a request without a key is carried out: look for an optional header',
  },
  {
    rules: ['double-debit', 'key-syntax'],
    when: ['odd-key'],
    classes: [45, 46, 47],
    text: 'keys that differ in quotes, case or blanks are taken for one, or one for two: look for how the header is read, and for the collation of its column',
  },
  {
    rules: ['double-debit'],
    when: ['retried', 'rivals', 'alone'],
    classes: [34, 35, 40, 50],
    text: 'a finished key is not found again even without any race: look for a lookup and a record that name it differently, or for a handler that runs on after the replay',
  },
  {
    rules: ['key-scope', 'double-debit'],
    when: ['other-customer'],
    classes: [39, 41],
    text: 'keys of all customers lie in one space: look for the customer in the key of the record',
  },
  {
    rules: ['lost-debit', 'conservation'],
    when: ['server-down', 'store-down'],
    classes: [18, 19, 25],
    text: 'one of two writes was made and the other lost: look for debit and redemption outside of one transaction, or for a store that forgets what it acknowledged',
  },
  {
    rules: ['lost-debit', 'conservation', 'overdraft'],
    when: ['overlap', 'rivals', 'answer-lost'],
    classes: [21, 61],
    text: 'a balance was written that had been read before another debit: look for read, compute, write without a lock',
  },
  {
    rules: ['lost-debit'],
    when: 'any',
    classes: [18, 19],
    text: 'an answer names a redemption that is not there, is an old one, or is listed elsewhere: look for debit and redemption outside of one transaction; it may also be that the pointer to the list is wrong',
  },
  {
    rules: ['conservation', 'overdraft'],
    when: 'any',
    classes: [18, 61],
    text: 'points and redemptions do not add up: look for debit and redemption outside of one transaction',
  },
  {
    rules: ['refused-but-done'],
    when: 'any',
    classes: [3, 29],
    text: 'a refusal went out after the write had been committed: look for a check that comes after it, or for an error that is answered as "nothing happened"',
  },
  {
    rules: ['expiry'],
    when: 'any',
    classes: [53, 54, 56, 57, 58],
    text: 'keys live shorter or longer than promised: look for the unit of the time, for the clock that is asked, and for < against <= at the edge',
  },
  {
    rules: ['stuck'],
    when: ['server-down', 'store-down', 'answer-lost'],
    classes: [10, 12, 15],
    text: 'a claim was taken and never given back: look for a lock without a lease, or for a record that stays "in progress" when its process ends',
  },
  {
    rules: ['stuck'],
    when: 'any',
    classes: [10, 24],
    text: 'a key stays in progress for good: look for a claim that an error path does not release',
  },
  {
    rules: ['unexpected-status'],
    when: ['overlap', 'rivals', 'answer-lost'],
    classes: [2],
    text: 'the loser of a race gets an error of the database: look for a unique violation or a serialization failure that nobody turns into a replay',
  },
  {
    rules: ['unexpected-status', 'same-answer'],
    when: ['store-down', 'server-down'],
    classes: [28],
    text: 'a failure was kept as the answer of its key: look for a store that keeps every status',
  },
  {
    rules: ['same-answer'],
    when: 'any',
    classes: [32, 36],
    text: 'a replay is made anew instead of being kept: look for what of the first answer is stored',
  },
  {
    rules: ['replay-marker'],
    when: 'any',
    classes: [37],
    text: 'an answer does not say whether it is a replay, or says it wrongly',
  },
  {
    rules: ['false-duplicate'],
    when: 'any',
    classes: [63, 64],
    text: 'two honest redemptions are taken for one: look for a duplicate check by payload or by time',
  },
  {
    rules: ['stale-read'],
    when: 'any',
    classes: [9],
    text: 'a read after the answer does not show it: look for a read replica or a cache that lags',
  },
  {
    rules: ['process-death'],
    when: 'any',
    classes: [20, 27],
    text: 'an error of a connection that nobody listens to ends the process',
  },
];

/** Undefined where no pattern is known. */
export function guessOf({
  rule,
  circumstance,
}: Pick<Incident<Rule>, 'rule' | 'circumstance'>):
  { readonly text: string; readonly classes: readonly number[] } | undefined {
  return GUESSES.find(
    ({ rules, when }) => rules.includes(rule) && (when === 'any' || when.includes(circumstance)),
  );
}

/** All rows, for the tests and the docs. */
export const GUESS_ROWS = GUESSES;
