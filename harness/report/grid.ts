/** The picture of a sweep as plain data: one row a message, one column a kind. Terminal and page draw it. Pure. */

import { SWEEP_KINDS, WAY_TEXT, type Spot, type SweepKind, type SweepStand } from '../model/stand.ts';
import type { StandState, SweepSummary } from '../model/verdict.ts';

/** `broken` is stronger than how the stand ended; `none`: no such stand was chosen. */
export type CellState = StandState | 'broken' | 'none';

export interface GridCell {
  readonly state: CellState;
  readonly kind: SweepKind;
  /** Absent where there is no stand. */
  readonly stand?: SweepStand;
  readonly rules: readonly string[];
}

export interface GridRow {
  readonly spot: Spot;
  readonly cells: readonly GridCell[];
}

export interface GridGroup {
  readonly title: string;
  readonly rows: readonly GridRow[];
}

export interface Grid {
  readonly kinds: readonly SweepKind[];
  readonly groups: readonly GridGroup[];
}

export const STATE_MARK: Readonly<Record<CellState, string>> = {
  held: '●',
  serialised: '◐',
  queued: '◑',
  unstable: '○',
  unreached: '·',
  broken: '✗',
  none: ' ',
};

export const STATE_TEXT: Readonly<Record<Exclude<CellState, 'none'>, string>> = {
  held: 'held: stood there, and no rule was broken',
  serialised: 'serialised: the other request waited for the first',
  queued: 'queued behind on a shared connection, and came right after',
  unstable: 'not met in three tries',
  unreached: 'not reached',
  broken: 'broken: a rule was violated',
};

/** What a head of a column says, in a few letters. */
export const KIND_SHORT: Readonly<Record<SweepKind, string>> = {
  'cut-before': 'cut before',
  'cut-after': 'cut after',
  'reply-held': 'reply held',
  'kill-before': 'kill before',
  'kill-after': 'kill after',
  paused: 'paused',
  'client-retries': 'client comes again',
  'same-key': 'same key',
  'same-key-elsewhere': 'same key, other replica',
  'other-key': 'other key',
  'other-payload': 'other payload',
  'last-points': 'last points',
  read: 'read',
  'past-lease': 'past the lease',
  'past-expiry': 'past expiry',
};

export function gridOf({ stands, ways }: SweepSummary): Grid {
  const kinds = SWEEP_KINDS.filter((kind) => stands.some((stand) => stand.kind === kind));
  const groups: GridGroup[] = [];
  for (const { way, messages } of ways)
    groups.push(
      group(
        WAY_TEXT[way],
        messages,
        kinds,
        stands.filter((stand) => stand.way === way),
      ),
    );
  const recoveries = new Map<string, Taken[]>();
  for (const stand of stands) {
    if (stand.after === undefined) continue;
    const title = `the retry, after ${KIND_SHORT[stand.after.kind]} ${stand.after.k} ${stand.after.name}`;
    recoveries.set(title, [...(recoveries.get(title) ?? []), stand]);
  }
  for (const [title, taken] of recoveries) groups.push(group(title, spotsOf(taken), kinds, taken));
  return { kinds, groups: groups.filter(hasStands) };
}

/** A way of which the budget took nothing would be a field of blanks. */
function hasStands({ rows }: GridGroup): boolean {
  return rows.some(({ cells }) => cells.some(({ state }) => state !== 'none'));
}

type Taken = SweepSummary['stands'][number];

function group(
  title: string,
  messages: readonly Spot[],
  kinds: readonly SweepKind[],
  stands: readonly Taken[],
): GridGroup {
  const rows = messages.map((spot) => ({
    spot,
    cells: kinds.map((kind) =>
      cellOf(
        kind,
        stands.find((stand) => stand.kind === kind && stand.k === spot.k && stand.door === spot.door),
      ),
    ),
  }));
  return { title, rows };
}

function cellOf(kind: SweepKind, stand: Taken | undefined): GridCell {
  if (stand === undefined) return { kind, state: 'none', rules: [] };
  const rules = stand.broken ?? [];
  return { kind, stand, rules, state: rules.length > 0 ? 'broken' : stand.state };
}

function spotsOf(stands: readonly Taken[]): Spot[] {
  const spots = new Map<string, Spot>();
  for (const { door, k, name } of stands) spots.set(`${door} ${k}`, { door, k, name });
  return [...spots.values()].toSorted((a, b) => a.door.localeCompare(b.door) || a.k - b.k);
}

/** `58 of 58 known stands`, and what is worth knowing of them. */
export function coverageText({ met, known, serialised, unstable, unreached }: SweepSummary): string {
  const more = [
    ...(serialised > 0 ? [`${serialised} of them serialised`] : []),
    ...(unstable > 0 ? [`${unstable} unstable`] : []),
    ...(unreached > 0 ? [`${unreached} not reached`] : []),
  ];
  return [`${met} of ${known} known stands`, ...more].join(', ');
}
