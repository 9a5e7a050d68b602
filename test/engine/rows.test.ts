/** The rows whose outcomes are recorded from k6: the embedded engine does the same. */
import { describe, expect, test } from 'vitest';

import { ROWS } from './rows/index.ts';
import { playRow, recordedRows } from './rows/play.ts';

const RECORDED = recordedRows();

for (const [idea, rows] of Object.entries(ROWS)) {
  describe(`the embedded engine and k6 in ${idea}`, () => {
    for (const row of rows) {
      test(row.title, async () => {
        const recorded = RECORDED.get(row.title);
        expect(await playRow('embedded', row)).toEqual(recorded);
      });
    }
  });
}

test('every recorded row is played, and printed something or ended', () => {
  const titles = Object.values(ROWS).flatMap((rows) => rows.map(({ title }) => title));
  expect([...RECORDED.keys()]).toEqual(titles);
  expect(new Set(titles).size).toBe(titles.length);
  for (const { exitCode, probes, iterations } of RECORDED.values())
    expect(exitCode + iterations + Object.keys(probes).length).toBeGreaterThan(0);
});
