import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { CIRCUMSTANCES } from '../../harness/model/incident.ts';
import { RULES } from '../../harness/model/verdict.ts';
import { GUESS_ROWS, guessOf } from '../../harness/report/guesses.ts';

const classes = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/bug-classes.md'), 'utf8');

test('every rule has a guess under some circumstance, and each class of a guess is in the docs', () => {
  const guessed = new Set(GUESS_ROWS.flatMap(({ rules }) => rules));
  expect(RULES.filter((rule) => !guessed.has(rule))).toEqual([]);
  for (const number of GUESS_ROWS.flatMap((row) => row.classes))
    expect(classes).toMatch(new RegExp(`^\\| ${number} `, 'm'));
});

test('no row is hidden behind those before it', () => {
  const met = new Set<unknown>();
  for (const rule of RULES)
    for (const circumstance of CIRCUMSTANCES) met.add(guessOf({ rule, circumstance }));
  expect(GUESS_ROWS.filter((row) => !met.has(row)).map(({ text }) => text)).toEqual([]);
});
