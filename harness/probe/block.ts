/** The `contract` of a config, as a probe saw it: the profile that is nearest, and the rows in which it differs. */

import { PLAYED_PROFILES, PROFILES, type Contract, type ProfileName } from '../model/contract.ts';
import type { Told } from './probe.ts';

/** Rows in the order of the contract; the value `unspecified` stands for what was not seen. */
export interface Block {
  readonly profile: ProfileName;
  readonly rows: Readonly<Partial<Contract>>;
  /** Of those, the ones that nothing was seen of. */
  readonly open: readonly (keyof Contract)[];
}

/** Says only what was seen: a row that nothing was seen of is open. `known`: the profile that the config starts from. */
export function blockOf(told: readonly Told[], contract: Contract, known?: ProfileName): Block {
  const seen = seenRows(told);
  const open = openRows(told, seen);
  const whole: Partial<Contract> = {
    keyHeader: contract.keyHeader,
    ...seen,
    ...Object.fromEntries(open.map((row) => [row, 'unspecified'])),
  };
  const profile = known ?? nearest(whole);
  const base: Contract = PROFILES[profile];
  const names = (Object.keys(base) as (keyof Contract)[]).filter((row) => row in whole);
  const rows = names.filter((row) => !isSameRow(whole[row], base[row]));
  return {
    profile,
    rows: Object.fromEntries(rows.map((row) => [row, whole[row]])),
    open: open.filter((row) => rows.includes(row)),
  };
}

/** As it stands in `onceproof.config.ts`. */
export function blockText({ profile, rows, open }: Block): string {
  const lines = Object.entries(rows).map(([row, value]) => {
    const isOpen = open.some((name) => name === row);
    return `  ${row}: ${written(value)},${isOpen ? ' // not seen' : ''}`;
  });
  return ['contract: {', `  profile: '${profile}',`, ...lines, '},'].join('\n');
}

function seenRows(told: readonly Told[]): Partial<Contract> {
  const rows: { -readonly [K in keyof Contract]?: Contract[K] } = {};
  // The first one that saw it: rows stand in the order of how much they say.
  for (const { row, seen } of told.toReversed()) {
    if (seen !== undefined && seen.trouble === undefined) Object.assign(rows, row.writes?.(seen.did));
  }
  if (rows.expiredKey === 'new') rows.tombstoneMs = 0;
  // Where no request names what it is for, two alike that are both done are all that there is to be seen of it.
  const isNameless = told.some(({ row, isNowhere }) => row.name === 'same-name' && isNowhere === true);
  if (isNameless && rows.duplicateWindowMs === 0) rows.duplicateIntent ??= 'uncovered';
  return rows;
}

function openRows(told: readonly Told[], seen: Partial<Contract>): (keyof Contract)[] {
  const open = told.flatMap(({ row }) => row.opens ?? []);
  return [...new Set(open)].filter((row) => !(row in seen));
}

function nearest(rows: Partial<Contract>): ProfileName {
  const distance = (name: ProfileName): number => {
    const base: Contract = PROFILES[name];
    return (Object.keys(rows) as (keyof Contract)[]).filter(
      (row) => rows[row] !== 'unspecified' && !isSameRow(rows[row], base[row]),
    ).length;
  };
  return PLAYED_PROFILES.toSorted((one, other) => distance(one) - distance(other))[0] ?? 'seed';
}

/** Header names are one in whatever letter case. */
function isSameRow(one: unknown, other: unknown): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one.toLowerCase() === other.toLowerCase();
  return JSON.stringify(one) === JSON.stringify(other);
}

function written(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${written(member)}`);
  return `{ ${members.join(', ')} }`;
}
