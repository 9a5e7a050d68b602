/** What fits into the time that a suite may take: the best first, and what is left out is named. */

import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import { byDetection, estimateMs, type LeftOut } from '../plan/scenario-order.ts';

export interface BudgetOptions {
  readonly budget: string;
  /** How long each load was asked to take. */
  readonly duration: string | undefined;
  /** Scenarios that were asked for by name. */
  readonly named: readonly string[];
  readonly now: () => number;
}

export class SuiteBudget {
  readonly left: LeftOut[] = [];
  readonly #budgetMs: number;
  readonly #durationMs: number | undefined;
  readonly #named: readonly string[];
  readonly #now: () => number;
  readonly #startedAt: number;
  #estimatedMs = 0;
  #spentMs = 0;

  /** Throws a usage HarnessError for a time that is none. */
  constructor({ budget, duration, named, now }: BudgetOptions) {
    const budgetMs = durationMs(budget);
    if (budgetMs === undefined || budgetMs <= 0) {
      throw usageError('flag', 'wrong value', {
        field: '--budget',
        expected: 'a duration such as 30s, 10m or 1h30m',
        found: budget,
      });
    }
    this.#budgetMs = budgetMs;
    this.#durationMs = duration === undefined ? undefined : durationMs(duration);
    this.#named = named;
    this.#now = now;
    this.#startedAt = now();
  }

  /** In the order in which they are taken. */
  order(scenarios: readonly string[]): string[] {
    return byDetection(scenarios);
  }

  get remainingMs(): number {
    return Math.max(0, this.#startedAt + this.#budgetMs - this.#now());
  }

  /**
   * Whether there is time for it, by its figures and by how slow this machine and this endpoint were so far. The first
   * one always starts: it is ended by the budget. One that does not fit is noted as left out.
   */
  takes(scenario: string): boolean {
    if (this.#estimatedMs === 0) return true;
    const slowness = Math.max(1, this.#spentMs / this.#estimatedMs);
    const neededMs = estimateMs(scenario, this.#durationMs) * slowness;
    if (neededMs <= this.remainingMs) return true;
    const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
    const why = `it takes about ${seconds(neededMs)}, and ${seconds(this.remainingMs)} of the budget were left`;
    this.left.push({ scenario, why, wasNamed: this.#named.includes(scenario) });
    return false;
  }

  /** One has been run. */
  spent(scenario: string, ms: number): void {
    this.#estimatedMs += estimateMs(scenario, this.#durationMs);
    this.#spentMs += ms;
  }
}
