/** Recorded histories and what they must be judged to be. The files are what a run writes, kept small. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkHistory } from '../../harness/checker/check-history.ts';
import { rulesOf } from '../support/history-builder.ts';

const FOLDER = fileURLToPath(new URL('../histories/', import.meta.url));

/** Verdict and violated rules by file name. */
const GOLDEN: Readonly<Record<string, readonly [verdict: string, rules: readonly string[]]>> = {
  'lost-answer-replayed.ndjson': ['valid', []],
  'check-then-act-race.ndjson': ['invalid', ['double-debit', 'replay-marker', 'same-answer']],
  'expired-key-processed.ndjson': ['invalid', ['double-debit', 'expiry']],
  'global-key-scope.ndjson': ['invalid', ['key-scope', 'lost-debit']],
  'no-fingerprint.ndjson': ['invalid', ['payload-binding']],
  'sticky-5xx.ndjson': ['invalid', ['stuck', 'unexpected-status']],
  'acknowledged-then-lost.ndjson': ['invalid', ['lost-debit']],
  'balance-written-back.ndjson': ['invalid', ['conservation', 'overdraft']],
  'cut-off.ndjson': ['unknown', []],
};

describe('golden histories', () => {
  test.each(Object.entries(GOLDEN))('%s', async (file, [verdict, rules]) => {
    const judged = await checkHistory([FOLDER + file]);
    expect([judged.verdict, rulesOf(judged)]).toEqual([verdict, rules]);
  });

  test('every file of the folder is judged', async () => {
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ndjson'));
    expect(files.toSorted()).toEqual(Object.keys(GOLDEN).toSorted());
  });
});
