/**
 * `npm run trust [-- --sample] [--every N] [--seed N] [--runs N]`: judges liars, twins, seeded runs and mutants in this process, and
 * writes what came out to docs/trust.md.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { REDUNDANT } from '../../properties/support/redundant.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import { PLAYED } from './cell.ts';
import { judgeLiars, liarCells } from './liars.ts';
import { honestHistory, judgeMutants, type MutantRow } from './mutants.ts';
import { liarTables, mutantTables, runTables, twinTables, type Told } from './tables.ts';
import { judgeTwins, twinCells } from './twins.ts';
import { TWINS } from './twins/index.ts';
import { seededRuns } from './seeded.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    sample: { type: 'boolean', default: false },
    // Every n-th cell and mutant only: a look that takes minutes, and says that it is one.
    every: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '200' },
  },
});
const seed = Number(values.seed);
const isSample = values.sample;
const every = Number(values.every);
const thinned = <Item>(items: readonly Item[]) => items.filter((_, index) => index % every === 0);

const say = (text: string) => void process.stderr.write(`${text}\n`);
const startedAt = performance.now();
const flags = `${isSample ? ' --sample' : ''}${every === 1 ? '' : ` --every ${every}`} --seed ${values.seed} --runs ${values.runs}`;
const told: Told = {
  command: `npm run trust --${flags}`,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  seed,
};

const liars = await judgeLiars(thinned(liarCells(LIARS, isSample)), seed);
say(`${liars.length} cells of liars`);
const twins = await judgeTwins(thinned(twinCells(TWINS, isSample)), seed);
say(`${twins.length} cells of twins`);
const runs = await seededRuns(Number(values.runs), seed);
say(`${runs.length} seeded runs`);
const mutants = new Map<string, readonly MutantRow[]>();
for (const profile of PLAYED) mutants.set(profile, judgeMutants(await honestHistory(profile, seed), every));
say(`mutants of ${mutants.size} runs`);

const text = [
  '# What a verdict is worth',
  '',
  `${every === 1 ? '' : `**A look at every ${every}th cell only.** `}Written by \`${told.command}\` at commit ${told.commit}; every run has the seed that its table names. Nothing here is written by hand.`,
  '',
  ...liarTables(liars, told),
  ...twinTables(twins, told),
  ...runTables(runs, told),
  ...mutantTables(mutants, REDUNDANT, told),
].join('\n');
const file = join(root, 'docs/trust.md');
const options = await prettier.resolveConfig(file);
writeFileSync(file, await prettier.format(text, { ...options, filepath: file }));
say(`docs/trust.md: ${Math.round((performance.now() - startedAt) / 1000)} s`);
