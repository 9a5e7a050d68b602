/** Draws the tables of docs/trust.md. */

import type { Redundant } from '../../properties/support/redundant.ts';
import { isRedundant } from '../../properties/support/redundant.ts';
import type { JudgedCell } from './liars.ts';
import type { MutantRow } from './mutants.ts';
import { READABLES, readsEffects } from './readable.ts';
import type { SeededRun } from './seeded.ts';
import type { JudgedTwin } from './twins.ts';
import { UNKNOWABLE, unknowable } from './unknowable.ts';

/** Where the figures come from. */
export interface Told {
  readonly command: string;
  readonly commit: string;
  readonly seed: number;
}

type Row = readonly (string | number)[];

export function liarTables(cells: readonly JudgedCell[], { seed }: Told): string[] {
  const knowable = cells.filter(({ liar, readable }) => unknowable(liar.name, readable) === undefined);
  const readable = knowable.filter((cell) => readsEffects(cell.readable));
  const missed = knowable.filter(({ judged }) => judged.verdict === 'valid');
  const unknown = knowable.filter(({ judged }) => judged.verdict === 'unknown');
  const names = [...new Set(cells.map(({ liar }) => liar.name))];
  const marks = { invalid: 'i', unknown: 'u', valid: '**V**' } as const;
  return [
    '## Liars: never valid',
    '',
    `${names.length} right endpoints behind an edge that lies in one way, ${cells.length} cells, seed ${seed}. ${share(readable, 'invalid')} of the ${readable.length} cells in which somebody could know and ledger or list can be read are invalid; ${missed.length} of ${knowable.length} are valid, which is a miss; ${unknown.length} are unknown.`,
    '',
    'One letter a profile (seed, ietf, stripe): i invalid, u unknown, **V** valid; - nobody could know; empty: not judged.',
    '',
    ...table(
      ['liar', 'what it does', ...READABLES],
      names.map((name) => [
        name,
        cells.find(({ liar }) => liar.name === name)?.liar.description ?? '',
        ...READABLES.map((each) =>
          cells
            .filter((cell) => cell.liar.name === name && cell.readable === each)
            .map(({ judged }) =>
              unknowable(name, each) !== undefined && judged.verdict !== 'invalid'
                ? '-'
                : marks[judged.verdict],
            )
            .join(' '),
        ),
      ]),
    ),
    '### What nobody could know',
    '',
    ...table(
      ['liar', 'where', 'why'],
      UNKNOWABLE.map(({ liar, readables, why }) => [liar, readables.join('; '), why]),
    ),
    ...listed(
      'Unknown, and why',
      ['liar', 'where', 'profile', 'why'],
      unknown.map(({ liar, readable: where, profile, judged }) => [liar.name, where, profile, judged.why]),
    ),
    ...listed(
      'Misses',
      ['liar', 'where', 'profile'],
      missed.map(({ liar, readable: where, profile }) => [liar.name, where, profile]),
    ),
  ];
}

export function twinTables(cells: readonly JudgedTwin[], { seed }: Told): string[] {
  const names = [...new Set(cells.map(({ twin }) => twin.name))];
  const of = (name: string, verdict: string) =>
    cells.filter(({ twin, judged }) => twin.name === name && judged.verdict === verdict).length;
  const rest = cells.filter(({ judged }) => judged.verdict !== 'valid');
  return [
    '## Twins: never invalid',
    '',
    `${names.length} right endpoints that are unusual, ${cells.length} cells, seed ${seed}: every scenario in turn, every other cell with light faults. ${share(cells, 'valid')} valid.`,
    '',
    ...table(
      ['twin', 'what is unusual', 'cells', 'valid', 'unknown', 'invalid'],
      names.map((name) => [
        name,
        cells.find(({ twin }) => twin.name === name)?.twin.description ?? '',
        cells.filter(({ twin }) => twin.name === name).length,
        of(name, 'valid'),
        of(name, 'unknown'),
        of(name, 'invalid'),
      ]),
    ),
    ...listed(
      'Not valid, and why',
      ['twin', 'where', 'profile', 'scenario', 'faults', 'verdict', 'why'],
      rest.map(({ twin, readable, profile, scenario, faults, judged }) => [
        twin.name,
        readable,
        profile,
        scenario,
        faults,
        judged.verdict,
        judged.why,
      ]),
    ),
  ];
}

export function runTables(runs: readonly SeededRun[], { seed }: Told): string[] {
  const rest = runs.filter(({ judged }) => judged.verdict !== 'valid');
  return [
    '## Seeded runs of the right endpoint',
    '',
    `${runs.length} runs, seeds ${seed} to ${seed + runs.length - 1}, three profiles, six shapes of config, light and heavy faults: ${runs.length - rest.length} valid, ${count(rest, 'unknown')} unknown, ${count(rest, 'invalid')} invalid.`,
    '',
    ...listed(
      'Not valid, and why',
      ['seed', 'where', 'profile', 'scenario', 'faults', 'verdict', 'why'],
      rest.map((run) => [
        run.seed,
        run.readable,
        run.profile,
        run.scenario,
        run.faults,
        run.judged.verdict,
        run.judged.why,
      ]),
    ),
  ];
}

export function mutantTables(
  byProfile: ReadonlyMap<string, readonly MutantRow[]>,
  redundant: readonly Redundant[],
  { seed }: Told,
): string[] {
  const rows = [...byProfile].flatMap(([profile, each]) => each.map((row) => ({ profile, ...row })));
  const survivors = rows.filter(({ valid }) => valid > 0);
  const missed = survivors.filter(({ mutation, sort }) => !isRedundant(mutation, sort));
  const sum = (
    each: readonly { readonly total: number; readonly valid: number }[],
    what: 'total' | 'valid',
  ) => each.reduce((all, row) => all + row[what], 0);
  return [
    '## Mutants of honest histories',
    '',
    `One soak of the right endpoint a profile, seed ${seed}; each of its events changed, dropped and doubled, with the counts of the end put right: ${sum(rows, 'total')} histories, ${sum(survivors, 'valid')} still valid, ${sum(missed, 'valid')} of them not by the list of redundant changes.`,
    '',
    '### Redundant changes',
    '',
    ...table(
      ['change', 'of', 'why it may stay valid'],
      redundant.map(({ mutation, sorts, why }) => [mutation, sorts.join('; '), why]),
    ),
    ...listed(
      'Still valid beyond that',
      ['profile', 'change', 'of', 'still valid', 'of so many'],
      missed.map(({ profile, mutation, sort, valid, total }) => [profile, mutation, sort, valid, total]),
    ),
  ];
}

type Judgeable = { readonly judged: { readonly verdict: string } };

function count(cells: readonly Judgeable[], verdict: string): number {
  return cells.filter(({ judged }) => judged.verdict === verdict).length;
}

function share(cells: readonly Judgeable[], verdict: string): string {
  return `${((100 * count(cells, verdict)) / Math.max(1, cells.length)).toFixed(1)} %`;
}

function listed(title: string, head: readonly string[], rows: readonly Row[]): string[] {
  return [`### ${title}`, '', ...(rows.length === 0 ? ['None.', ''] : table(head, rows))];
}

function table(head: readonly string[], rows: readonly Row[]): string[] {
  const line = (cells: Row) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
