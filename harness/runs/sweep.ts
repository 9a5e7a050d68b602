/** The whole order of a sweep, and the only file that knows it: stage, baseline, plan, one schedule after the other, judge, report. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor } from '../audit/auditor.ts';
import type { ReadBack } from '../audit/read-back.ts';
import { passPreflight } from './preflight.ts';
import { readBackOf } from './reading.ts';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { marked } from '../base/origin.ts';
import { Checker } from '../checker/checker.ts';
import { checkHistory } from '../checker/check-history.ts';
import { cleanUpStale } from '../environment/clean-up.ts';
import { RUN_FILE } from '../environment/run-file.ts';
import { openStage, type Stage } from '../environment/stage.ts';
import type { FaultEvent, HistoryEvent, RunEvent } from '../history/events.ts';
import { HistoryWriter } from '../history/writer.ts';
import { Recorder } from '../history/recorder.ts';
import type { AskedStand, SweepFacts, SweepStand } from '../model/stand.ts';
import type { Verdict } from '../model/verdict.ts';
import { chooseStands } from '../plan/sweep.ts';
import { SWEEP, sweepPlan, type SweepRequest } from '../plan/sweep-run.ts';
import { referenceTarget } from '../model/target.ts';
import { curlScript, vitestFile } from '../report/repro.ts';
import { renderGithub } from '../report/github.ts';
import type { ReportKind } from '../report/kinds.ts';
import { visible } from '../report/format.ts';
import { pointLatest, runFolder, shownPath } from '../report/run-folder.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import { missingKinds } from '../sweep/abilities.ts';
import { measure } from '../sweep/baseline.ts';
import { SweepClient } from '../sweep/client.ts';
import type { Patience, SweepContext } from '../sweep/context.ts';
import { doorSpots } from '../sweep/door-spots.ts';
import { pointSpots } from '../sweep/point-spots.ts';
import { performStand } from '../sweep/schedule.ts';
import type { Spots } from '../sweep/spots.ts';
import { faultOf } from '../sweep/standing.ts';

/** How far a sweep has come. */
export interface SweepProgress {
  /** Stands done so far. */
  readonly done: number;
  /** Stands that were chosen. */
  readonly all: number;
  readonly violations: number;
}

export interface SweepOptions extends SweepRequest {
  readonly out: string;
  readonly report: readonly ReportKind[];
  readonly signal: AbortSignal;
  readonly progress: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly onStand?: (progress: SweepProgress) => void;
  readonly say: (text: string) => void;
  readonly colour: boolean;
  /** Ends with the first stand at which a rule was broken. */
  readonly endsAtFirst?: boolean;
  /** These stands alone. */
  readonly only?: readonly AskedStand[];
  /** The stands of an earlier plan, to be taken again as they are. */
  readonly facts?: SweepFacts;
}

export interface SweepResult {
  readonly verdict: Verdict;
  readonly dir: string;
}

/** How often a stand is tried until it is met. */
const TRIES = 3;

/** Stands at every message that the budget allows for, and judges what came of it. */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  await cleanUpStale(options.out, (line) => options.progress.write(`onceproof: ${visible(line)}\n`));
  const runId = options.runId ?? randomBytes(4).toString('hex');
  const dir = await runFolder(options.out, SWEEP, runId);
  const stage = await openStage({ ...options, proxy: 'embedded', hasStoreDoors: true, runId, dir }).catch(
    async (error: unknown) => {
      if (!existsSync(join(dir, RUN_FILE))) await rm(dir, { recursive: true, force: true });
      throw error;
    },
  );
  const historyFile = join(dir, 'history.ndjson');
  const endpoint = readBackOf(stage);
  let hasFailed = false;
  try {
    const unshown = await preflightOf(stage, options).catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
    const spots = spotsOf(stage);
    const quiet = contextOf({ stage, spots, endpoint, options, runId }, () => {});
    const baseline = await measure(quiet);
    refuse(spots);
    const facts =
      options.facts ??
      chooseStands({
        depth: options.depth,
        ways: baseline.ways,
        recoveries: baseline.recoveries,
        missing: missingKinds(quiet),
        ...(options.only !== undefined && { only: options.only }),
        ...(options.budgetMs !== undefined && { budgetMs: options.budgetMs }),
      });
    const { plan, runEvent } = sweepPlan(runId, options, stage, facts, spots.description, unshown);
    await writeFile(join(dir, 'plan.json'), `${JSON.stringify(marked(plan), null, 2)}\n`);
    await record({ stage, spots, endpoint, options, runId }, runEvent, facts, {
      historyFile,
      answerMs: baseline.answerMs,
    });
  } finally {
    await endpoint.close();
    await stage.close();
    if (hasFailed) await rm(dir, { recursive: true, force: true });
  }
  const verdict = await checkHistory([historyFile]);
  await report({ dir, verdict, historyFile }, options);
  return { verdict, dir };
}

