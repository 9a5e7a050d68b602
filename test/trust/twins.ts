/** Judges twins in every cell: `npx tsx test/trust/twins.ts [seed] [name …]`. Prints each cell, and counts. */

import { contractFrom, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { judge, PLAYED, resolvedOf, type Judged } from './cell.ts';
import { sideBySide } from './matrix.ts';
import { configOf, LISTED, READABLES, type Readable } from './readable.ts';
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
const WIDTH = 16;

/** Every other cell has faults, and the scenarios take turns. */
export function twinCells(twins: readonly Twin[]): TwinCell[] {
  return twins.flatMap((twin) => {
    const { scenarios } = twin;
    return READABLES.flatMap((readable, row) =>
      PLAYED.map((profile, column) => {
        const number = row * PLAYED.length + column + row;
        const scenario = scenarios[number % scenarios.length] ?? scenarios[0];
        return { twin, readable, profile, scenario, faults: (row + column) % 2 === 0 ? 'none' : 'light' };
      }),
    );
  });
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

if (process.argv[1]?.endsWith('trust/twins.ts')) {
  const [seed = '1', ...names] = process.argv.slice(2);
  const twins = names.length === 0 ? TWINS : TWINS.filter(({ name }) => names.includes(name));
  const startedAt = performance.now();
  const judged = await sideBySide(twinCells(twins), WIDTH, async (cell) => {
    const done = await judgeTwin(cell, Number(seed)).catch((error: unknown) => {
      console.log(`failed | ${cell.twin.name} | ${cell.readable} | ${cell.profile} | | ${String(error)}`);
      return undefined;
    });
    if (!done) return undefined;
    const { verdict, rules, why } = done.judged;
    const where = `${cell.readable} | ${cell.profile} ${cell.scenario} ${cell.faults}`;
    console.log([verdict, cell.twin.name, where, rules.join(','), why.slice(0, 200)].join(' | '));
    return done;
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  for (const word of ['invalid', 'unknown', 'valid'] as const)
    console.log(word, judged.filter((each) => each?.judged.verdict === word).length);
  console.log(`${seconds} s`);
}
