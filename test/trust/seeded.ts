/**
 * Seeded runs of the right endpoint: every profile, shape of config, scenario and weight of faults, in turn:
 * `npx tsx test/trust/seeded.ts [count] [first seed]`. Prints what is not valid, and counts.
 */

import { PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { judge, PLAYED, resolvedOf, type Judged } from './cell.ts';
import { sideBySide } from './matrix.ts';
import { configOf, LISTED, READABLES, type Readable } from './readable.ts';

export interface SeededRun {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly readable: Readable;
  readonly scenario: string;
  readonly faults: 'light' | 'heavy';
  readonly judged: Judged;
}

const SCENARIOS_IN_TURN = [
  'soak',
  'retry-storm',
  'duplicated-requests',
  'double-click',
  'lost-answer',
  'key-expiry',
  'key-reuse',
] as const;
const INTENTS = 24;
const WIDTH = 4;

/** So many runs, each with a seed of its own from `first` on. Every pair of its settings is among the first 84. */
export async function seededRuns(
  count: number,
  first: number,
  tell: (run: SeededRun) => void = () => {},
  until = Infinity,
): Promise<SeededRun[]> {
  return await sideBySide(
    Array.from({ length: count }, (_, index) => index),
    WIDTH,
    async (index) => {
      const run = await seededRun(index, first + index);
      tell(run);
      return run;
    },
    until,
  );
}

async function seededRun(index: number, seed: number): Promise<SeededRun> {
  const readable = READABLES[index % READABLES.length] ?? READABLES[0];
  const profile = PLAYED[Math.floor(index / READABLES.length) % PLAYED.length] ?? 'seed';
  const scenario = SCENARIOS_IN_TURN[index % SCENARIOS_IN_TURN.length] ?? 'soak';
  const faults = Math.floor(index / 2) % 2 === 0 ? 'light' : 'heavy';
  const edge = await startEdge({ contract: PROFILES[profile], customers: LISTED });
  try {
    const config = resolvedOf(configOf(edge, readable, profile));
    const judged = await judge(config, { scenario, seed, faults, intents: INTENTS });
    return { seed, profile, readable, scenario, faults, judged };
  } finally {
    await edge.close();
  }
}

if (process.argv[1]?.endsWith('trust/seeded.ts')) {
  const [count = '200', first = '1'] = process.argv.slice(2);
  const runs = await seededRuns(Number(count), Number(first), (run) => {
    const { verdict, rules, why, ms } = run.judged;
    if (verdict === 'valid') return;
    const where = `${run.readable} | ${run.profile} ${run.scenario} ${run.faults} seed ${run.seed}`;
    console.log([verdict, where, rules.join(','), why.slice(0, 200), ms].join(' | '));
  });
  for (const word of ['invalid', 'unknown', 'valid'] as const)
    console.log(word, runs.filter(({ judged }) => judged.verdict === word).length);
}
