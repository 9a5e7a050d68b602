/**
 * Runs the plan of a finished run again: same seed, workload and resolved faults, under a fresh run id. The intents,
 * their first attempts and the decision for every (intent, attempt) are the same; what follows from answers may differ.
 * Rules whose hits were a matter of order are pinned to the attempts that they really hit.
 */

import { join } from 'node:path';
import { pinnedTo } from '../faults/pinned.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { harnessError, usageError } from '../base/errors.ts';
import { readHistory } from '../history/reader.ts';
import type { ArrivalEvent } from '../history/events.ts';
import type { Finding, ReplayResult, ReplayTry } from '../plan/replay-result.ts';
import { HIDDEN_PASSWORD } from '../plan/plan.ts';
import { isMarked } from '../base/origin.ts';
import { readPlan, runFolderAt, type SavedPlan } from '../plan/file.ts';
import { standOfName, type SweepFacts } from '../model/stand.ts';
import { sweep } from './sweep.ts';
import { runSuite } from './run-suite.ts';
import type { RunResult, SuiteOptions } from './suite.ts';
import type { Verdict } from '../model/verdict.ts';
import { findingsOf, isFile, isSame, outcomeOf, verdictOf } from './replay-outcome.ts';

export interface ReplayOptions extends Pick<SuiteOptions, 'out' | 'report' | 'signal' | 'progress'> {
  /** Folder of the run, or a link to it. */
  readonly dir: string;
  /** At least 1. */
  readonly tries: number;
  /** Config that takes the place of the plan's own. */
  readonly target?: string;
  /** Store that takes the place of the plan's own: a plan holds no password. */
  readonly store?: string;
  /** Proxy that takes the place of the plan's own. */
  readonly proxy?: string;
  /** Hosts that may be sent requests beside those of the config. */
  readonly allowHosts?: readonly string[];
  /** Whether code and addresses of a plan that was not written here may be used. */
  readonly trust?: boolean;
  readonly loadConfig: (file: string) => Promise<ResolvedConfig>;
  /** Told before the first try. */
  readonly onStart?: (plan: SavedPlan, wanted: readonly Finding[]) => void;
  /** Told after each, numbered from 1. */
  readonly onTry?: (done: ReplayTry, number: number) => void;
}

/** Throws a usage error for a folder that holds no plan, and for a run in which there is nothing to reproduce. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const dir = await runFolderAt(options.dir);
  const plan = await readPlan(dir, options.dir);
  const original = await verdictOf(dir, options.dir);
  const wanted = findingsOf(original);
  if (original.verdict !== 'invalid' || wanted.length === 0) throw nothingToReproduce(original, options.dir);
  checkTrust(plan, options);
  const suite = pinned(await suiteOptions(plan, options), await arrivalsOf(dir));
  const stands = plan.sweep && brokenStands(plan.sweep, wanted);
  options.onStart?.(plan, wanted);
  const tries: ReplayTry[] = [];
  while (tries.length < options.tries && !options.signal.aborted) {
    const { dir: folder, verdict } = await (stands === undefined ? runOnce(suite) : sweepOnce(suite, stands));
    const same = findingsOf(verdict).filter((finding) => wanted.some((one) => isSame(one, finding)));
    const done = { dir: folder, verdict, same };
    tries.push(done);
    options.onTry?.(done, tries.length);
    if (same.length > 0) break;
  }
  const isInterrupted = options.signal.aborted;
  const outcome = outcomeOf({
    tries: tries.map(({ verdict, same }) => ({ verdict: verdict.verdict, isSame: same.length > 0 })),
    triesWanted: options.tries,
    isInterrupted,
  });
  const triesWanted = options.tries;
  return { schema: 1, outcome, dir, runId: plan.runId, wanted, triesWanted, tries, isInterrupted };
}

function nothingToReproduce({ verdict, reasons }: Verdict, dir: string): Error {
  const why = verdict === 'unknown' && reasons[0] !== undefined ? ` (${reasons[0]})` : '';
  return usageError('plan', `there is nothing to reproduce: this run was ${verdict}${why}`, {
    field: dir,
    expected: 'a run that was invalid',
  });
}

/** A plan from elsewhere runs no code and connects nowhere by its own word: what it names is said again, or it is trusted. */
function checkTrust(plan: SavedPlan, { trust, dir, ...given }: ReplayOptions): void {
  if (trust === true || isMarked(plan)) return;
  const { script, target, store, proxy } = plan.asked;
  const named = [
    { what: 'a script to run', value: script, flag: undefined },
    { what: 'a config to run', value: given.target === undefined ? target : undefined, flag: '--target' },
    { what: 'a store', value: given.store === undefined ? urlIn(store) : undefined, flag: '--store' },
    { what: 'a proxy', value: given.proxy === undefined ? urlIn(proxy) : undefined, flag: '--proxy' },
  ];
  const first = named.find(({ value }) => value !== undefined);
  if (first === undefined) return;
  const same = first.flag === undefined ? '' : `${first.flag} with what you mean, or `;
  throw usageError('plan_not_trusted', `its plan was not written here, and names ${first.what}`, {
    field: dir,
    expected: `${same}--trust for all that it names`,
    found: first.value,
  });
}

