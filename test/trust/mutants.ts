/** Changes every event of an honest run in every way: `npx tsx test/trust/mutants.ts [profile] [seed]`. Prints what stayed valid. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checker } from '../../harness/checker/checker.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { readHistory } from '../../harness/history/reader.ts';
import { PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { mutated, MUTATIONS, sortOf } from '../../properties/support/mutations.ts';
import { judge, resolvedOf } from './cell.ts';
import { drawn } from './matrix.ts';
import { configOf } from './readable.ts';

/** What an honest run writes. */
export async function honestHistory(
  profile: ProfileName,
  seed: number,
  faults = 'none',
): Promise<HistoryEvent[]> {
  const out = await mkdtemp(join(tmpdir(), 'onceproof-mutants-'));
  const edge = await startEdge({ contract: PROFILES[profile] });
  try {
    const usual = configOf(edge, 'ledger + list + balance', profile);
    // Its lists do not lag: what one of them lacks is not excused.
    const config = resolvedOf({ ...usual, limits: { ...usual.limits, readLagMs: 0 } });
    const { verdict, why } = await judge(config, { scenario: 'soak', seed, faults, intents: 20, out });
    if (verdict !== 'valid') throw new Error(`the honest run is ${verdict}: ${why}`);
    const [folder] = (await readdir(join(out, 'soak'))).filter((name) => name !== 'latest');
    const file = join(out, 'soak', folder ?? '', 'history.ndjson');
    const events: HistoryEvent[] = [];
    for await (const event of readHistory(file)) events.push(event);
    return events;
  } finally {
    await edge.close();
    await rm(out, { recursive: true, force: true });
  }
}

export interface MutantRow {
  readonly mutation: string;
  readonly sort: string;
  readonly total: number;
  readonly valid: number;
}

export function verdictOf(events: Iterable<HistoryEvent>): string {
  const checker = new Checker();
  for (const event of events) checker.push(event);
  return checker.finish({ torn: [] }).verdict;
}

/** Every change of every event (or of every n-th); counted by what was changed. */
export function judgeMutants(events: readonly HistoryEvent[], every = 1, until = Infinity): MutantRow[] {
  const rows = new Map<string, { mutation: string; sort: string; total: number; valid: number }>();
  const indices = [...events.keys()].filter((index) => index % every === 0);
  for (const index of until === Infinity ? indices : drawn(indices, '')) {
    if (performance.now() > until) break;
    for (const mutation of MUTATIONS) {
      const changed = mutated(events, index, mutation);
      if (!changed) continue;
      const name = `${mutation.name} of ${sortOf(events, index)}`;
      const row = rows.get(name) ?? {
        mutation: mutation.name,
        sort: sortOf(events, index),
        total: 0,
        valid: 0,
      };
      rows.set(name, row);
      row.total += 1;
      if (verdictOf(changed) === 'valid') row.valid += 1;
    }
  }
  return [...rows.values()];
}

if (process.argv[1]?.endsWith('trust/mutants.ts')) {
  const [profile = 'seed', seed = '1'] = process.argv.slice(2);
  const events = await honestHistory(profile as ProfileName, Number(seed));
  const rows = judgeMutants(events);
  for (const { mutation, sort, total, valid } of rows)
    if (valid > 0) console.log(`${mutation} of ${sort}: ${valid} of ${total} still valid`);
  const [total, valid] = [
    rows.reduce((sum, row) => sum + row.total, 0),
    rows.reduce((sum, row) => sum + row.valid, 0),
  ];
  console.log(`${events.length} events, ${total} mutants, ${valid} still valid`);
}
