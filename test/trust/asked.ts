/**
 * How much is judged, and by which seed. By default a sample that holds every pair; ONCEPROOF_TRUST=whole takes every cell
 * (npm run prove). Every other run has a seed of its own; a gate has a fixed one.
 */

import type { JudgedCell } from './liars.ts';
import { READABLES } from './readable.ts';
import type { JudgedTwin } from './twins.ts';

export const IS_SAMPLE = process.env['ONCEPROOF_TRUST'] !== 'whole';
export const SEED = Number(
  process.env['ONCEPROOF_TRUST_SEED'] ??
    (process.env['CI'] === undefined ? 1 + Math.floor(Math.random() * 1_000_000) : '1'),
);
/** Stands in the names of the tests, so that a failure tells how to get it again. */
export const SEED_TOLD = `ONCEPROOF_TRUST_SEED=${SEED}`;
export const HOUR_MS = 3_600_000;

/** Of a sample's cells every sixth, by the seed: each liar and twin in one place, over six seeds in all of them. `npm run prove` takes all. */
export function taken<Cell>(cells: readonly Cell[]): Cell[] {
  const turn = (index: number): number => index + Math.floor(index / READABLES.length) + SEED;
  return cells.filter((_, index) => !IS_SAMPLE || turn(index) % 6 === 0);
}

/** One cell in words; the end of it is what `npx tsx test/trust/try.ts` takes. */
export function toldOfLiar(cell: JudgedCell, seed = SEED): string {
  const { liar, readable, profile, scenario, faults, judged } = cell;
  const again = `try.ts ${liar.name} "${readable}" ${profile} ${scenario} ${faults} ${seed}`;
  return [judged.verdict, judged.rules.join(','), judged.why, again].join(' | ');
}

export function toldOfTwin(cell: JudgedTwin, seed = SEED): string {
  const { twin, readable, profile, scenario, faults, judged } = cell;
  const again = `try.ts ${twin.name} "${readable}" ${profile} ${scenario} ${faults} ${seed}`;
  return [judged.verdict, judged.rules.join(','), judged.why, again].join(' | ');
}
