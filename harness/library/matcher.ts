/** `expect(target).toDebitOnce()`: the check itself, for any test runner with Jest's `expect.extend`. */

import type { OnceproofConfig } from '../config/define.ts';
import { usageError } from '../base/errors.ts';
import type { RunOptions } from './options.ts';
import { run, type RunOutcome } from './run.ts';

export interface DebitOnceOptions extends Omit<RunOptions, 'target' | 'scenarios'> {
  /** One scenario or several. Default: `double-click`. */
  readonly scenario?: string | readonly string[];
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
  { scenario = 'double-click', ...options }: DebitOnceOptions = {},
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
    scenarios,
  });
  const isNot = this?.isNot === true;
  // A negated expectation is fulfilled by a violation only.
  const pass = isNot ? outcome.verdict !== 'invalid' : outcome.verdict === 'valid';
  return { pass, message: () => told(outcome, isNot) };
}

function told({ verdict, runs, failures, left, text }: RunOutcome, isNot: boolean): string {
  const wanted = isNot ? 'expected a violation of exactly-once' : 'expected each intent to be debited once';
  const failed = failures.map(({ scenario, message }) => `${scenario}: ${message}`);
  const missing = left.map(({ scenario, why }) => `left out: ${scenario}: ${why}`);
  const where = runs.map(({ dir }) => `report: ${dir}`);
  return [`${wanted}; the verdict is ${verdict}`, ...failed, ...missing, text, ...where].join('\n');
}
