/** Twins are never invalid. A file of its own, so that it runs beside the liars. */

import { expect, test } from 'vitest';
import { HOUR_MS, IS_SAMPLE, SEED, SEED_TOLD, taken, toldOfTwin } from './asked.ts';
import { judgeTwins, twinCells } from './twins.ts';
import { TWINS } from './twins/index.ts';

test(
  `no twin is invalid, and one cell of twenty at most is unknown, ${SEED_TOLD}`,
  async () => {
    const judged = await judgeTwins(taken(twinCells(TWINS, IS_SAMPLE, SEED)), SEED);
    const having = (verdict: string) => judged.filter((cell) => cell.judged.verdict === verdict);
    expect(having('invalid').map((cell) => toldOfTwin(cell))).toEqual([]);
    const unknown = having('unknown');
    expect(
      unknown.length / judged.length,
      unknown.map((cell) => toldOfTwin(cell)).join('\n'),
    ).toBeLessThanOrEqual(0.05);
  },
  HOUR_MS,
);
