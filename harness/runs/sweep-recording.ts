/** The schedules of a sweep, one after the other: each is performed, settled, read back and judged before the next begins. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor } from '../audit/auditor.ts';
import type { ReadBack } from '../audit/read-back.ts';
import { messageOf } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { Checker } from '../checker/checker.ts';
import type { Stage } from '../environment/stage.ts';
import type { FaultEvent, HistoryEvent, RunEvent } from '../history/events.ts';
import { HistoryWriter } from '../history/writer.ts';
import { Recorder } from '../history/recorder.ts';
import type { AskedStand, SweepFacts, SweepStand } from '../model/stand.ts';
import { SWEEP, type SweepRequest } from '../plan/sweep-run.ts';
import type { ReportKind } from '../report/kinds.ts';
import { SweepClient } from '../sweep/client.ts';
import type { Patience, SweepContext } from '../sweep/context.ts';
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

/** How often a stand is tried until it is met. */
const TRIES = 3;

/** What a sweep works with, the same for all of its schedules. */
export interface SweepParts {
  readonly stage: Stage;
  readonly spots: Spots;
  readonly endpoint: ReadBack;
  readonly options: SweepOptions;
  readonly runId: string;
}

/** One schedule after the other; each is settled and read back before the next begins. */
export async function recordStands(
  parts: SweepParts,
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

function newAuditor({ stage, endpoint, runId }: SweepParts, emit: (event: HistoryEvent) => void): Auditor {
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

/** Before the baseline nothing is known of how fast the endpoint answers. */
export function contextOf(
  { stage, spots, endpoint, options, runId }: SweepParts,
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
