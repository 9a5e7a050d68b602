/** Judges liars in every cell: `npx tsx test/trust/liars.ts [seed] [name …]`. Prints what was judged valid, and counts. */

import { PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import type { Liar } from '../../reference-server/liars/liar.ts';
import { judge, PROFILE_NAMES, resolvedOf, type Judged } from './cell.ts';
import { sideBySide } from './matrix.ts';
import { configOf, LISTED, READABLES, type Readable } from './readable.ts';

export interface LiarCell {
  readonly liar: Liar;
  readonly readable: Readable;
  readonly profile: ProfileName;
}

export interface JudgedCell extends LiarCell {
  readonly judged: Judged;
}

/** How many intents a cell has: enough for each lie to be told, few enough for a second. */
const INTENTS = 24;

export function cellsOf(liars: readonly Liar[]): LiarCell[] {
  return liars.flatMap((liar) =>
    READABLES.flatMap((readable) => PROFILE_NAMES.map((profile) => ({ liar, readable, profile }))),
  );
}

export async function judgeLiar(cell: LiarCell, seed: number): Promise<JudgedCell> {
  const { liar, readable, profile } = cell;
  const edge = await startEdge({ contract: PROFILES[profile], liar, customers: LISTED });
  try {
    const config = resolvedOf(configOf(edge, readable, profile));
    const judged = await judge(config, { scenario: liar.scenarios[0], seed, intents: INTENTS });
    return { ...cell, judged };
  } finally {
    await edge.close();
  }
}

if (process.argv[1]?.endsWith('liars.ts')) {
  const [seed = '1', ...names] = process.argv.slice(2);
  const liars = names.length === 0 ? LIARS : LIARS.filter(({ name }) => names.includes(name));
  const startedAt = performance.now();
  const judged = await sideBySide(cellsOf(liars), 8, async (cell) => {
    const done = await judgeLiar(cell, Number(seed));
    const { verdict, rules, why } = done.judged;
    console.log(
      [verdict, cell.liar.name, cell.readable, cell.profile, rules.join(','), why.slice(0, 120)].join(' | '),
    );
    return done;
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  for (const word of ['invalid', 'unknown', 'valid'] as const)
    console.log(word, judged.filter((each) => each.judged.verdict === word).length);
  console.log(`${seconds} s`);
}
