/** Judges twins in every cell: `npx tsx test/trust/twins.ts [seed] [name …]`. Prints each cell, and counts. */

import { contractFrom, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { judge, resolvedOf, type Judged } from './cell.ts';
import { sideBySide } from './matrix.ts';
import { placesOf } from './sample.ts';
import { configOf, LISTED, type Readable } from './readable.ts';
import { TWINS } from './twins/index.ts';
import type { Twin } from './twins/twin.ts';

export interface TwinCell {
  readonly twin: Twin;
  readonly readable: Readable;
  readonly profile: ProfileName;
  readonly scenario: string;
  readonly faults: string;
}

export interface JudgedTwin extends TwinCell {
  readonly judged: Judged;
}

const INTENTS = 24;
/** Cells at once: most of a cell's time is waiting. */
const WIDTH = 4;

/** Every place, or a pairwise sample of them: the scenarios take turns, and every other one has faults. */
export function twinCells(twins: readonly Twin[], isSample = false, by = 0): TwinCell[] {
  return twins.flatMap((twin, index) =>
    placesOf(index, isSample, by).map(({ readable, profile, number }, at) => {
      const turn = (isSample ? index + at + by : number + Math.floor(number / 3)) % twin.scenarios.length;
      const scenario = twin.scenarios[turn] ?? twin.scenarios[0];
      return { twin, readable, profile, scenario, faults: (number + index) % 2 === 0 ? 'none' : 'light' };
    }),
  );
}

export async function judgeTwin(cell: TwinCell, seed: number, out?: string): Promise<JudgedTwin> {
  const { twin, readable, profile, scenario, faults } = cell;
  const contract = contractFrom(profile, twin.rows);
  const edge = await startEdge({ ...twin.edge?.(), contract, customers: LISTED });
  const stop = twin.beside?.(edge);
  try {
    const run = { scenario, seed, faults, intents: INTENTS, ...(out !== undefined && { out }) };
    const usual = configOf(edge, readable, profile, twin.rows);
    const config = resolvedOf(twin.config?.(usual, edge) ?? usual);
    return { ...cell, judged: await judge(config, run) };
  } finally {
    stop?.();
    await edge.close();
  }
}

/** Judges them all, side by side. */
export async function judgeTwins(
  cells: readonly TwinCell[],
  seed: number,
  tell: (cell: JudgedTwin) => void = () => {},
  until = Infinity,
): Promise<JudgedTwin[]> {
  const work = async (cell: (typeof cells)[number]) => {
    const judged = await judgeTwin(cell, seed);
    tell(judged);
    return judged;
  };
  return await sideBySide(cells, WIDTH, work, until);
}

if (process.argv[1]?.endsWith('trust/twins.ts')) {
  const [seed = '1', ...names] = process.argv.slice(2);
  const twins = names.length === 0 ? TWINS : TWINS.filter(({ name }) => names.includes(name));
  const judged = await judgeTwins(twinCells(twins), Number(seed), (cell) => {
    const { verdict, rules, why } = cell.judged;
    const where = `${cell.readable} | ${cell.profile} ${cell.scenario} ${cell.faults}`;
    console.log([verdict, cell.twin.name, where, rules.join(','), why.slice(0, 200)].join(' | '));
  });
  for (const word of ['invalid', 'unknown', 'valid'] as const)
    console.log(word, judged.filter((each) => each.judged.verdict === word).length);
}
