/** Tries one cell by hand, KEEP=1 keeps its folder: `npx tsx test/trust/try.ts <liar | honest> [readable] [profile] [scenario] [seed]`. */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import { judge, resolvedOf } from './cell.ts';
import { configOf, LISTED, type Readable } from './readable.ts';

const [name = 'honest', readable = 'ledger + list + balance', profile = 'seed', scenario, seed = '1'] =
  process.argv.slice(2);
const liar = LIARS.find((each) => each.name === name);
if (!liar && name !== 'honest') throw new Error(`no liar is called ${name}`);
const edge = await startEdge({
  contract: PROFILES[profile as ProfileName],
  ...(liar && { liar }),
  customers: LISTED,
});
const config = resolvedOf(configOf(edge, readable as Readable, profile as ProfileName));
const out = process.env['KEEP'] === undefined ? undefined : await mkdtemp(join(tmpdir(), 'onceproof-kept-'));
const judged = await judge(config, {
  scenario: scenario ?? liar?.scenarios[0] ?? 'soak',
  seed: Number(seed),
  intents: 24,
  ...(out !== undefined && { out }),
});
await edge.close();
const { verdict, rules, why, ms, whole } = judged;
console.log(
  JSON.stringify({ verdict, rules, why, ms, counts: whole.counts, unjudged: whole.unjudged }, null, 1),
);
