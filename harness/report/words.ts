/** Sentences about verdicts, rules and moments that every report shares. Pure. */

import type { CoverageName } from '../checker/coverage.ts';
import { contractText } from './contract-text.ts';
import type { CoverageCount, Rule, ScriptException, Verdict, VerdictWord } from '../model/verdict.ts';
import { RULES } from '../model/verdict.ts';
import { duration, listed, number, plural } from './format.ts';

/** What each rule promises when it is held, for a table. */
export const RULE_TEXT: Readonly<Record<Rule, string>> = {
  'double-debit': 'no intent is debited more often than the contract permits',
  'lost-debit': 'what was answered 200 is debited and listed',
  conservation: 'start + credits - end is what was redeemed',
  overdraft: 'no balance below zero, no debit beyond it',
  'same-answer': 'all 200s of one key are the same answer',
  'replay-marker': 'a marked replay has no effect, a fresh execution is not marked',
  'refused-but-done': 'what was always refused left no effect',
  'key-scope': "no answer shows another customer's redemption, key or payload",
  'payload-binding': 'a key answers only for the payload that it came with',
  'key-syntax': 'a malformed key is refused',
  'missing-key': 'a missing key is treated as the contract says',
  expiry: 'a key replays before its time is over, and not after it',
  'duplicate-intent': 'one redemption under two keys is debited once',
  'false-duplicate': 'an honest second redemption is not refused as a duplicate',
  stuck: 'every intent is decided once the faults are over',
  'unexpected-status': 'no status or code outside the contract',
  'stale-read': 'after a 200, list and balance show it, and what the 200 says is left',
  'process-death': 'a process outlives a broken connection to its store or its clients',
};

/** What each coverage moment is, for people. */
const MOMENT_TEXT: Readonly<Record<CoverageName, string>> = {
  'intent-completed': 'an intent was carried to its end',
  retried: 'an attempt was retried',
  'replayed-answer': 'a finished answer was replayed',
  overlap: 'two attempts of one key were in flight together',
  'answer-lost-after-debit': 'an answer was lost after the debit',
  'crash-between-debit-and-reply': 'a crash fell between debit and reply',
  'other-replica': 'one key reached two replicas',
  'retry-other-replica': 'a retry met another replica than the attempt before it',
  'duplicate-delivered': 'a duplicate of a request was delivered',
  'late-duplicate': 'a duplicate came after the client had its answer',
  'hidden-resend': 'a request was resent without the client knowing',
  'expiry-before': 'a key was used just before it expired',
  'expiry-at': 'a key was used at the very moment of its expiry',
  'expiry-after': 'a key was used just after it expired',
  'expiry-in-flight': 'a key expired while its request was in flight',
  'expired-in-run': 'a key was used after it had expired on a running clock',
  'tombstone-end': "a key was used after its tombstone's end",
  'other-payload': 'a key came back with another payload',
  'other-customer': 'a key came from another customer',
  'reordered-payload': 'the same payload came in another order',
  'missing-key': 'a request came without a key',
  'malformed-key': 'a request came with a malformed key',
  'two-keys-one-intent': 'one intent was sent under two keys',
  'points-ran-out': 'the points ran out',
  'race-for-last-points': 'several intents raced for the last points',
  'server-down-in-flight': 'a server went down with a request in flight',
  'store-down-in-flight': 'the store went down with a request in flight',
  'restart-in-flight': 'replicas were restarted one after the other with a request in flight',
  'skewed-clock': 'a replica with a wrong clock got a request',
  'lease-outlasted': 'work on a key took longer than its lease',
  'another-envelope': 'a request repeated in another envelope',
  'changed-member': 'a key met with one member of its payload changed',
  'keys-alike': 'two keys that differ in little',
  'replayed-later': "a finished key asked again long after, or after its customer's state had changed",
  'burst-at-instant': 'attempts at an instant of the contract',
  'long-work': 'work on a key longer than a lease, and another attempt beside it',
  abandoned: 'a client gave up waiting and came back',
};

export function momentText(name: string): string {
  // A verdict that was saved by a later version may name others.
  return Object.hasOwn(MOMENT_TEXT, name) ? MOMENT_TEXT[name as CoverageName] : name.replaceAll('-', ' ');
}

export const WORD_MARK: Readonly<Record<VerdictWord, string>> = { valid: '✓', invalid: '✗', unknown: '?' };

