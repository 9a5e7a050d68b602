/** Cells become a matrix: what was caught on how many seeds, by which rule, after how much, and what was told wrongly. Pure. */

import {
  RIGHT,
  wayName,
  type CellNotRun,
  type CellResult,
  type DefectFacts,
  type Detection,
  type DetectionRow,
  type DetectionWord,
  type RightFigures,
  type RowState,
  type WayFigures,
} from '../model/detection.ts';

/** A defect that is caught on fewer of its seeds than this is missed. */
export const LEAST_SHARE = 0.9;

type Figures = Pick<Detection, 'result' | 'rows' | 'right' | 'alarms'>;

export function matrixOf(
  defects: readonly DefectFacts[],
  cells: readonly CellResult[],
  notRun: readonly CellNotRun[],
): Figures {
  const rows = defects.map((defect) => rowOf(defect, cells, notRun));
  const ofRight = cells.filter(({ subject }) => subject === RIGHT);
  const right = rightOf(ofRight);
  const alarms = ofRight.filter(({ verdict }) => verdict !== 'valid');
  return { rows, right, alarms, result: resultOf(rows, right, notRun) };
}

/** What is known to be wrong comes before what is not known; what the harness could not do before both. */
function resultOf(
  rows: readonly DetectionRow[],
  right: readonly RightFigures[],
  notRun: readonly CellNotRun[],
): DetectionWord {
  if (notRun.some(({ hasFailed }) => hasFailed)) return 'failed';
  if (right.some(({ alarms }) => alarms > 0) || rows.some(({ state }) => state === 'missed')) return 'missed';
  const isOpen = notRun.length > 0 || right.some(({ unknown }) => unknown > 0);
  return isOpen || rows.length === 0 || rows.some(({ state }) => state === 'undecided')
    ? 'undecided'
    : 'caught';
}

function rowOf(
  defect: DefectFacts,
  cells: readonly CellResult[],
  notRun: readonly CellNotRun[],
): DetectionRow {
  const own = cells.filter(({ subject }) => subject === defect.name);
  const left = notRun.filter(({ subject }) => subject === defect.name);
  const seeds = new Set([...own, ...left].map(({ seed }) => seed));
  const caught = seedsOf(own.filter(({ caughtBy }) => caughtBy !== undefined));
  // A seed on which a way was left out, or had too thin an evidence, says nothing as long as nothing was caught on it.
  const thin = seedsOf(
    own.filter(({ verdict, caughtBy }) => verdict === 'unknown' && caughtBy === undefined),
  );
  const open = new Set([...seedsOf(left), ...thin].filter((seed) => !caught.has(seed)));
  const ways = waysOf(own);
  const caughtWays = ways.filter(({ caught }) => caught > 0);
  const [cheapest] = caughtWays.toSorted(
    (one, two) =>
      two.caught / two.seeds - one.caught / one.seeds ||
      (one.requests ?? Infinity) - (two.requests ?? Infinity),
  );
  const otherRules = new Set(
    own.flatMap(({ rules }) => rules.filter((rule) => !defect.rules.includes(rule))),
  );
  return {
    defect,
    state: stateOf(caught.size, open.size, seeds.size),
    caught: caught.size,
    seeds: seeds.size,
    ways,
    ...(cheapest && { cheapest }),
    otherRules: [...otherRules],
  };
}

function stateOf(caught: number, open: number, seeds: number): RowState {
  const least = seeds * LEAST_SHARE;
  // Even if it were caught on all that are open, it would be too few.
  if (caught + open < least) return 'missed';
  return seeds === 0 || caught < least ? 'undecided' : 'caught';
}

function seedsOf(cells: readonly { readonly seed: number }[]): ReadonlySet<number> {
  return new Set(cells.map(({ seed }) => seed));
}

function waysOf(cells: readonly CellResult[]): readonly WayFigures[] {
  return [...byWay(cells)].map(([way, of]) => {
    const caught = of.filter(({ caughtBy }) => caughtBy !== undefined);
    const requests = median(caught.flatMap((cell) => cell.requests ?? []));
    const seconds = median(caught.flatMap((cell) => cell.seconds ?? []));
    const rule = mostFrequent(caught.flatMap(({ caughtBy }) => caughtBy ?? []));
    return {
      way,
      seeds: of.length,
      caught: caught.length,
      ...(requests !== undefined && { requests }),
      ...(seconds !== undefined && { seconds }),
      ...(rule !== undefined && { rule }),
    };
  });
}

function rightOf(cells: readonly CellResult[]): readonly RightFigures[] {
  return [...byWay(cells)].map(([way, of]) => {
    const count = (word: string): number => of.filter(({ verdict }) => verdict === word).length;
    return {
      way,
      runs: of.length,
      valid: count('valid'),
      alarms: count('invalid'),
      unknown: count('unknown'),
    };
  });
}

function byWay(cells: readonly CellResult[]): ReadonlyMap<string, readonly CellResult[]> {
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const name = wayName(cell.way);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [cell]);
    else group.push(cell);
  }
  return groups;
}

/** Undefined of nothing; of an even number the lower of the two in the middle, so that it is one that was seen. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((one, two) => one - two)[Math.ceil(values.length / 2) - 1];
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted((one, two) => two[1] - one[1])[0]?.[0];
}
