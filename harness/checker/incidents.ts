/** Groups what the rules found by likely cause, as it is found. Bounded: many kinds are counted, the first are kept. */

import type { Circumstance, Incident } from '../model/incident.ts';
import type { SweepKind } from '../model/stand.ts';
import { RULES, type Rule, type Violation } from '../model/verdict.ts';
import type { CustomerCase } from './case.ts';
import { surroundingsOf, type Surroundings } from './circumstance.ts';
import type { Attempt } from './customer.ts';

const KEPT = 50;

/** What says most about a cause comes first: an effect before an answer, an answer before its form. */
const BY_WEIGHT: readonly Rule[] = [
  'double-debit',
  'duplicate-intent',
  'lost-debit',
  'key-scope',
  'payload-binding',
  'missing-key',
  'key-syntax',
  'expiry',
  'overdraft',
  'refused-but-done',
  'conservation',
  'process-death',
  'stuck',
  'unexpected-status',
  'false-duplicate',
  'same-answer',
  'replay-marker',
  'stale-read',
];

/** Two executions at once say more about a debit too many than a crash that fell beside them. */
const RACES: ReadonlySet<Rule> = new Set(['double-debit', 'overdraft', 'unexpected-status']);
const DOWN: ReadonlySet<Circumstance> = new Set(['server-down', 'store-down']);

/** Violations of one redemption, or of what belongs to none. */
interface Case {
  readonly violations: readonly Violation[];
  readonly attempts: readonly Attempt[];
}

export interface Group {
  readonly name: string;
  readonly rule: Rule;
  readonly circumstance: Circumstance;
  readonly stand: SweepKind | undefined;
  readonly rules: Set<Rule>;
  cases: number;
  violations: number;
  onSeveralReplicas: number;
  /** Cases whose story can be told, in the order in which they were found. Few: only so many violations are kept. */
  readonly shown: ShownCase[];
}

interface ShownCase {
  /** Which of the violations that are kept leads it. */
  readonly kept: number;
  readonly smallest: Incident['smallest'];
  readonly place: number;
}

/** What was grouped of a part of the customers, as plain data. */
export interface IncidentsPart {
  readonly groups: readonly (Group & { readonly place: number })[];
}

export class Incidents {
  readonly #groups = new Map<string, Group & { readonly place: number }>();
  readonly #standOf: (subject: string) => SweepKind | undefined;

  /** `standOf`: what was done at the stand that a name of an intent or a customer belongs to; undefined outside of a sweep. */
  constructor(standOf: (subject: string) => SweepKind | undefined = () => undefined) {
    this.#standOf = standOf;
  }

  /**
   * What the rules found at one customer. `keptAs`: where the verdict lists a violation, so that its story can be told; -1:
   * it does not.
   */
  add(
    violations: readonly Violation[],
    theCase: CustomerCase | undefined,
    keptAs: (violation: Violation) => number,
    place = 0,
  ): void {
    for (const one of casesOf(violations, theCase)) {
      const around: Surroundings =
        theCase === undefined
          ? { circumstances: [], requests: 0, isOnSeveralReplicas: false }
          : surroundingsOf(one.attempts, theCase);
      this.#count(one.violations, around, { keptAs, place });
    }
  }

  #count(
    violations: readonly Violation[],
    { circumstances, requests, isOnSeveralReplicas }: Surroundings,
    { keptAs, place }: { readonly keptAs: (violation: Violation) => number; readonly place: number },
  ): void {
    const rule = BY_WEIGHT.find((one) => violations.some((violation) => violation.rule === one));
    const leading = violations.find((violation) => violation.rule === rule);
    if (rule === undefined || leading === undefined) return;
    const circumstance = leadingOf(rule, circumstances);
    const stand = this.#standOf(leading.intent ?? leading.customer ?? '');
    const name = [rule, circumstance, ...(stand === undefined ? [] : [stand])].join('/');
    const group = this.#groupOf({ name, rule, circumstance, stand }, place);
    group.cases += 1;
    group.violations += violations.length;
    if (isOnSeveralReplicas) group.onSeveralReplicas += 1;
    for (const violation of violations) group.rules.add(violation.rule);
    const { intent, customer } = leading;
    const kept = keptAs(leading);
    if (kept < 0) return;
    group.shown.push({
      kept,
      place,
      smallest: {
        ...(intent !== undefined && { intent }),
        ...(customer !== undefined && { customer }),
        requests,
      },
    });
  }

  #groupOf(wanted: Pick<Group, 'name' | 'rule' | 'circumstance' | 'stand'>, place: number): Group {
    const known = this.#groups.get(wanted.name);
    if (known) return known;
    const group = {
      ...wanted,
      rules: new Set<Rule>(),
      cases: 0,
      violations: 0,
      onSeveralReplicas: 0,
      shown: [],
      place,
    };
    this.#groups.set(wanted.name, group);
    return group;
  }

  /** The heaviest rule first, then the most frequent. */
  all(): Incident<Rule>[] {
    return incidentsOf([...this.#groups.values()]);
  }

  part(): IncidentsPart {
    return { groups: [...this.#groups.values()] };
  }
}

/** The heaviest rule first, then the most frequent, then as they are given. */
export function incidentsOf(groups: readonly Group[]): Incident<Rule>[] {
  const weight = ({ rule }: Group): number => BY_WEIGHT.indexOf(rule);
  return [...groups]
    .toSorted((one, two) => weight(one) - weight(two) || two.cases - one.cases)
    .slice(0, KEPT)
    .map(({ name, rule, circumstance, cases, violations, onSeveralReplicas, rules, stand, shown }) => ({
      name,
      rule,
      circumstance,
      cases,
      violations,
      onSeveralReplicas,
      rules: RULES.filter((each) => rules.has(each)),
      ...(stand !== undefined && { stand }),
      smallest: smallestOf(shown),
    }));
}

/** Of equal ones the first. */
function smallestOf(shown: readonly ShownCase[]): Incident['smallest'] {
  let smallest: Incident['smallest'] | undefined;
  for (const one of shown)
    if (smallest === undefined || one.smallest.requests < smallest.requests) smallest = one.smallest;
  return smallest ?? { requests: 0 };
}

function leadingOf(rule: Rule, circumstances: readonly Circumstance[]): Circumstance {
  const isRace = RACES.has(rule) && circumstances.includes('overlap');
  return circumstances.find((one) => !(isRace && DOWN.has(one))) ?? 'alone';
}

/** By claim; what names no intent joins the customer's first claim that has something, since one cause broke both. */
function casesOf(violations: readonly Violation[], theCase: CustomerCase | undefined): Case[] {
  if (violations.length === 0) return [];
  if (theCase === undefined)
    return violations.map((violation) => ({ violations: [violation], attempts: [] }));
  const claims = new Map<string, readonly Attempt[]>();
  for (const { intents, attempts } of theCase.claims) for (const { id } of intents) claims.set(id, attempts);
  const groups = new Map<readonly Attempt[], Violation[]>();
  const others: Violation[] = [];
  for (const violation of violations) {
    const attempts = violation.intent === undefined ? undefined : claims.get(violation.intent);
    if (attempts === undefined) others.push(violation);
    else groups.set(attempts, [...(groups.get(attempts) ?? []), violation]);
  }
  const [first] = groups.values();
  if (others.length > 0 && first !== undefined) first.push(...others);
  else if (others.length > 0) groups.set(theCase.customer.attempts, others);
  return [...groups].map(([attempts, found]) => ({ attempts, violations: found }));
}
