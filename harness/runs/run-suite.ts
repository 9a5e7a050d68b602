/** The scenarios of one command, one run after the other, within a budget. */

import { HarnessError, messageOf, usageError } from '../base/errors.ts';
import type { RunEvent } from '../history/events.ts';
import { durationMs } from '../base/duration.ts';
import { now } from '../base/now.ts';
import { cleanUpStale } from '../environment/clean-up.ts';
import { worstOf } from '../model/verdict.ts';
import { SCENARIOS } from '../plan/plan.ts';
import { visible } from '../report/format.ts';
import { writeIndex } from '../report/run-folder.ts';
import { SuiteBudget } from './budget.ts';
import { passPreflight } from './preflight.ts';
import { checkLimits, checkRequest } from './request-check.ts';
import { runScenario, type BeforeFirst } from './run.ts';
import type { RunResult, SuiteOptions, SuiteResult } from './suite.ts';

/** How long the soak lasts when it is one scenario of the whole suite and no duration was asked for. */
const SUITE_SOAK = '8s';

/** Runs the scenarios one after the other. Wrong usage is thrown before anything starts; what fails later is told per scenario. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const scenarios = options.scenarios.length > 0 ? options.scenarios : [...SCENARIOS];
  for (const scenario of scenarios) checkRequest(scenario, options);
  if (options.rate !== undefined && options.duration === undefined) {
    throw usageError('flag', 'needs a duration', {
      field: '--rate',
      expected: '--duration beside it',
      found: options.rate,
    });
  }
  if (options.config) checkLimits(options.config.limits, options);
  await cleanUpStale(options.out, (line) => options.progress.write(`onceproof: ${visible(line)}\n`));
  const before = preflightOnce(options);
  const runs: RunResult[] = [];
  const harnessFailures: { scenario: string; message: string }[] = [];
  const budget =
    options.budget === undefined
      ? undefined
      : new SuiteBudget({
          budget: options.budget,
          duration: options.duration,
          named: options.scenarios,
          now,
        });
  for (const scenario of budget?.order(scenarios) ?? scenarios) {
    if (options.signal.aborted) break;
    if (budget?.takes(scenario) === false) continue;
    const startedAt = now();
    try {
      runs.push(await runScenario(scenario, ofSuite(scenario, options, budget), before));
    } catch (error) {
      if (error instanceof HarnessError && (error.kind === 'usage' || error.code === 'preflight'))
        throw error;
      harnessFailures.push({ scenario, message: messageOf(error) });
    }
    budget?.spent(scenario, now() - startedAt);
  }
  const left = budget?.left ?? [];
  if (runs.length > 0 && canBeSwept(options))
    options.say(
      'next: `onceproof sweep` stands at every message between the endpoint and its store, without load',
    );
  const words = runs.map((run) => run.verdict.verdict);
  // What was not run is not known: whoever ended it early, or asked for it by name and got it not, has no whole evidence.
  const isCut = options.signal.aborted || left.some(({ wasNamed }) => wasNamed);
  const verdict = worstOf(isCut ? [...words, 'unknown'] : words);
  const indexFile =
    runs.length > 1
      ? await writeIndex(options.out, runs, { hasBadge: options.report.includes('badge'), left })
      : undefined;
  return { verdict, runs, harnessFailures, left, ...(indexFile !== undefined && { indexFile }) };
}

/** One scenario of the whole suite: a soak is a short one, and none takes longer than what is left of a budget. */
function ofSuite(scenario: string, options: SuiteOptions, budget: SuiteBudget | undefined): SuiteOptions {
  const isShortened = scenario === 'soak' && options.scenarios.length === 0 && options.duration === undefined;
  const shortened = isShortened ? { ...options, duration: SUITE_SOAK } : options;
  if (budget === undefined) return shortened;
  const { maxTime } = options;
  const mostMs = Math.min(
    budget.remainingMs,
    (maxTime === undefined ? undefined : durationMs(maxTime)) ?? Infinity,
  );
  return { ...shortened, maxTime: `${Math.max(1, Math.round(mostMs))}ms` };
}

/** A replay asks for this very run again: it is offered nothing else. */
function canBeSwept({ config, schedule }: SuiteOptions): boolean {
  return schedule === undefined && (config === undefined || config.stores.length > 0);
}

/** Once a command, on the first stage; a replay has had it in its time. */
function preflightOnce({ config, schedule, signal, progress }: SuiteOptions): BeforeFirst {
  let done: Promise<RunEvent['unshown']> | undefined;
  if (config === undefined || schedule !== undefined) return () => Promise.resolve([]);
  const tell = (line: string): void => void progress.write(`${line}\n`);
  return (stage) => (done ??= passPreflight({ stage, config, signal, tell }));
}