/** One sentence under the verdict. */
export function headline(verdict: Verdict): string {
  const { counts } = verdict;
  const size = `${plural(counts.intents, 'intent')}, ${plural(counts.attempts, 'attempt')}, ${plural(counts.debits, 'debit')}`;
  if (verdict.verdict === 'invalid') {
    return `${violationsText(verdict)}, in ${size}`;
  }
  if (verdict.verdict === 'unknown') return `no violation seen in ${size}, but the evidence is too thin`;
  return `${size}; no rule was broken`;
}

/** `2 violations: double-debit 1, same-answer 1`. */
function violationsText(verdict: Verdict): string {
  const rules = brokenRules(verdict).map(({ rule, count }) => `${rule} ${number(count)}`);
  return `${plural(verdict.violationCount, 'violation')}: ${rules.join(', ')}`;
}

/** What one line of a list of runs has room for. */
export function shortHeadline(verdict: Verdict): string {
  const { counts, reasons } = verdict;
  if (verdict.verdict === 'invalid') return violationsText(verdict);
  const missed = missedCoverage(verdict).map((one) => one.name);
  if (verdict.verdict === 'unknown')
    return missed.length > 0 ? `never met: ${missed.join(', ')}` : (reasons[0] ?? 'the evidence is too thin');
  return `${plural(counts.intents, 'intent')}, ${plural(counts.attempts, 'attempt')}, ${plural(counts.debits, 'debit')}`;
}

/** What a valid run has shown, as one sentence; what an invalid or unknown one has not. */
export function proved(verdicts: readonly Verdict[]): string {
  const total = (name: string) => verdicts.reduce((sum, one) => sum + (one.counts[name] ?? 0), 0);
  const intents = total('intents');
  const unproved = verdicts.filter((one) => one.verdict !== 'valid');
  if (unproved.length > 0) {
    const broken = verdicts.filter((one) => one.verdict === 'invalid');
    if (broken.length > 0) return `Disproved: ${listed(broken.map(brokenText))}.`;
    const names = listed(unproved.map((one) => one.run.scenario));
    return `Not proved: no violation seen, but the evidence is too thin in ${names}.`;
  }
  const met = metMoments(verdicts);
  const under = met.length === 0 ? '' : `, through ${listed(met)}`;
  const size = `${plural(intents, 'intent')} (${plural(total('attempts'), 'attempt')}, ${plural(total('debits'), 'debit')})`;
  return `Proved on ${size}: none was debited more often than the contract permits, and none that was answered 200 was lost${under}.`;
}

function brokenText(verdict: Verdict): string {
  return `${verdict.run.scenario} broke ${listed(brokenRules(verdict).map(({ rule }) => rule))}`;
}

/** The moments that people ask for first, with their counts, as far as they were met. */
function metMoments(verdicts: readonly Verdict[]): string[] {
  const names: readonly (readonly [string, string, string])[] = [
    ['answer-lost-after-debit', 'answer lost after the debit', 'answers lost after the debit'],
    ['crash-between-debit-and-reply', 'crash between debit and reply', 'crashes between debit and reply'],
    ['duplicate-delivered', 'delivered duplicate', 'delivered duplicates'],
    ['overlap', 'overlap in flight', 'overlaps in flight'],
  ];
  return names.flatMap(([name, one, many]) => {
    const count = verdicts.reduce((sum, { coverage }) => sum + countOf(coverage, name), 0);
    return count === 0 ? [] : [plural(count, one, many)];
  });
}

function countOf(coverage: readonly CoverageCount[], name: string): number {
  return coverage.find((one) => one.name === name)?.count ?? 0;
}

export interface RuleRow {
  readonly rule: string;
  readonly text: string;
  readonly state: 'held' | 'violated' | 'unjudged';
  /** Among the violations that the verdict lists (the first 100). */
  readonly count: number;
  /** Why it is unjudged. */
  readonly why?: string;
}

/** Every rule with its state; things that are unjudged and no rule come last. */
export function ruleRows(verdict: Verdict): readonly RuleRow[] {
  const broken = new Map(brokenRules(verdict).map(({ rule, count }) => [rule, count]));
  const why = new Map<string, string>();
  for (const { rule, why: all, customers } of verdict.unjudged) {
    const reason =
      customers === undefined
        ? all
        : `${all} (${plural(customers.length, 'customer')}, e.g. ${customers[0]})`;
    const known = why.get(rule);
    why.set(rule, known === undefined ? reason : `${known}; ${reason}`);
  }
  const rows = RULES.map((rule): RuleRow => {
    const count = broken.get(rule) ?? 0;
    const text = RULE_TEXT[rule];
    const reason = why.get(rule);
    if (count > 0) return { rule, text, state: 'violated', count };
    return reason === undefined
      ? { rule, text, state: 'held', count }
      : { rule, text, state: 'unjudged', count, why: reason };
  });
  const others = [...why].filter(([rule]) => !isRule(rule));
  return [
    ...rows,
    ...others.map(([rule, reason]): RuleRow => ({
      rule,
      text: momentText(rule),
      state: 'unjudged',
      count: 0,
      why: reason,
    })),
  ];
}

