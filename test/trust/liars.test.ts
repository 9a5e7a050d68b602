/** Liars are never valid. A file of its own, so that it runs beside the twins. */

import { expect, test } from 'vitest';
import { LIARS } from '../../reference-server/liars/index.ts';
import { HOUR_MS, IS_SAMPLE, SEED, SEED_TOLD, taken, toldOfLiar } from './asked.ts';
import { judgeLiars, liarCells } from './liars.ts';
import { readsEffects } from './readable.ts';
import { unknowable } from './unknowable.ts';

test(
  `no liar is valid where somebody could know, and nine cells of ten with ledger or list are invalid, ${SEED_TOLD}`,
  async () => {
    const judged = await judgeLiars(taken(liarCells(LIARS, IS_SAMPLE, SEED)), SEED);
    const knowable = judged.filter(({ liar, readable }) => unknowable(liar.name, readable) === undefined);
    expect(
      knowable.filter((cell) => cell.judged.verdict === 'valid').map((cell) => toldOfLiar(cell)),
    ).toEqual([]);
    const readable = knowable.filter((cell) => readsEffects(cell.readable));
    const open = readable.filter((cell) => cell.judged.verdict !== 'invalid');
    expect(readable.length).toBeGreaterThan(0);
    expect(
      open.length / readable.length,
      open.map((cell) => toldOfLiar(cell)).join('\n'),
    ).toBeLessThanOrEqual(0.1);
  },
  HOUR_MS,
);