function urlIn(asked: string | undefined): string | undefined {
  // One whose password was hidden has to be given again in any case.
  return asked?.includes(':') === true && !asked.includes(HIDDEN_PASSWORD) ? asked : undefined;
}

/** The plan as what `run` would be asked for, but with the faults resolved as they were. */
async function suiteOptions(plan: SavedPlan, options: ReplayOptions): Promise<SuiteOptions> {
  const { asked, workload } = plan;
  if (options.target !== undefined && asked.target === undefined) {
    throw usageError('flag', 'the plan is one of the bundled reference server', {
      field: '--target',
      expected: "a plan of one's own endpoint",
      found: options.target,
    });
  }
  const configFile = options.target ?? asked.target;
  const config = configFile === undefined ? undefined : await options.loadConfig(configFile);
  if (config?.service !== undefined && options.target === undefined && options.trust !== true)
    throw usageError('plan', 'its config starts a program', {
      field: '--trust',
      expected: '--target with that config, or --trust, to start what a plan names',
      found: configFile,
    });
  const bundled = {
    replicas: plan.replicas,
    profile: plan.profile,
    ...(plan.lb !== undefined && { lb: plan.lb }),
    ...(plan.defect !== undefined && { defect: plan.defect }),
  };
  return {
    scenarios: [asked.script ?? plan.scenario],
    ...(config === undefined || configFile === undefined ? bundled : { config, configFile }),
    faults: plan.faults.profile,
    // Whole, with what later editions add: what the store keeps is part of it.
    schedule: plan.faults,
    engine: asked.engine === 'sweep' ? 'auto' : asked.engine,
    proxy: options.proxy ?? withPassword('--proxy', asked.proxy),
    store: options.store ?? withPassword('--store', asked.store ?? 'auto'),
    client: plan.client,
    keyShape: plan.keyShape,
    seed: Number(plan.seed),
    ...(workload.duration !== undefined && { duration: workload.duration }),
    ...(workload.maxTimeMs !== undefined && { maxTime: `${workload.maxTimeMs}ms` }),
    ...(workload.vus !== undefined && { vus: workload.vus }),
    ...(workload.rate !== undefined && { rate: workload.rate }),
    ...(workload.intents !== undefined && { intents: workload.intents }),
    ...(workload.segment !== undefined && { segment: workload.segment }),
    ...(options.allowHosts && { allowHosts: options.allowHosts }),
    out: options.out,
    report: options.report,
    signal: options.signal,
    progress: options.progress,
    say: () => {},
    colour: false,
  };
}

/** The arrivals of a run; undefined where its history is gone: then there is nothing to pin by. */
async function arrivalsOf(dir: string): Promise<readonly ArrivalEvent[] | undefined> {
  const file = join(dir, 'history.ndjson');
  if (!isFile(file)) return undefined;
  const arrivals: ArrivalEvent[] = [];
  for await (const event of readHistory(file)) if (event.type === 'arrival') arrivals.push(event);
  return arrivals;
}

function pinned(suite: SuiteOptions, arrivals: readonly ArrivalEvent[] | undefined): SuiteOptions {
  const { schedule } = suite;
  if (schedule === undefined || arrivals === undefined) return suite;
  return { ...suite, schedule: { ...schedule, http: schedule.http.map((spec) => pinnedTo(arrivals, spec)) } };
}

function withPassword(flag: string, asked: string): string {
  if (!asked.includes(HIDDEN_PASSWORD)) return asked;
  throw usageError('flag', 'the password is not in the plan', {
    field: flag,
    expected: 'the URL',
    found: asked,
  });
}

/** Only the stands at which something was found, under their own names, so that the same intents come again. */
function brokenStands(facts: SweepFacts, wanted: readonly Finding[]): SweepFacts {
  const ids = new Set(wanted.map(({ subject }) => standOfName(subject)));
  return { ...facts, stands: facts.stands.filter(({ id }) => ids.has(id)) };
}

async function sweepOnce(suite: SuiteOptions, facts: SweepFacts): Promise<RunResult> {
  return await sweep({ ...suite, depth: facts.depth === 2 ? 2 : 1, facts });
}

async function runOnce(suite: SuiteOptions): Promise<RunResult> {
  const { runs, harnessFailures } = await runSuite(suite);
  const [run] = runs;
  if (run !== undefined) return run;
  throw harnessError('replay', harnessFailures[0]?.message ?? 'the run did not start');
}
