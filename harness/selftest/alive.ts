/** What lies told, and what was found, come to: which rules are alive. Pure. */

import type { DetectionWord } from '../model/detection.ts';
import type { ForgeryResult, Forging, RuleResult, UnforgedRun } from '../model/forging.ts';
import { RULES, type Rule, type Verdict } from '../model/verdict.ts';
import type { Forgery } from './forgery.ts';

/** How one lie did, over all runs in which it was told. */
export interface Tally {
  readonly forgery: Forgery;
  /** Why the config has no place for it. */
  readonly why?: string;
  readonly customers: number;
  readonly found: number;
  readonly fired: number;
  readonly otherRules: readonly string[];
}

/** Before it was told to anybody. */
export function untold(forgery: Forgery, why?: string): Tally {
  return { forgery, customers: 0, found: 0, fired: 0, otherRules: [], ...(why !== undefined && { why }) };
}

/** What a run says of the customers to whom a lie was told in it. */
export function tallied(
  forgery: Forgery,
  customers: readonly string[],
  { violations }: Pick<Verdict, 'violations'>,
): Tally {
  const rules = customers.map(
    (name) => new Set(violations.filter(({ customer }) => customer === name).map(({ rule }) => rule)),
  );
  const others = new Set(rules.flatMap((own) => [...own]));
  others.delete(forgery.rule);
  return {
    forgery,
    customers: customers.length,
    found: rules.filter(({ size }) => size > 0).length,
    fired: rules.filter((own) => own.has(forgery.rule)).length,
    otherRules: [...others],
  };
}

/** Of several runs in which one lie was told. */
export function together(before: Tally, now: Tally): Tally {
  return {
    ...now,
    customers: before.customers + now.customers,
    found: before.found + now.found,
    fired: before.fired + now.fired,
    otherRules: [...new Set([...before.otherRules, ...now.otherRules])],
  };
}

/** Of the rules that no run judges: only standing at messages does. */
const SWEEP_ONLY: Readonly<Partial<Record<Rule, string>>> = {
  'process-death': 'only a sweep over a `service` of the config judges it',
};

export function rulesOf(
  tallies: readonly Tally[],
  unforged: readonly Pick<Verdict, 'unjudged'>[],
): readonly RuleResult[] {
  return RULES.map((rule) => {
    const forgeries = tallies.filter(({ forgery }) => forgery.rule === rule).map(resultOf);
    const why = SWEEP_ONLY[rule] ?? unjudgedIn(unforged, rule);
    if (why !== undefined) return { rule, state: 'not-judgeable', why, forgeries: [] };
    if (forgeries.some(({ state }) => state === 'silent')) return { rule, state: 'dead', forgeries };
    if (forgeries.some(({ state }) => state === 'fired')) return { rule, state: 'alive', forgeries };
    const reason = forgeries.some(({ state }) => state === 'elsewhere')
      ? 'its lies were found by other rules only'
      : (forgeries.flatMap((one) => one.why ?? [])[0] ?? 'no lie of it could be told');
    return { rule, state: 'unproved', why: reason, forgeries };
  });
}

/** A rule that one of the runs judges is judgeable. */
function unjudgedIn(runs: readonly Pick<Verdict, 'unjudged'>[], rule: Rule): string | undefined {
  const whys = runs.map(
    ({ unjudged }) => unjudged.find((one) => one.rule === rule && one.customers === undefined)?.why,
  );
  return whys.every((why) => why !== undefined) ? whys[0] : undefined;
}

function resultOf({ forgery, why, ...figuresOf }: Tally): ForgeryResult {
  const { name, rule, text } = forgery;
  const { customers, found, fired } = figuresOf;
  const figures = { name, rule, text, ...figuresOf };
  if (why !== undefined) return { ...figures, state: 'impossible', why };
  if (customers === 0) return { ...figures, state: 'not-met', why: 'the traffic had no moment for it' };
  if (fired > 0) return { ...figures, state: 'fired' };
  return { ...figures, state: found > 0 ? 'elsewhere' : 'silent' };
}

/** A run without a lie that is not valid says that endpoint and config do not fit: nothing else counts then. */
export function resultOfAll(
  unforged: readonly UnforgedRun[],
  rules: readonly RuleResult[],
  strays: Forging['strays'],
  isBrokenOff: boolean,
): DetectionWord {
  if (unforged.some(({ verdict }) => verdict === 'invalid')) return 'missed';
  if (rules.some(({ state }) => state === 'dead') || strays.length > 0) return 'missed';
  const isOpen =
    isBrokenOff ||
    unforged.length === 0 ||
    unforged.some(({ verdict }) => verdict === 'unknown') ||
    rules.some(({ state }) => state === 'unproved') ||
    rules.every(({ state }) => state === 'not-judgeable');
  return isOpen ? 'undecided' : 'caught';
}
