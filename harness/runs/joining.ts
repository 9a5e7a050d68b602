/** Several processes' histories become one, settled and read back: what each could not know is asked at the end. */

import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor } from '../audit/auditor.ts';
import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { THRESHOLDS_FAILED } from '../checker/summing-up.ts';
import type { HistoryEvent, RunEvent } from '../history/events.ts';
import { eventsByTime, shiftOf, surveyOf, type Survey } from '../history/printed-files.ts';
import { Recorder } from '../history/recorder.ts';
import { shifted } from '../history/shift.ts';
import { HistoryWriter } from '../history/writer.ts';
import type { ClockReading } from '../model/common-clock.ts';
import type { AuditedEndpoint, AuditFlags } from './audited-endpoint.ts';
import { askCommonClock } from './common-clock.ts';

/** Writes the joined history. Throws a usage error where the files hold no event. */
export async function joinAndAudit(
  files: readonly string[],
  flags: AuditFlags,
  endpoint: AuditedEndpoint,
  historyFile: string,
): Promise<void> {
  const writer = new HistoryWriter(historyFile);
  try {
    const surveys = await Promise.all(files.map((file) => surveyOf(file)));
    const first = surveys.find((survey) => survey.first !== undefined)?.first;
    if (first === undefined) {
      throw usageError('history', 'holds no event', {
        field: files.join(', '),
        expected: 'lines that a script printed',
      });
    }
    await writeJoined({ writer, surveys, first, flags, endpoint });
  } finally {
    writer.close();
  }
}

interface Joining {
  readonly writer: HistoryWriter;
  readonly surveys: readonly Survey[];
  readonly first: HistoryEvent;
  readonly flags: AuditFlags;
  readonly endpoint: AuditedEndpoint;
}

async function writeJoined({ writer, surveys, first, flags, endpoint }: Joining): Promise<void> {
  const auditor = new Auditor({
    contract: endpoint.contract,
    endpoint: endpoint.readBack,
    emit: (event) => recorder.write(event),
    settleMs: durationMs(flags.settle) ?? 10_000,
    // The engines have ended: customers are closed one after the other, at the end.
    live: false,
    pendingFor: () => 0,
    ...(first.type === 'run' && { runId: first.runId }),
    now,
    sleep: (ms) => sleep(ms),
  });
  const audited = new Set(surveys.flatMap((survey) => [...survey.audited]));
  const recorder = new Recorder(writer, [
    (event) => {
      // Whose books were closed where the run was made is not asked again.
      if (!('customer' in event) || event.customer === undefined || !audited.has(event.customer))
        auditor.push(event);
    },
  ]);
  const processes = surveys.filter(({ runs }) => runs.length > 0);
  const isApart = processes.some(({ runs }) => runs[0]?.clock !== undefined);
  const own = isApart
    ? await askCommonClock(endpoint.baseUrl, endpoint.spacingMs, new AbortController().signal)
    : undefined;
  const readAt = now();
  const shifts = surveys.map((survey) => shiftOf(survey, own, readAt));
  const run = runEventOf(
    flags,
    endpoint,
    shifted(first, shifts[surveys.findIndex((survey) => survey.first === first)] ?? 0),
  );
  // Attempts of a second run id go by another name here than in their traces.
  const isOneRun = new Set(surveys.flatMap(({ runs }) => runs.map(({ runId }) => runId))).size === 1;
  const traceUrl = isOneRun ? (flags.config?.traceUrl ?? run.traceUrl) : undefined;
  const { traceUrl: _, ...untraced } = run;
  recorder.write({
    ...untraced,
    ...joinedMembers(surveys, shifts, own),
    ...(traceUrl !== undefined && { traceUrl }),
  });
  const runIds: string[] = [];
  const pods = surveys.map(() => '');
  for await (const { event, index } of eventsByTime(
    surveys.map(({ file }, at) => ({ file, shiftMs: shifts[at] ?? 0 })),
  )) {
    if (event.type === 'run') pods[index] = podName(runIds, event.runId);
    else if (event.type !== 'end')
      recorder.write(ofPod(event, pods[index] ?? '', surveys.length > 1 ? index : undefined));
  }
  await auditor.finish();
  recorder.end({ type: 'end', at: now(), reason: endReasonOf(surveys), counts: recorder.counts });
  // A history with a hole in it would be judged as if nothing had been there.
  if (recorder.failure !== undefined) throw recorder.failure;
}