export function brokenRules(verdict: Verdict): readonly { readonly rule: Rule; readonly count: number }[] {
  const counts = new Map<Rule, number>();
  for (const { rule } of verdict.violations) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => ({ rule, count }));
}

/** Required moments first, those that were missed before those that were met. */
export function coverageRows(verdict: Verdict): readonly CoverageCount[] {
  const rank = (one: CoverageCount) => (one.required ? (one.count === 0 ? 0 : 1) : one.count > 0 ? 2 : 3);
  return verdict.coverage.toSorted((a, b) => rank(a) - rank(b));
}

export function missedCoverage(verdict: Verdict): readonly CoverageCount[] {
  return verdict.coverage.filter((one) => one.required && one.count === 0);
}

/** The seven counts of every run, then the others: name for people and value with its unit. */
export function countRows(verdict: Verdict): readonly (readonly [string, string])[] {
  const { intents, attempts, ok, fail, info, arrivals, debits } = verdict.counts;
  const main = Object.entries({ intents, attempts, ok, fail, info, arrivals, debits });
  return [...main.map(([name, value]) => [name, number(value)] as const), ...moreCounts(verdict)];
}

const MAIN_COUNTS: ReadonlySet<string> = new Set([
  'intents',
  'attempts',
  'ok',
  'fail',
  'info',
  'arrivals',
  'debits',
]);

/** `hiddenResends: 3` as `hidden resends`, `3`; `spreadUs: 860` as `spread`, `860 µs`. Counts of single rules are told with the violations. */
export function moreCounts(verdict: Verdict): readonly (readonly [string, string])[] {
  return Object.entries(verdict.counts).flatMap(([name, value]) => {
    if (MAIN_COUNTS.has(name) || name.startsWith('violations.')) return [];
    const unit = /(?:Us|Ms)$/.exec(name)?.[0];
    const words = (unit === undefined ? name : name.slice(0, -2)).replace(
      /[A-Z]/g,
      (letter) => ` ${letter.toLowerCase()}`,
    );
    return [
      [words, unit === undefined ? number(value) : duration(unit === 'Us' ? value / 1000 : value)] as const,
    ];
  });
}

/** Who made the run together, and what their clocks were. */
export function processesText({ count, parts, clocks }: NonNullable<Verdict['run']['processes']>): string {
  const who = count === 1 ? '1 process' : `${count} processes`;
  const share = parts === undefined ? '' : ` (parts ${parts.join(', ')})`;
  if (count === 1) return `${who}${share}`;
  const { spreadMs, uncertaintyMs, unasked } = clocks;
  const apart = `clocks ${duration(spreadMs)} apart, brought to one within ${duration(uncertaintyMs)}`;
  const asIs = unasked === 1 ? 'the clock of 1 was' : `the clocks of ${unasked} were`;
  if (unasked === 0) return `${who}${share}; ${apart}`;
  return `${who}${share}; ${unasked < count ? `${apart}; ` : ''}${asIs} never compared`;
}

/** Name and value of what a run was, in the order in which people ask. */
export function runRows(verdict: Verdict): readonly (readonly [string, string])[] {
  const { run } = verdict;
  const rows: (readonly [string, string])[] = [
    ['scenario', run.scenario],
    ['target', run.target],
    ['contract', contractText(run.contract)],
    ['faults', run.faults],
    ['client', run.client],
    ['seed', run.seed],
    ['run id', run.runId],
    ['engine', run.engine],
    ['proxy', run.proxy],
    ['store', run.store],
  ];
  const { processes } = run;
  return [
    ...rows,
    ...(run.defect === undefined ? [] : [['defect', run.defect] as const]),
    ...(processes === undefined ? [] : [['processes', processesText(processes)] as const]),
  ];
}

function isRule(name: string): boolean {
  return (RULES as readonly string[]).includes(name);
}

/** An exception of the script in one line. */
export function exceptionText({ message, place, count }: ScriptException): string {
  return `${plural(count, 'time')}: ${message}${place === undefined ? '' : `, at ${place}`}`;
}
