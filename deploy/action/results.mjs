// What a run left behind. Plain JavaScript on Node's own modules: an action installs nothing before it runs.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Each run below `out` that was judged since `sinceMs`: its folder, its verdict, its summary. The latest last. */
export function runsBelow(out, sinceMs = 0) {
  const folders = foldersIn(out)
    .filter((scenario) => scenario !== 'latest')
    .flatMap((scenario) => foldersIn(join(out, scenario)).map((run) => join(out, scenario, run)));
  return folders
    .filter((dir) => existsSync(join(dir, 'verdict.json')))
    .map((dir) => ({ dir, atMs: statSync(join(dir, 'verdict.json')).mtimeMs }))
    .filter(({ atMs }) => atMs >= sinceMs)
    .toSorted((one, two) => one.atMs - two.atMs)
    .map(({ dir }) => ({
      dir,
      verdict: JSON.parse(readFileSync(join(dir, 'verdict.json'), 'utf8')),
      summary: existsSync(join(dir, 'summary.md')) ? readFileSync(join(dir, 'summary.md'), 'utf8') : '',
    }));
}

/** invalid before unknown before valid; undefined where there is no verdict. */
export function worstOf(runs) {
  const words = runs.map(({ verdict }) => verdict.verdict);
  return ['invalid', 'unknown', 'valid'].find((word) => words.includes(word));
}

/** Those that are worst, the smallest incident first. */
export function worstRuns(runs) {
  const word = worstOf(runs);
  const size = ({ verdict }) =>
    Math.min(...(verdict.incidents ?? []).map(({ smallest }) => smallest.requests), Infinity);
  return runs.filter(({ verdict }) => verdict.verdict === word).toSorted((one, two) => size(one) - size(two));
}

/** The same run again, by its seed. */
export function commandOf({ verdict: { run } }, target) {
  const words = ['npx', 'onceproof', ...(run.engine === 'sweep' ? ['sweep'] : ['run', run.scenario])];
  if (target) words.push('--target', target);
  if (run.engine !== 'sweep') words.push('--faults', run.faults);
  return [...words, '--seed', run.seed].map(quoted).join(' ');
}

function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${String(word).replaceAll("'", `'\\''`)}'`;
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
