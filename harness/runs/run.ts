/** The whole order of a run, and the only file that knows it: plan, environment, engine beside nemesis, heal, settle, audit, judge, report. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor, type AuditSummary } from '../audit/auditor.ts';
import { Nemesis } from '../faults/nemesis.ts';
import { checkHistory } from '../checker/check-history.ts';
import { Checker } from '../checker/checker.ts';
import type { Limits } from '../config/limits.ts';
import { RUN_FILE } from '../environment/run-file.ts';
import { messageOf } from '../base/errors.ts';
import { withoutSecrets } from '../base/secrets.ts';
import { HistoryWriter } from '../history/writer.ts';
import type { RunEvent } from '../history/events.ts';
import { now } from '../base/now.ts';
import { reserveMs } from '../plan/max-time.ts';
import { type Plan } from '../plan/plan.ts';
import { TimeLimit } from './time-limit.ts';
import { pointLatest, runFolder, shownPath } from '../report/run-folder.ts';
import { readBackOf } from './reading.ts';
import { Recorder } from '../history/recorder.ts';
import { marked } from '../base/origin.ts';
import { planOf, scenarioName } from '../plan/resolve.ts';
import { renderGithub } from '../report/github.ts';
import { visible } from '../report/format.ts';
import { startProgress } from '../report/progress.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import { openStage } from '../environment/open-stage.ts';
import type { Stage } from '../environment/stage.ts';
import { type Verdict } from '../model/verdict.ts';
import { askCommonClock } from './common-clock.ts';
import { attack, type Recording } from './attack.ts';
import { refuseNoFaults, scheduleAsked } from './request-check.ts';
import type { RunResult, SuiteOptions } from './suite.ts';

/** So many faults that could not be carried out are named. */
const MAX_PROBLEMS = 5;
/** Looks at the stage of the first run; resolves with what it could not see of the endpoint. */
export type BeforeFirst = (stage: Stage) => Promise<RunEvent['unshown']>;

/** One scenario, from plan to report. `before` looks at the stage before anything is planned or sent. */
export async function runScenario(
  scenario: string,
  options: SuiteOptions,
  before?: BeforeFirst,
): Promise<RunResult> {
  const runId = options.runId ?? randomBytes(4).toString('hex');
  const { segment } = options;
  const partName = segment === undefined ? runId : `${runId}-${segment.replace('/', 'of')}`;
  const dir = await runFolder(options.out, scenarioName(scenario), partName);
  const historyFile = join(dir, 'history.ndjson');
  const { persistence } = options.schedule ?? scheduleAsked(scenario, options);
  const stage = await openStage({
    ...options,
    runId,
    dir,
    ...(persistence !== undefined && { persistence }),
  }).catch(async (error: unknown) => {
    // Nothing was recorded: a folder with nothing in it would only mislead. But what could not be undone is told there.
    if (!existsSync(join(dir, RUN_FILE))) await rm(dir, { recursive: true, force: true });
    throw error;
  });
  try {
    const unshown = await before?.(stage);
    const clock = await clockOf(stage, options);
    const planned = planOf(scenario, runId, options, stage, { unshown, clock });
    refuseNoFaults(planned, options, stage);
    await writeFile(join(dir, 'plan.json'), planText(planned.plan));
    await record({ scenario, ...planned, stage, options, dir, historyFile });
  } catch (error) {
    await judgeWhatThereIs({ dir, historyFile }, options);
    throw error;
  } finally {
    await stage.close();
    // Refused before anything was planned: what the stage left is a folder that would only mislead.
    if (!existsSync(join(dir, 'plan.json')) && !existsSync(join(dir, RUN_FILE)))
      await rm(dir, { recursive: true, force: true });
  }
  // The evidence is saved before it is judged: a better checker can judge it again.
  const verdict = await checkHistory([historyFile]);
  await report({ dir, verdict, historyFile }, options);
  return { verdict, dir };
}

/** Who makes a part of a run learns how far its clock is from the others'. */
async function clockOf(
  stage: Stage,
  { segment, schedule, signal }: SuiteOptions,
): Promise<RunEvent['clock']> {
  const [url = stage.target.baseUrl] = stage.directUrls;
  if (segment === undefined || schedule !== undefined) return undefined;
  return await askCommonClock(url, 1000 / (stage.limits?.maxRequestsPerSecond ?? 1000), signal);
}

/** Cleaned first: the mark is of what stands in the file. */
function planText(plan: object): string {
  const cleaned = JSON.parse(withoutSecrets(JSON.stringify(plan))) as object;
  return `${JSON.stringify(marked(cleaned), null, 2)}\n`;
}

/** The run has failed and says so: what was recorded until then is evidence all the same, where it can be read. */
async function judgeWhatThereIs(
  run: { dir: string; historyFile: string },
  options: SuiteOptions,
): Promise<void> {
  if (!existsSync(run.historyFile)) return;
  try {
    await report({ ...run, verdict: await checkHistory([run.historyFile]) }, options);
  } catch {
    // The first failure says more.
  }
}

