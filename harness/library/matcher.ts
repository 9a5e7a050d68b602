/** `expect(target).toDebitOnce()`: the check itself, for any test runner with Jest's `expect.extend`. */

import type { OnceproofConfig } from '../config/define.ts';
import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import type { RunOptions } from './options.ts';
import { run, type RunOutcome } from './run.ts';

export interface DebitOnceOptions extends Omit<RunOptions, 'target' | 'scenarios'> {
  /** One scenario or several. Default: `double-click`. */
  readonly scenario?: string | readonly string[];
  /** The time that all scenarios together may take, e.g. `30s`: what does not fit ends early, and is then `unknown`. */
  readonly budget?: string;
}

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What the test runner hands to a matcher. */
interface MatcherState {
  readonly isNot?: boolean;
}

/**
 * Passes where every run was valid. `invalid` fails with the story of what was found; `unknown` fails too, negated or not:
 * what was not seen proves nothing. `received` is a config, the path of one, or null for the bundled server.
 */
export async function toDebitOnce(
  this: MatcherState | void,
  received: string | OnceproofConfig | null | undefined,
  { scenario = 'double-click', budget, ...options }: DebitOnceOptions = {},
): Promise<MatcherResult> {
  const scenarios = typeof scenario === 'string' ? [scenario] : scenario;
  if (scenarios.length === 0)
    throw usageError('option', 'wrong value', {
      field: 'scenario',
      expected: 'at least one name',
      found: [],
    });
  const outcome = await run({
    ...options,
    ...(received === null || received === undefined ? {} : { target: received }),
    ...(budget !== undefined && { maxTime: shareOf(budget, scenarios.length) }),
    scenarios,
  });
  const isNot = this?.isNot === true;
  // A negated expectation is fulfilled by a violation only.
  const pass = isNot ? outcome.verdict !== 'invalid' : outcome.verdict === 'valid';
  return { pass, message: () => told(outcome, isNot) };
}

function shareOf(budget: string, parts: number): string {
  const valueMs = durationMs(budget);
  if (valueMs === undefined || valueMs <= 0)
    throw usageError('option', 'wrong value', {
      field: 'budget',
      expected: 'a duration such as 30s, 10m or 1h30m',
      found: budget,
    });
  return `${Math.max(1, Math.floor(valueMs / parts))}ms`;
}

function told({ verdict, runs, failures, text }: RunOutcome, isNot: boolean): string {
  const wanted = isNot ? 'expected a violation of exactly-once' : 'expected each intent to be debited once';
  const failed = failures.map(({ scenario, message }) => `${scenario}: ${message}`);
  const where = runs.map(({ dir }) => `report: ${dir}`);
  return [`${wanted}; the verdict is ${verdict}`, ...failed, text, ...where].join('\n');
}
