/** The rows whose outcomes are recorded from k6: the embedded engine does the same. */
import { describe, expect, test } from 'vitest';

import { ROWS } from './rows/index.ts';
import { DIFFERENCES, type Difference } from './rows/differences.ts';
import { playDifference, playRows, recordedRows, runsOf } from './rows/play.ts';
import { withoutTls } from './tls-server.ts';
import type { RowOutcome } from './rows/row.ts';

const RECORDED = recordedRows('rows');

for (const [idea, rows] of Object.entries(ROWS)) {
  describe(`the embedded engine and k6 in ${idea}`, () => {
    for (const run of runsOf(rows)) {
      // One run of the engine for all of them.
      let playing: Promise<Map<string, RowOutcome>> | undefined;
      for (const { title, isSecure } of run) {
        const why = isSecure === true ? withoutTls : '';
        test.skipIf(why !== '')(`${title}${why}`, async () => {
          playing ??= playRows('embedded', run);
          expect((await playing).get(title)).toEqual(RECORDED.get(title));
        });
      }
    }
  });
}

describe('the embedded engine and k6 differ in', () => {
  const recorded = recordedRows('differences');

  for (const row of DIFFERENCES) {
    const why = row.isSecure === true ? withoutTls : '';
    test.skipIf(why !== '')(`${row.title}${why}`, async () => {
      const theirs = recorded.get(row.title);
      expect(theirs).toBeDefined();
      expect(told(row, theirs)).not.toEqual(row.ours);
      expect(told(row, await playDifference('embedded', row))).toEqual(row.ours);
    });
  }

  test('what is recorded, and nothing else', () => {
    expect([...recorded.keys()]).toEqual(DIFFERENCES.map(({ title }) => title));
  });
});

test('every recorded row is played, and printed something or ended', () => {
  const titles = Object.values(ROWS).flatMap((rows) => rows.map(({ title }) => title));
  expect([...RECORDED.keys()]).toEqual(titles);
  expect(new Set(titles).size).toBe(titles.length);
  for (const { exitCode, probes, iterations } of RECORDED.values())
    expect(exitCode + iterations + Object.keys(probes).length).toBeGreaterThan(0);
});

/** What a difference is about, of the outcome. */
function told({ ours }: Difference, outcome: RowOutcome | undefined): object {
  return Object.fromEntries(Object.entries(outcome ?? {}).filter(([name]) => name in ours));
}
