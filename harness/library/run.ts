/** Scenarios, from a program. */

import type { VerdictWord } from '../model/verdict.ts';
import { DEFAULT_REPORTS } from '../report/kinds.ts';
import type { RunResult, SuiteResult } from '../runs/suite.ts';
import { checkOptions, membersOf } from './checked.ts';
import type { RunOptions } from './options.ts';
import { noSignal, silence } from './silence.ts';
import { targetOf } from './target.ts';

export interface RunOutcome {
  /** The worst of all runs; `unknown` too where a run had no verdict. */
  readonly verdict: VerdictWord;
  /** Each with its verdict and the folder that holds its evidence and reports. */
  readonly runs: readonly RunResult[];
  /** Scenarios that the harness could not carry through, and why: they have no verdict. */
  readonly failures: SuiteResult['harnessFailures'];
  /** Scenarios that a budget had no time for, and why: nothing is known of them. */
  readonly left: SuiteResult['left'];
  /** What the command line would have said: the stories of what was found. */
  readonly text: string;
}

export const ATTACK_MEMBERS = [
  ...['target', 'store', 'replicas', 'profile', 'defect', 'seed', 'runId', 'out', 'report'],
  ...['allowHosts', 'signal', 'onProgress', 'env'],
] as const;
const MEMBERS = membersOf(
  ...ATTACK_MEMBERS,
  ...['scenarios', 'faults', 'engine', 'proxy', 'lb', 'client', 'keyShape'],
  ...['duration', 'maxTime', 'maxStall', 'vus', 'rate', 'intents', 'segment', 'budget'],
);

/**
 * Runs scenarios as `onceproof run` does, in this process, and judges them. Wrong options, a wrong config, a host that is
 * not allowed: rejects with a `HarnessError` of kind `usage`. What the endpoint did is a verdict, never an error.
 */
export async function run(options: RunOptions = {}): Promise<RunOutcome> {
  checkOptions(options, MEMBERS);
  const { scenarios = [], onProgress, env: _env, target: _target, ...asked } = options;
  const target = await targetOf(options);
  const said: string[] = [];
  const { runSuite } = await import('../runs/run-suite.ts');
  const suite = await runSuite({
    faults: 'light',
    engine: 'auto',
    proxy: 'auto',
    store: 'auto',
    client: 'seed',
    keyShape: 'uuid',
    seed: 1,
    out: 'results',
    report: DEFAULT_REPORTS,
    signal: noSignal(),
    ...asked,
    ...target,
    scenarios: typeof scenarios === 'string' ? [scenarios] : scenarios,
    progress: silence(),
    ...(onProgress && { onProgress }),
    say: (text) => said.push(text),
    colour: false,
  });
  const verdict = suite.harnessFailures.length > 0 && suite.verdict === 'valid' ? 'unknown' : suite.verdict;
  const { runs, left, harnessFailures: failures } = suite;
  return { verdict, runs, failures, left, text: said.join('\n') };
}
