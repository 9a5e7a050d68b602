/**
 * `npm run trust [-- --sample] [--every N] [--seed N] [--runs N] [--minutes N]`: judges liars, twins, seeded runs and mutants in this process, and
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
import { toldOfLiar, toldOfTwin } from './asked.ts';
import { judgeLiars, liarCells } from './liars.ts';
import { honestHistory, judgeMutants, type MutantRow } from './mutants.ts';
import { drawn } from './matrix.ts';
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
    // Nothing is begun after so long; what was not judged is counted in the tables. 0: all of it.
    minutes: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed);
const isSample = values.sample;
const every = Number(values.every);
const minutes = Number(values.minutes);
const thinned = <Item>(items: readonly Item[]) => items.filter((_, index) => index % every === 0);

const say = (text: string) => void process.stderr.write(`${text}\n`);
const startedAt = performance.now();
/** When this share of the time is over. */
const until = (share: number) => (minutes === 0 ? Infinity : startedAt + share * minutes * 60_000);
/** What the time does not suffice for is drawn by the seed. */
const inTurn = <Item>(items: readonly Item[]): readonly Item[] =>
  minutes === 0 ? items : drawn(items, String(seed));
const flags = `${isSample ? ' --sample' : ''}${every === 1 ? '' : ` --every ${every}`} --seed ${values.seed} --runs ${values.runs}${minutes === 0 ? '' : ` --minutes ${minutes}`}`;
const told: Told = {
  command: `npm run trust --${flags}`,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  seed,
};

const asked = {
  liars: inTurn(thinned(liarCells(LIARS, isSample))),
  twins: inTurn(thinned(twinCells(TWINS, isSample))),
};
const liars = await judgeLiars(asked.liars, seed, (cell) => say(toldOfLiar(cell, seed)), until(0.5));
say(`${liars.length} cells of liars`);
const twins = await judgeTwins(asked.twins, seed, (cell) => say(toldOfTwin(cell, seed)), until(0.8));
say(`${twins.length} cells of twins`);
const runs = await seededRuns(Number(values.runs), seed, () => {}, until(0.93));
say(`${runs.length} seeded runs`);
const mutants = new Map<string, readonly MutantRow[]>();
for (const [index, profile] of PLAYED.entries())
  mutants.set(
    profile,
    judgeMutants(
      await honestHistory(profile, seed),
      every,
      until(0.95 + 0.05 * ((index + 1) / PLAYED.length)),
    ),
  );
say(`mutants of ${mutants.size} runs`);

const asks = [
  [liars.length, asked.liars.length, 'cells of liars'],
  [twins.length, asked.twins.length, 'cells of twins'],
  [runs.length, Number(values.runs), 'seeded runs'],
] as const;
const shortage = asks.every(([done, all]) => done === all)
  ? ''
  : `**The ${minutes} minutes were over after ${asks.map(([done, all, what]) => `${done} of ${all} ${what}`).join(', ')}, drawn by the seed.** `;

const text = [
  '# What a verdict is worth',
  '',
  `${shortage}${every === 1 ? '' : `**A look at every ${every}th cell only.** `}Written by \`${told.command}\` at commit ${told.commit}; every run has the seed that its table names. Nothing here is written by hand.`,
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
