/** Where the rules put what they find. Bounded: of many of a kind the first are kept and all are counted. */

import type { Rule, Verdict, Violation } from '../model/verdict.ts';
import type { RunEvent } from '../history/events.ts';
import type { CoverageName } from './coverage.ts';

/** Why evidence is too thin; each kind has one sentence, made from how many there were and the first of them. */
export const DOUBTS = {
  'no-run': () => 'the history does not start with a run event',
  'no-end': (count) =>
    `the history has no end event${count > 1 ? ` for ${count} of its files` : ''}: the run was cut off`,
  'no-faults': (_count, example) => `faults were asked for, and none of them was possible here: ${example}`,
  pointer: (_count, example) => `JSON pointers of the config that found nothing in any answer: ${example}`,
  ambiguous: (count, example) =>
    `${some(count, 'intent')} ${was(count)} last answered with a refusal that may mean "in progress", e.g. ${example}`,
  'settling-cut': (count, example) =>
    `${some(count, 'intent')} ${was(count)} not decided when the run's time was over, e.g. ${example}`,
  torn: (count, example) => `the last line of ${some(count, 'file')} was cut off (${example})`,
  'ended-early': (_count, example) => `the run did not finish: ${example}`,
  'thresholds-failed': (_count, example) => example,
  'no-intents': () => 'no intent was sent: nothing was tried',
  'not-audited': (count, example) =>
    `${some(count, 'customer')} ${was(count)} never read back after settling, e.g. ${example}`,
  unread: (count, example) => `${some(count, 'customer')} could not be read back in full, e.g. ${example}`,
  gone: (count, example) =>
    `${some(count, 'customer')} ${was(count)} not known to the endpoint any more when ${count === 1 ? 'it was' : 'they were'} read back, e.g. ${example}`,
  'no-read-back': () =>
    'the target lets neither balance nor redemptions nor ledger be read: effects cannot be judged',
  undecided: (count, example) =>
    `${some(count, 'intent')} ${was(count)} left undecided and not settled, e.g. ${example}`,
  'fault-at-settle': (count, example) =>
    `${some(count, 'intent')} ${was(count)} not decided, but a fault was on while settling, e.g. ${example}`,
  'orphan-complete': (count, example) =>
    `${some(count, 'completion')} follow${count === 1 ? 's' : ''} no invoke, e.g. of attempt ${example}`,
  'double-complete': (count, example) =>
    `${some(count, 'attempt')} completed more than once, e.g. ${example}`,
  'double-invoke': (count, example) =>
    `${some(count, 'attempt')} ${was(count)} invoked more than once, e.g. ${example}`,
  'time-backwards': (count, example) =>
    `${some(count, 'operation')} ended before ${count === 1 ? 'it' : 'they'} started, e.g. ${example}`,
  'unclean-start': (count, example) =>
    `${some(count, 'customer')} had requests before what was there already could be read, e.g. ${example}`,
  'late-events': (count, example) =>
    `${some(count, 'customer')} went on after the audit had closed ${count === 1 ? 'it' : 'them'}, e.g. ${example}`,
  'run-id-used': (count, example) =>
    `${some(count, 'answer')} of a fresh run ${was(count)} a replay from before it, e.g. to ${example}: this run id was used before`,
  incomplete: (_count, example) => `the history is not whole: ${example}`,
  'late-reads': (count, example) =>
    `${some(count, 'customer')} could not be compared with what ${count === 1 ? 'it was' : 'they were'} when closed, e.g. ${example}`,
  'part-missing': (_count, example) =>
    `a part of the run is not here (${example} of 0:1): judge the histories of all its processes together`,
  'part-twice': (_count, example) => `a part of the run is here more than once: ${example} of 0:1`,
  contradiction: (count, example) =>
    `${some(count, 'piece')} of evidence contradict${count === 1 ? 's' : ''} another, e.g. ${example}`,
  runs: (_count, example) => `the history holds several runs: ${example}`,
} as const satisfies Record<string, (count: number, example: string) => string>;
export type Doubt = keyof typeof DOUBTS;

const KEPT_VIOLATIONS = 100;
const KEPT_UNJUDGED = 100;
const NONE: readonly Violation[] = [];

export class Findings {
  readonly violations: Violation[] = [];
  readonly coverage = new Map<CoverageName, number>();
  readonly counts = new Map<string, number>();
  #violationCount = 0;
  #fresh: Violation[] = [];
  readonly #doubts = new Map<Doubt, { count: number; example: string }>();
  #unshown: NonNullable<RunEvent['unshown']> = [];
  readonly #unjudged = new Map<string, { rule: Rule; why: string; customers: Set<string> | undefined }>();

  violate(violation: Violation): void {
    this.#violationCount += 1;
    this.count(`violations.${violation.rule}`);
    const told = this.#withMisreading(violation);
    if (this.violations.length < KEPT_VIOLATIONS) this.violations.push(told);
    this.#fresh.push(told);
  }

  /** What was found since this was asked last. */
  takeFresh(): readonly Violation[] {
    if (this.#fresh.length === 0) return NONE;
    return this.#fresh.splice(0);
  }

  /** A redemption before the run did not show in these readings: what is missing there may be a pointer's fault. */
  misreads(unshown: RunEvent['unshown'] = []): void {
    this.#unshown = unshown;
  }

  get violationCount(): number {
    return this.#violationCount;
  }

  cover(name: CoverageName, by = 1): void {
    if (by > 0) this.coverage.set(name, (this.coverage.get(name) ?? 0) + by);
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  doubt(kind: Doubt, example = ''): void {
    const known = this.#doubts.get(kind);
    if (known) known.count += 1;
    else this.#doubts.set(kind, { count: 1, example });
  }

  /** A rule that could not be judged here, or not for this customer, and why; the same words count once. */
  unjudged(rule: Rule, why: string, customer?: string): void {
    const name = `${rule}: ${why}`;
    const known = this.#unjudged.get(name);
    if (known === undefined) {
      if (this.#unjudged.size >= KEPT_UNJUDGED) return;
      const customers = customer === undefined ? undefined : new Set([customer]);
      this.#unjudged.set(name, { rule, why, customers });
    } else if (customer === undefined) known.customers = undefined;
    else if (known.customers !== undefined && known.customers.size < KEPT_UNJUDGED)
      known.customers.add(customer);
  }

  reasons(): string[] {
    // What did not happen at all is said first.
    const ordered = [...this.#doubts].sort(
      ([one], [two]) => Number(two === 'no-faults') - Number(one === 'no-faults'),
    );
    return ordered.map(([kind, { count, example }]) => DOUBTS[kind](count, example));
  }

  #withMisreading(violation: Violation): Violation {
    if (violation.rule !== 'lost-debit' || this.#unshown.length === 0) return violation;
    const pointers = this.#unshown.map((reading) => (reading === 'redemptions' ? 'list' : 'balance'));
    const doubt = `or the ${pointers.join(' or the ')} pointer is wrong (the preflight's redemption did not show there either)`;
    return { ...violation, summary: `${violation.summary}, ${doubt}` };
  }

  /** A rule that was violated has been judged: of such a one only the customers are left for whom it was not. */
  unjudgedRules(): Verdict['unjudged'] {
    return [...this.#unjudged.values()]
      .filter(({ rule, customers }) => customers !== undefined || !this.counts.has(`violations.${rule}`))
      .map(({ rule, why, customers }) => ({ rule, why, ...(customers && { customers: [...customers] }) }));
  }
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function was(count: number): string {
  return count === 1 ? 'was' : 'were';
}
