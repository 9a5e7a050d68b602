/** Tries one cell by hand, KEEP=1 keeps its folder: `npx tsx test/trust/try.ts <liar or twin> [readable] [profile] [scenario] [faults] [seed]`. */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProfileName } from '../../harness/model/contract.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import { judgeLiar } from './liars.ts';
import type { Readable } from './readable.ts';
import { judgeTwin } from './twins.ts';
import { TWINS } from './twins/index.ts';

const [name = 'right', place = 'ledger + list + balance', by = 'seed', asked, faults = 'none', seed = '1'] =
  process.argv.slice(2);
const [readable, profile] = [place as Readable, by as ProfileName];
const liar = LIARS.find((each) => each.name === name);
const twin = TWINS.find((each) => each.name === name);
const scenario = asked ?? liar?.scenarios[0] ?? 'soak';
const out = process.env['KEEP'] === undefined ? undefined : await mkdtemp(join(tmpdir(), 'onceproof-kept-'));
if (out !== undefined) console.log(out);
const done = liar
  ? await judgeLiar({ liar, readable, profile, scenario, faults }, Number(seed), out)
  : twin && (await judgeTwin({ twin, readable, profile, scenario, faults }, Number(seed), out));
if (!done) throw new Error(`nothing is called ${name}`);
const { verdict, rules, why, ms, whole } = done.judged;
const { counts, unjudged, violations } = whole ?? {};
console.log(
  JSON.stringify({ verdict, rules, why, ms, counts, unjudged, violations: violations?.slice(0, 3) }, null, 1),
);