/** Engine beside nemesis, then heal, settle and audit; the history is whole, or says that it is not. */
async function record(recording: Recording): Promise<void> {
  const { runEvent, schedule, stage, options, plan } = recording;
  const writer = new HistoryWriter(recording.historyFile);
  const checker = new Checker();
  const endpoint = readBackOf(stage);
  const progress = startProgress({
    stream: options.progress,
    title: scenarioName(recording.scenario),
    ...(options.onProgress && { tell: options.onProgress }),
  });
  const auditor = new Auditor({
    contract: stage.contract,
    endpoint,
    emit: (event) => recorder.write(event),
    settleMs: stage.settleMs,
    ...closingTimes(stage),
    seed: runEvent.seed,
    runId: runEvent.runId,
    live: stage.capabilities.provision,
    pendingFor: (key) => stage.environment.hopProxy.pendingFor(key),
    now,
    sleep: (ms) => sleep(ms),
  });
  const recorder = new Recorder(writer, [
    (event) => auditor.push(event),
    (event) => {
      checker.push(event);
      progress.violations(checker.progress().violations);
    },
    progress.event,
    (event) => {
      if (event.type === 'invoke') nemesis.begin();
    },
  ]);
  recorder.write(runEvent);
  stage.followArrivals(recorder.write);
  const nemesis = new Nemesis({ environment: stage.environment, schedule, emit: recorder.write, now });
  const time = new TimeLimit(plan.workload.maxTimeMs, reserveMs(stage.settleMs, stage.timeoutMs), () =>
    endpoint.giveUp(),
  );
  const failures: unknown[] = [];
  const tried = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  // Whatever fails, the later steps still happen: nothing stays broken, and the history has its end.
  const attacked = await tried(async () => {
    nemesis.place();
    return await attack(recording, recorder, endpoint, time.load);
  });
  progress.phase('healing');
  await tried(() => nemesis.heal());
  progress.phase('settling');
  const audit = await tried(() => auditor.finish());
  await tried(() => endpoint.close());
  time.end();
  // From here on nothing arrives any more, and only now the history can have its end.
  await tried(() => stage.environment.hopProxy.endExchanges());
  progress.stop();
  tellProblems(
    nemesis.problems.map((problem) => `fault not carried out: ${problem}`),
    options,
  );
  tellProblems(stage.hookLog?.lines() ?? [], options);
  const counts = {
    ...recorder.counts,
    settleAttempts: audit?.settleAttempts ?? 0,
    unread: audit?.unread.length ?? 0,
    readAgain: audit?.readAgain ?? 0,
    faultsNotCarriedOut: nemesis.problems.length,
  };
  recorder.end({
    type: 'end',
    at: now(),
    reason: time.isOver
      ? timeIsOver(plan, audit)
      : (attacked?.reason ?? `the harness failed: ${messageOf(failures[0])}`),
    ...(attacked?.exceptions && { exceptions: attacked.exceptions }),
    counts,
  });
  if (recorder.failure !== undefined) failures.unshift(recorder.failure);
  if (failures.length > 0) throw failures[0];
}

/** The bundled server books at once and stands on this machine: what comes late there comes soon. */
function closingTimes({ limits }: Stage): Pick<Limits, 'quietMs' | 'readLagMs' | 'lateMs'> {
  const { quietMs, readLagMs, lateMs } = limits ?? { quietMs: 50, readLagMs: 500, lateMs: 250 };
  return { quietMs, readLagMs, lateMs };
}

/** What is left undone is told with it. */
function timeIsOver({ workload }: Plan, audit: AuditSummary | undefined): string {
  const { undecided = 0, unread = [] } = audit ?? {};
  const left = `${undecided} intents left undecided, ${unread.length} customers not read back`;
  return `the time was over (--max-time ${Math.round((workload.maxTimeMs ?? 0) / 1000)}s): ${left}`;
}

/** What was wanted and could not be had: whoever reads the coverage must know. */
function tellProblems(problems: readonly string[], { progress }: SuiteOptions): void {
  for (const problem of problems.slice(0, MAX_PROBLEMS)) progress.write(`${visible(problem)}\n`);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) progress.write(`and ${more} more of these\n`);
}

/** Writes the reports and says the verdict. */
async function report(
  run: { dir: string; verdict: Verdict; historyFile: string },
  options: SuiteOptions,
): Promise<void> {
  const { dir, verdict, historyFile } = run;
  const evidence = await evidenceFrom(historyFile, verdict);
  await writeReports(dir, verdict, historyFile, ['json', ...options.report], evidence);
  await pointLatest(options.out, dir);
  // GitHub reads annotations from what a step prints.
  if (options.report.includes('github')) options.say(renderGithub(verdict));
  if (options.scenarios.length !== 1 && verdict.verdict === 'valid') {
    const { intents, attempts, debits } = verdict.counts;
    options.say(
      `${verdict.run.scenario}: valid (${intents} intents, ${attempts} attempts, ${debits} debits)`,
    );
    return;
  }
  options.say(renderVerdict(verdict, { evidence, report: shownPath(dir), colour: options.colour }));
}
