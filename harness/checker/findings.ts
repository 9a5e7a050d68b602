/**
 * Where the rules put what they find. Bounded: of many of a kind the first are kept and all are counted. Each thing has
 * the place of the history at which it was found, so that what several threads found of one can be put in its order.
 */

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
  'credit-unsure': (count, example) =>
    `${some(count, 'customer')} may have been given points, or not: they were asked for, and nobody confirmed them, e.g. ${example}`,
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

/** So many violations are listed, and so many rules and customers that were not judged. */
export const KEPT_VIOLATIONS = 100;
export const KEPT_UNJUDGED = 100;
const NONE: readonly Violation[] = [];

/** What was found of a part of the customers, as plain data. */
export interface FindingsPart {
  readonly violations: readonly { readonly place: number; readonly violation: Violation }[];
  readonly violationCount: number;
  /** The first violation was only looked for since there was none. */
  readonly isFirstBySecondOpinion: boolean;
  readonly coverage: readonly (readonly [CoverageName, number])[];
  readonly counts: readonly { readonly name: string; readonly count: number; readonly place: number }[];
  readonly doubts: readonly DoubtOf[];
  readonly unjudged: readonly UnjudgedOf[];
}

export interface DoubtOf {
  readonly kind: Doubt;
  readonly count: number;
  readonly example: string;
  readonly place: number;
}

export interface UnjudgedOf {
  readonly rule: Rule;
  readonly why: string;
  readonly place: number;
  /** Each with the place at which it was first; undefined: of the whole run. */
  readonly customers: ReadonlyMap<string, number> | undefined;
}

/** How a config says where that is read. */
const MISREADINGS = {
  redemptions: 'the list pointer',
  balance: 'the balance pointer',
  ledger: 'what reads the ledger (effects, hooks.ledger)',
} as const;

export class Findings {
  /** Where in the history we are: whatever is found now, was found here. Only who joins several needs it to be told. */
  place = 0;
  readonly violations: Violation[] = [];
  readonly #places: number[] = [];
  #isFirstBySecondOpinion = false;
  readonly coverage = new Map<CoverageName, number>();
  readonly counts = new Map<string, number>();
  #violationCount = 0;
  #fresh: Violation[] = [];
  readonly #countedAt = new Map<string, number>();
  readonly #doubts = new Map<Doubt, { count: number; readonly example: string; readonly place: number }>();
  #unshown: NonNullable<RunEvent['unshown']> = [];
  readonly #unjudged = new Map<
    string,
    { rule: Rule; why: string; place: number; customers: Map<string, number> | undefined }
  >();

  violate(violation: Violation): void {
    this.#violationCount += 1;
    this.count(`violations.${violation.rule}`);
    const told = this.#withMisreading(violation);
    if (this.violations.length < KEPT_VIOLATIONS) {
      this.violations.push(told);
      this.#places.push(this.place);
    }
    this.#fresh.push(told);
  }

  /** One that was only looked for since nothing had been found in the whole run. */
  violateBySecondOpinion(violation: Violation): void {
    if (this.#violationCount === 0) this.#isFirstBySecondOpinion = true;
    this.violate(violation);
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
    const known = this.counts.get(name);
    if (known === undefined) this.#countedAt.set(name, this.place);
    this.counts.set(name, (known ?? 0) + by);
  }

  doubt(kind: Doubt, example = ''): void {
    const known = this.#doubts.get(kind);
    if (known) known.count += 1;
    else this.#doubts.set(kind, { count: 1, example, place: this.place });
  }

  /** A rule that could not be judged here, or not for this customer, and why; the same words count once. */
  unjudged(rule: Rule, why: string, customer?: string): void {
    const name = `${rule}: ${why}`;
    const known = this.#unjudged.get(name);
    if (known === undefined) {
      if (this.#unjudged.size >= KEPT_UNJUDGED) return;
      const customers = customer === undefined ? undefined : new Map([[customer, this.place]]);
      this.#unjudged.set(name, { rule, why, place: this.place, customers });
    } else if (customer === undefined) known.customers = undefined;
    else if (known.customers !== undefined && known.customers.size < KEPT_UNJUDGED)
      if (!known.customers.has(customer)) known.customers.set(customer, this.place);
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
    const readings = this.#unshown.map((reading) => MISREADINGS[reading]);
    const doubt = `or ${readings.join(' or ')} is wrong (the preflight's redemption did not show there either)`;
    return { ...violation, summary: `${violation.summary}, ${doubt}` };
  }

  /** A rule that was violated has been judged: of such a one only the customers are left for whom it was not. */
  unjudgedRules(): Verdict['unjudged'] {
    return [...this.#unjudged.values()]
      .filter(({ rule, customers }) => customers !== undefined || !this.counts.has(`violations.${rule}`))
      .map(({ rule, why, customers }) => ({
        rule,
        why,
        ...(customers && { customers: [...customers.keys()] }),
      }));
  }

  /** All of it as plain data. */
  part(): FindingsPart {
    return {
      violations: this.violations.map((violation, index) => ({
        violation,
        place: this.#places[index] ?? 0,
      })),
      violationCount: this.#violationCount,
      isFirstBySecondOpinion: this.#isFirstBySecondOpinion,
      coverage: [...this.coverage],
      counts: [...this.counts].map(([name, count]) => ({
        name,
        count,
        place: this.#countedAt.get(name) ?? 0,
      })),
      doubts: [...this.#doubts].map(([kind, doubt]) => ({ kind, ...doubt })),
      unjudged: [...this.#unjudged.values()],
    };
  }

  /** What was joined of several parts, to be summed up. */
  static of(part: FindingsPart): Findings {
    const findings = new Findings();
    findings.violations.push(...part.violations.map(({ violation }) => violation));
    findings.#violationCount = part.violationCount;
    for (const [name, count] of part.coverage) findings.coverage.set(name, count);
    for (const { name, count } of part.counts) findings.counts.set(name, count);
    for (const { kind, ...doubt } of part.doubts) findings.#doubts.set(kind, doubt);
    for (const one of part.unjudged)
      findings.#unjudged.set(`${one.rule}: ${one.why}`, {
        ...one,
        customers: one.customers && new Map(one.customers),
      });
    return findings;
  }
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function was(count: number): string {
  return count === 1 ? 'was' : 'were';
}
