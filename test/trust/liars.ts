/** Judges liars in every cell: `npx tsx test/trust/liars.ts [seed] [name …]`. Prints what was judged valid, and counts. */

import { PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import type { Liar } from '../../reference-server/liars/liar.ts';
import { judge, resolvedOf, type Judged } from './cell.ts';
import { sideBySide } from './matrix.ts';
import { placesOf } from './sample.ts';
import { configOf, LISTED, type Readable } from './readable.ts';

export interface LiarCell {
  readonly liar: Liar;
  readonly readable: Readable;
  readonly profile: ProfileName;
  readonly scenario: string;
  readonly faults: string;
}

export interface JudgedCell extends LiarCell {
  readonly judged: Judged;
}

/** How many intents a cell has: enough for each lie to be told, few enough for a second. */
const INTENTS = 24;
/** Cells at once: most of a cell's time is waiting. */
const WIDTH = 4;
const SOON_MS = 300;

/** Every place, or a pairwise sample of them. */
export function liarCells(liars: readonly Liar[], isSample = false, turn = 0): LiarCell[] {
  return liars.flatMap((liar, index) =>
    placesOf(index, isSample, turn).map(({ readable, profile }) => ({
      liar,
      readable,
      profile,
      scenario: liar.scenarios[0],
      faults: 'none',
    })),
  );
}

export async function judgeLiar(cell: LiarCell, seed: number, out?: string): Promise<JudgedCell> {
  const { liar, readable, profile, scenario, faults } = cell;
  const edge = await startEdge({ contract: PROFILES[profile], liar, customers: LISTED });
  try {
    const usual = configOf(edge, readable, profile);
    // As long as the default where it has to be; else a cell would be five seconds of waiting.
    const lateMs = liar.lateMs === undefined ? SOON_MS : liar.lateMs + 1000;
    const config = resolvedOf({ ...usual, limits: { ...usual.limits, lateMs } });
    const run = { scenario, seed, faults, intents: INTENTS, ...(out !== undefined && { out }) };
    const judged = await judge(config, run);
    return { ...cell, judged };
  } finally {
    await edge.close();
  }
}

/** Judges them all, side by side. */
export async function judgeLiars(
  cells: readonly LiarCell[],
  seed: number,
  tell: (cell: JudgedCell) => void = () => {},
  until = Infinity,
): Promise<JudgedCell[]> {
  const work = async (cell: (typeof cells)[number]) => {
    const judged = await judgeLiar(cell, seed);
    tell(judged);
    return judged;
  };
  return await sideBySide(cells, WIDTH, work, until);
}

if (process.argv[1]?.endsWith('trust/liars.ts')) {
  const [seed = '1', ...names] = process.argv.slice(2);
  const liars = names.length === 0 ? LIARS : LIARS.filter(({ name }) => names.includes(name));
  const judged = await judgeLiars(liarCells(liars), Number(seed), ({ liar, readable, profile, judged: by }) =>
    console.log(
      [by.verdict, liar.name, readable, profile, by.rules.join(','), by.why.slice(0, 120)].join(' | '),
    ),
  );
  for (const word of ['invalid', 'unknown', 'valid'] as const)
    console.log(word, judged.filter((each) => each.judged.verdict === word).length);
}
