/** What the parts found of one history, as one thread would have found it: by the places at which it was found. */

import {
  KEPT_UNJUDGED,
  KEPT_VIOLATIONS,
  type DoubtOf,
  type FindingsPart,
  type UnjudgedOf,
} from '../findings.ts';
import type { Group, IncidentsPart } from '../incidents.ts';
import { KEPT_STRANGE } from '../namespaces.ts';
import type { PartResult, Tellings } from './part.ts';
import { Unusual } from './unusual.ts';

/** Whether the place comes before the first violation that any other part found. */
function isFirst(place: number, of: number, results: readonly PartResult[]): boolean {
  return results.every(({ findings }, part) => {
    const first = findings.violations[0]?.place ?? Infinity;
    return part === of || place < first;
  });
}

/** A second opinion that one thread would not have asked for, since something had been found elsewhere. */
export function assertFirstOpinions(results: readonly PartResult[]): void {
  for (const [part, { findings }] of results.entries()) {
    const [first] = findings.violations;
    if (findings.isFirstBySecondOpinion && first !== undefined && !isFirst(first.place, part, results))
      throw new Unusual('a second opinion where there was a first');
  }
}

/** Which strange names each part has to tell of, told at places from `place` on. */
export function tellingsOf(results: readonly PartResult[], place: number): Tellings[] {
  const counts = (space: string, at: number, part: number): boolean =>
    space !== 'keys' || isFirst(at, part, results);
  const ours = new Set<string>();
  for (const [part, { names }] of results.entries())
    for (const name of names.ours) if (counts(name.space, name.place, part)) ours.add(name.space);
  const strange = results.flatMap(({ names }, part) =>
    names.strange
      .map((name, index) => ({ ...name, part, index }))
      .filter((name) => counts(name.space, name.place, part)),
  );
  const isCut = results.some(
    ({ names }, part) =>
      names.strange.length >= KEPT_STRANGE &&
      names.strange.some((name) => !counts(name.space, name.place, part)),
  );
  if (isCut) throw new Unusual('many names that one thread would not have looked at');
  const told = results.map((): { index: number; place: number }[] => []);
  const kept = strange.toSorted((one, two) => one.place - two.place).slice(0, KEPT_STRANGE);
  for (const [rank, { part, index, space }] of kept.entries())
    if (ours.has(space)) told[part]?.push({ index, place: place + rank });
  return told;
}

/** In the order of their places; the lists of each part are in that order already. */
function byPlace<Placed extends { readonly place: number }>(lists: readonly (readonly Placed[])[]): Placed[] {
  return lists.flat().toSorted((one, two) => one.place - two.place);
}

export function joinFindings(parts: readonly FindingsPart[]): FindingsPart {
  const coverage = new Map<FindingsPart['coverage'][number][0], number>();
  for (const [name, count] of parts.flatMap((part) => part.coverage))
    coverage.set(name, (coverage.get(name) ?? 0) + count);
  const counts = new Map<string, { name: string; count: number; place: number }>();
  for (const one of byPlace(parts.map((part) => part.counts))) {
    const known = counts.get(one.name);
    if (known) known.count += one.count;
    else counts.set(one.name, { ...one });
  }
  const doubts = new Map<string, DoubtOf>();
  for (const one of byPlace(parts.map((part) => part.doubts))) {
    const known = doubts.get(one.kind);
    doubts.set(one.kind, known ? { ...known, count: known.count + one.count } : one);
  }
  return {
    violations: byPlace(parts.map((part) => part.violations)).slice(0, KEPT_VIOLATIONS),
    violationCount: parts.reduce((sum, part) => sum + part.violationCount, 0),
    isFirstBySecondOpinion: false,
    coverage: [...coverage],
    counts: [...counts.values()],
    doubts: [...doubts.values()],
    unjudged: joinUnjudged(parts),
  };
}

function joinUnjudged(parts: readonly FindingsPart[]): UnjudgedOf[] {
  const joined = new Map<string, UnjudgedOf>();
  for (const one of byPlace(parts.map((part) => part.unjudged))) {
    const name = `${one.rule}: ${one.why}`;
    const known = joined.get(name);
    if (known === undefined && joined.size >= KEPT_UNJUDGED) continue;
    joined.set(name, known === undefined ? one : { ...known, customers: bothOf(known, one) });
  }
  return [...joined.values()].map((one) => {
    if (one.customers === undefined) return one;
    const first = [...one.customers].toSorted(([, here], [, there]) => here - there);
    return { ...one, customers: new Map(first.slice(0, KEPT_UNJUDGED)) };
  });
}

/** What holds of the whole run holds of everybody. */
function bothOf(one: UnjudgedOf, two: UnjudgedOf): UnjudgedOf['customers'] {
  if (one.customers === undefined || two.customers === undefined) return undefined;
  const both = new Map(one.customers);
  for (const [customer, place] of two.customers)
    both.set(customer, Math.min(place, both.get(customer) ?? Infinity));
  return both;
}

/** The groups of all parts. `findings`: of the same parts; a story is told of a violation that is kept after all. */
export function joinGroups(parts: readonly IncidentsPart[], findings: readonly FindingsPart[]): Group[] {
  const kept = new Map(
    byPlace(
      findings.map(({ violations }, part) =>
        violations.map(({ place }, index) => ({ place, name: `${part}/${index}` })),
      ),
    )
      .slice(0, KEPT_VIOLATIONS)
      .map(({ name }, index) => [name, index]),
  );
  const joined = new Map<string, Group>();
  const groups = byPlace(parts.map(({ groups }, part) => groups.map((group) => ({ ...group, part }))));
  for (const { part, place: _place, ...group } of groups) {
    const shown = group.shown.flatMap((one) => {
      const place = kept.get(`${part}/${one.kept}`);
      return place === undefined ? [] : [{ ...one, kept: place }];
    });
    const known = joined.get(group.name);
    joined.set(
      group.name,
      known === undefined
        ? { ...group, shown }
        : {
            ...known,
            rules: new Set([...known.rules, ...group.rules]),
            cases: known.cases + group.cases,
            violations: known.violations + group.violations,
            onSeveralReplicas: known.onSeveralReplicas + group.onSeveralReplicas,
            shown: [...known.shown, ...shown].toSorted((one, two) => one.place - two.place),
          },
    );
  }
  return [...joined.values()];
}