/** A replay has had it in its time. */
async function preflightOf(stage: Stage, options: SweepOptions): Promise<RunEvent['unshown']> {
  const { config, facts, signal, progress } = options;
  if (config === undefined || facts !== undefined) return [];
  return await passPreflight({
    stage,
    config,
    signal,
    tell: (line) => void progress.write(`${line}\n`),
  });
}

interface Parts {
  readonly stage: Stage;
  readonly spots: Spots;
  readonly endpoint: ReadBack;
  readonly options: SweepOptions;
  readonly runId: string;
}

/** One schedule after the other; each is settled and read back before the next begins. */
async function record(
  parts: Parts,
  runEvent: RunEvent,
  { stands }: SweepFacts,
  { historyFile, answerMs }: { readonly historyFile: string; readonly answerMs: number },
): Promise<void> {
  const { stage, options } = parts;
  const writer = new HistoryWriter(historyFile);
  const checker = new Checker({ lingerMs: 0 });
  let auditor = newAuditor(parts, (event) => recorder.write(event));
  const recorder = new Recorder(writer, [(event) => auditor.push(event), (event) => checker.push(event)]);
  recorder.write(runEvent);
  const current: { stand?: SweepStand } = {};
  const deaths = followDeaths(stage, recorder.write, () => current.stand);
  const context = contextOf(parts, recorder.write, answerMs);
  const startedAt = now();
  const isOver = (): boolean =>
    options.signal.aborted ||
    recorder.failure !== undefined ||
    (options.budgetMs !== undefined && now() - startedAt > options.budgetMs) ||
    (options.endsAtFirst === true && checker.progress().violations > 0);
  let reason = 'finished';
  const closesEach = stage.capabilities.provision;
  try {
    for (const [turn, stand] of stands.entries()) {
      if (isOver()) break;
      current.stand = stand;
      await performUntilMet(context, stand, turn, recorder.write);
      // One that died comes back by itself; the next schedule is not to meet its absence.
      await stage.environment.waitReady(context.patience.restartMs);
      if (!closesEach) continue;
      await auditor.finish();
      auditor = newAuditor(parts, recorder.write);
      // Judged before the next stand is taken: the first failure is to be the last stand.
      checker.elapse(now() + 1);
      const { violations } = checker.progress();
      tellProgress(options, { done: turn + 1, all: stands.length, violations });
    }
    if (options.signal.aborted) reason = 'interrupted';
    await auditor.finish();
  } catch (error) {
    reason = `the harness failed: ${messageOf(error)}`;
    throw error;
  } finally {
    deaths();
    recorder.end({ type: 'end', at: now(), reason, counts: { ...recorder.counts } });
  }
  // A history with a hole in it says nothing of what was met.
  if (recorder.failure !== undefined) throw recorder.failure;
}

/** A process that ends by itself is written down until it is back. Gives back how to stop. */
function followDeaths(
  { environment }: Stage,
  emit: (event: HistoryEvent) => void,
  standNow: () => SweepStand | undefined,
): () => void {
  const open = new Map<number, FaultEvent>();
  let count = 0;
  return environment.subscribe((event) => {
    if (event.event === 'recovered') {
      const known = open.get(event.replica);
      open.delete(event.replica);
      if (known) emit({ ...known, at: now(), phase: 'end' });
    }
    if (event.event !== 'exit' || open.has(event.replica)) return;
    const { replica, code, signal, log } = event;
    const stand = standNow();
    const fault: FaultEvent = {
      type: 'fault',
      at: now(),
      phase: 'start',
      id: `exit#${++count}`,
      name: 'exit',
      kind: 'server',
      target: `replica-${replica}`,
      detail: {
        code,
        signal,
        log,
        ...(stand && { during: stand.id, customer: customerOf(stand) }),
      },
    };
    open.set(replica, fault);
    emit(fault);
  });

  /** Found again by its stand: the checker only asks for its end. */
  function customerOf({ id }: SweepStand): string {
    return `cust_${id}`;
  }
}

