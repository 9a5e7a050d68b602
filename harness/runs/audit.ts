/** `onceproof audit`: histories of scripts that ran without our command line are settled, read back, joined and judged. */

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor } from '../audit/auditor.ts';
import { checkHistory } from '../checker/check-history.ts';
import { DEFAULTS, type ResolvedConfig } from '../config/resolve.ts';
import { contractFrom, type Contract, type ProfileName } from '../model/contract.ts';
import { keepSecret } from '../base/secrets.ts';
import { messageOf, usageError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { HistoryWriter } from '../history/writer.ts';
import { eventsByTime, shiftOf, surveyOf, type Survey } from '../history/printed-files.ts';
import { shifted } from '../history/shift.ts';
import type { ClockReading } from '../model/common-clock.ts';
import { THRESHOLDS_FAILED } from '../checker/summing-up.ts';
import { askCommonClock } from './common-clock.ts';
import { now } from '../base/now.ts';
import { NO_CAPABILITIES, type Capabilities, type HistoryEvent, type RunEvent } from '../history/events.ts';
import { startHooksBridge } from '../config/hooks-bridge.ts';
import { signerOf } from '../config/signing.ts';
import { needsGateway, openGateway } from '../environment/gateway.ts';
import { durationMs } from '../base/duration.ts';
import { ReadBack } from '../audit/read-back.ts';
import { Recorder } from '../history/recorder.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import { referenceTarget, type Target } from '../model/target.ts';
import type { Judgement } from './check.ts';

export interface AuditFlags {
  readonly config?: ResolvedConfig;
  readonly baseUrl?: string;
  readonly token: string;
  readonly hooksUrl?: string;
  readonly hooksToken: string;
  readonly profile: ProfileName;
  readonly scenario: string;
  /** A duration: how long an undecided intent is retried. */
  readonly settle: string;
  readonly out: string;
  readonly colour: boolean;
}

interface AuditedEndpoint {
  readonly target: Target;
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  readonly readBack: ReadBack;
  /** Where its clock is asked, and how far apart requests must be at least. */
  readonly baseUrl: string;
  readonly spacingMs: number;
  readonly close: () => Promise<void>;
}

/** Settles and reads back for histories that scripts printed elsewhere, joins all into one history, and judges it. */
export async function auditHistories(files: readonly string[], flags: AuditFlags): Promise<Judgement> {
  const endpoint = await endpointOf(flags);
  try {
    const dir = await auditFolder(flags);
    const historyFile = join(dir, 'history.ndjson');
    await joinAndAudit(files, flags, endpoint, historyFile).catch(async (error: unknown) => {
      await rm(dir, { recursive: true, force: true });
      throw error;
    });
    const verdict = await checkHistory([historyFile]);
    const evidence = await evidenceFrom(historyFile, verdict);
    await writeReports(dir, verdict, historyFile, ['json', 'html', 'junit', 'markdown'], evidence);
    return { verdict, text: renderVerdict(verdict, { evidence, report: dir, colour: flags.colour }) };
  } finally {
    await endpoint.close();
  }
}

async function auditFolder({ out, scenario }: AuditFlags): Promise<string> {
  if (out === '') throw usageError('out', 'has no name', { field: '--out', expected: 'a folder' });
  const dir = resolve(out, scenario, `audit-${randomBytes(4).toString('hex')}`);
  try {
    await makeFolder(dir);
    return dir;
  } catch (error) {
    throw usageError('out', 'cannot be written', {
      field: '--out',
      expected: 'a folder',
      found: messageOf(error),
    });
  }
}

async function joinAndAudit(
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

async function endpointOf(flags: AuditFlags): Promise<AuditedEndpoint> {
  const { config, baseUrl } = flags;
  if (config) return await ownEndpoint(config);
  if (baseUrl === undefined) {
    throw usageError('flag', 'the endpoint is not named', {
      field: 'audit',
      expected: '--target FILE or --base-url URL',
    });
  }
  const target = referenceTarget(baseUrl.replace(/\/+$/, ''));
  const contract = contractFrom(flags.profile);
  const capabilities = elsewhere({ balance: true, redemptions: true, ledger: flags.hooksUrl !== undefined });
  const readBack = new ReadBack({
    target,
    contract,
    capabilities,
    baseUrls: [target.baseUrl],
    tokenFor: () => Promise.resolve(flags.token),
    ...(flags.hooksUrl !== undefined && {
      hooksUrl: flags.hooksUrl.replace(/\/+$/, ''),
      hooksToken: flags.hooksToken,
    }),
    timeoutMs: 5000,
    maxAnswerBytes: DEFAULTS.limits.maxAnswerBytes,
  });
  const { baseUrl: at } = target;
  return {
    target,
    contract,
    capabilities,
    readBack,
    baseUrl: at,
    spacingMs: 0,
    close: () => readBack.close(),
  };
}

async function ownEndpoint(config: ResolvedConfig): Promise<AuditedEndpoint> {
  const { target, contract } = config;
  const hooksToken = keepSecret(randomBytes(16).toString('hex'));
  const { tokenFor } = config.auth;
  const bridge = await startHooksBridge({ hooks: config.hooks, token: hooksToken, tokenFor });
  const sign = config.hooks.sign && signerOf(config.hooks.sign, DEFAULTS.hookTimeoutMs).sign;
  const reach = { ...config.reach, ...(sign && { sign }) };
  const gateway = needsGateway(reach) ? await openGateway(config.baseUrls, reach) : undefined;
  const { balance, redemptions, ledger } = config.capabilities;
  const capabilities = elsewhere({ balance, redemptions, ledger });
  const readBack = new ReadBack({
    target,
    contract,
    capabilities,
    baseUrls: gateway?.urls ?? config.baseUrls,
    tokenFor,
    hooksUrl: bridge.url,
    hooksToken,
    timeoutMs: config.limits.timeoutMs,
    maxAnswerBytes: config.limits.maxAnswerBytes,
  });
  const close = async () => {
    await readBack.close();
    await gateway?.close();
    await bridge.close();
  };
  const [at = target.baseUrl] = gateway?.urls ?? config.baseUrls;
  const spacingMs = 1000 / config.limits.maxRequestsPerSecond;
  return { target, contract, capabilities, readBack, baseUrl: at, spacingMs, close };
}

/** A run that was made elsewhere: nothing of it can be reached any more but what can be read. */
function elsewhere(readable: Pick<Capabilities, 'balance' | 'redemptions' | 'ledger'>): Capabilities {
  return { ...NO_CAPABILITIES, ...readable };
}