/** What is told of several processes' files: their parts, and how far their clocks were moved to be one. */
function joinedMembers(
  surveys: readonly Survey[],
  shifts: readonly number[],
  own: ClockReading | undefined,
): Pick<RunEvent, 'segments' | 'joined'> {
  const runs = surveys.flatMap((survey) => survey.runs);
  // What it says of one file's writer is not so of the joined one.
  const isInParts = runs.some(({ segments }) => segments !== undefined);
  const clocks = runs.map(({ clock }) => clock?.uncertaintyMs).filter((ms) => ms !== undefined);
  return {
    ...(isInParts && { segments: runs.flatMap(({ segments }) => segments ?? ['0:1']) }),
    ...(runs.length > 0 &&
      surveys.length > 1 && {
        joined: {
          processes: runs.length,
          shiftsMs: shifts,
          uncertaintyMs: clocks.length === 0 ? 0 : Math.max(...clocks) + (own?.uncertaintyMs ?? 0),
          unasked: runs.length - clocks.length,
        },
      }),
  };
}

/** The joined history has ended as whole as the least whole of its files. */
function endReasonOf(surveys: readonly Survey[]): string {
  const killed = surveys.filter(({ runs, endReasons, isTorn }) => runs.length > endReasons.length || isTorn);
  if (killed.length > 0) {
    const names = killed.map(({ file }) => basename(file)).join(', ');
    return `${killed.length} of ${surveys.length} processes never came to their end (${names}): what they had not done yet is missing`;
  }
  const reasons = surveys.flatMap(({ endReasons }) => endReasons).filter((reason) => reason !== 'finished');
  return reasons.find((reason) => !reason.startsWith(THRESHOLDS_FAILED)) ?? reasons[0] ?? 'finished';
}

/**
 * Pods of one run (execution segments) number their intents together. Scripts that were started each on its own
 * count from 0 again: from the second run id on, their intents get a name in front.
 */
function podName(runIds: string[], runId: string): string {
  if (!runIds.includes(runId)) runIds.push(runId);
  const index = runIds.indexOf(runId);
  return index === 0 ? '' : `pod${index + 1}-`;
}

function ofPod(event: HistoryEvent, pod: string, place: number | undefined): HistoryEvent {
  if (event.type === 'fault') return place === undefined ? event : { ...event, id: `${place}/${event.id}` };
  if (pod === '') return event;
  if (event.type === 'invoke') return { ...event, intent: pod + event.intent, attempt: pod + event.attempt };
  return event.type === 'complete' ? { ...event, attempt: pod + event.attempt } : event;
}

/** A history that already has a `run` event keeps it, but for what can be reached now. */
function runEventOf(
  flags: AuditFlags,
  { target, contract, capabilities }: AuditedEndpoint,
  first: HistoryEvent,
): RunEvent {
  if (first.type === 'run') {
    const { clock: _clock, ...run } = first;
    return { ...run, contract, capabilities: { ...first.capabilities, ...capabilities } };
  }
  return {
    type: 'run',
    schema: 1,
    runId: `audit-${randomBytes(4).toString('hex')}`,
    seed: 'unknown',
    scenario: flags.scenario,
    engine: 'elsewhere',
    proxy: 'unknown',
    store: 'unknown',
    contract,
    target: target.baseUrl,
    capabilities,
    startedAt: first.at,
    faults: { profile: 'unknown', kinds: [] },
    client: 'seed',
  };
}