async function performUntilMet(
  context: SweepContext,
  stand: SweepStand,
  turn: number,
  emit: (event: HistoryEvent) => void,
): Promise<void> {
  for (let number = 1; number <= TRIES; number++) {
    const { outcome } = await performStand(context, stand, number, turn);
    if (outcome !== undefined) return;
  }
  // An end without a start: nothing was on, and it is told why.
  emit({
    ...faultOf(stand, stand.id),
    type: 'fault',
    at: now(),
    phase: 'end',
    error: `the request did not come by in ${TRIES} tries`,
  });
}

function newAuditor({ stage, endpoint, runId }: Parts, emit: (event: HistoryEvent) => void): Auditor {
  return new Auditor({
    contract: stage.contract,
    endpoint,
    emit,
    runId,
    settleMs: stage.settleMs,
    live: false,
    pendingFor: () => 0,
    now,
    sleep: (ms) => sleep(ms),
  });
}

function spotsOf({ environment }: Stage): Spots {
  if (environment.storeDoors.length > 0) return doorSpots(environment.storeDoors);
  if (environment.hooksUrls.length > 0 && environment.store.kind === 'memory') return pointSpots(environment);
  throw usageError('stores', 'there is nothing between the endpoint and its store to stand at', {
    field: 'stores',
    expected: "a store's kind, address and door in the config; TLS cannot be read",
    found: environment.store.description,
  });
}

function refuse(spots: Spots): void {
  const why = spots.refusal();
  if (why !== undefined) throw harnessError('door', why);
}

function contextOf(
  { stage, spots, endpoint, options, runId }: Parts,
  emit: (event: HistoryEvent) => void,
  answerMs = 50,
): SweepContext {
  const { target, contract } = stage;
  return {
    stage,
    spots,
    endpoint,
    emit,
    now,
    sleep: (ms) => sleep(ms),
    client: new SweepClient({ target, contract, emit, now, runId }),
    seed: String(options.seed),
    runId,
    replicas: stage.directUrls,
    patience: patienceOf(stage, answerMs),
  };
}

/** A slow endpoint gets more time, always less than a client waits for an answer. */
function patienceOf({ timeoutMs, settleMs }: Stage, answerMs: number): Patience {
  const clamped = (ms: number, least: number): number => Math.min(Math.max(ms, least), timeoutMs * 0.7);
  return {
    answerMs: timeoutMs * 2,
    shortMs: clamped(answerMs * 3, 200),
    otherMs: clamped(answerMs * 4, 250),
    // Shorter than the answer is waited for: who still waits then was not let in.
    leaseMs: Math.min(settleMs, timeoutMs * 1.8),
    restartMs: 30_000,
  };
}

function tellProgress({ progress, onStand }: SweepOptions, far: SweepProgress): void {
  const { done, all, violations } = far;
  try {
    onStand?.(far);
  } catch {
    // Whoever listens does not change the sweep.
  }
  if (progress.isTTY !== true) return;
  progress.write(`\r${SWEEP}: stand ${done} of ${all}, ${violations} violations so far\x1b[K`);
  if (done === all) progress.write('\r\x1b[K');
}

/** So many failures are written down as scripts. */
const MAX_REPROS = 10;

/** Each failure as a script to read and as a test to keep. */
async function writeRepros(dir: string, verdict: Verdict, options: SweepOptions): Promise<void> {
  const broken = verdict.sweep?.stands.filter((stand) => stand.broken !== undefined) ?? [];
  if (broken.length === 0) return;
  const folder = join(dir, 'stands');
  await mkdir(folder, { recursive: true });
  const target = options.config?.target ?? referenceTarget(verdict.run.target);
  const { configFile, store, defect } = options;
  const asked =
    configFile === undefined ? { store, ...(defect !== undefined && { defect }) } : { configFile };
  for (const stand of broken.slice(0, MAX_REPROS)) {
    const about = { stand, target, asked };
    await writeFile(join(folder, `${stand.id}.sh`), curlScript(about));
    await writeFile(join(folder, `${stand.id}.test.ts`), vitestFile(about));
  }
}

async function report(
  { dir, verdict, historyFile }: SweepResult & { readonly historyFile: string },
  options: SweepOptions,
): Promise<void> {
  const evidence = await evidenceFrom(historyFile, verdict);
  await writeReports(dir, verdict, historyFile, ['json', ...options.report], evidence);
  await writeRepros(dir, verdict, options);
  await pointLatest(options.out, dir);
  if (options.report.includes('github')) options.say(renderGithub(verdict));
  options.say(renderVerdict(verdict, { evidence, report: shownPath(dir), colour: options.colour }));
}
