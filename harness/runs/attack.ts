/** The script in its engine, with what it is told of the stage; and what the engine's end says. */

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type ResolvedSchedule } from '../faults/schedule.ts';
import { hostAndPort } from '../config/hosts.ts';
import { runEngine } from '../engine/engine.ts';
import { EXIT as ENGINE_EXIT, type EngineResult } from '../engine/types.ts';
import { partOf } from '../model/segment.ts';
import { durationMs } from '../base/duration.ts';
import { withoutSecrets } from '../base/secrets.ts';
import { now } from '../base/now.ts';
import { scriptSettings } from '../plan/plan.ts';
import { sendRawCases } from '../engine/raw/cases.ts';
import type { ReadBack } from '../audit/read-back.ts';
import { Recorder } from '../history/recorder.ts';
import { scriptOf, type Planned } from '../plan/resolve.ts';
import { visible } from '../report/format.ts';
import type { Stage } from '../environment/stage.ts';
import type { SuiteOptions } from './suite.ts';

export interface Recording extends Planned {
  readonly scenario: string;
  readonly stage: Stage;
  readonly options: SuiteOptions;
  /** The run's folder. */
  readonly dir: string;
  readonly historyFile: string;
}

export interface Attacked {
  /** Of the history's end. */
  readonly reason: string;
  readonly exceptions: EngineResult['exceptions'];
}

/** The script in its engine, and beside it what no script can send. */
export async function attack(
  recording: Recording,
  recorder: Recorder,
  endpoint: ReadBack,
  cut: AbortSignal,
): Promise<Attacked> {
  const { scenario, plan, stage, options } = recording;
  const log = createWriteStream(join(recording.dir, 'engine.log'));
  // A full disk must not end the run: the log is only for reading along.
  log.on('error', () => {});
  const refused: string[] = [];
  const { segment } = plan.workload;
  const part = segment === undefined ? undefined : partOf(segment);
  const onLog = (level: string, text: string) => void log.write(withoutSecrets(`${level}: ${text}\n`));
  stage.hookLog?.begin();
  recorder.onOther = (line) => onLog('info', line);
  try {
    const engine = runEngine(options.engine, {
      script: scriptOf(scenario),
      env: { ...scriptSettings(plan), ...connectionOf(stage), ...clockSettings(recording.schedule) },
      onLine: recorder.line,
      onLog,
      allowedHosts: hostsOf(stage, options),
      onRefusedHost: (origin) => refused.push(origin),
      signal: options.signal,
      cut,
      leftovers: stage.environment.keeper,
      ...(part && { overrides: { segment: part } }),
      maxBodyBytes: stage.maxAnswerBytes,
      ...stallOf(options),
    });
    const raw =
      // They are made once, whoever else takes part.
      scenario === 'key-reuse' && (part === undefined || part.executionSegment.startsWith('0:'))
        ? sendRawCases({
            stage,
            endpoint,
            runId: plan.runId,
            emit: recorder.write,
            now,
            signal: AbortSignal.any([options.signal, cut]),
          })
        : Promise.resolve(0);
    const [result] = await Promise.all([engine, raw]);
    if (result.stdout) onLog('summary', result.stdout);
    stage.assertSigned?.();
    stage.hookLog?.assertProvisioned();
    if (recorder.firstBadLine !== undefined) throw recorder.firstBadLine;
    return { reason: endReason(result, options.signal.aborted), exceptions: cleaned(result.exceptions) };
  } finally {
    tellRefused(refused, options);
    log.end();
  }
}

function stallOf({ maxStall }: SuiteOptions): { readonly stallMs?: number } {
  const stallMs = maxStall === undefined ? undefined : durationMs(maxStall);
  return stallMs === undefined ? {} : { stallMs };
}

/** What a script throws may hold what it knows. */
function cleaned(exceptions: EngineResult['exceptions']): EngineResult['exceptions'] {
  return exceptions?.map((each) => ({ ...each, message: withoutSecrets(each.message) }));
}

/** Where a script may send requests: the parts of this run, and what config and command line name. */
function hostsOf(stage: Stage, { config, allowHosts = [] }: SuiteOptions): readonly string[] {
  const own = [stage.target.baseUrl, stage.hooksUrl, ...stage.directUrls]
    .filter((url) => url !== undefined)
    .map((url) => hostAndPort(new URL(url)));
  return [...own, ...(config?.allowedHosts ?? []), ...allowHosts];
}

/** So many hosts are named. */
const MAX_NAMED = 5;

/** A script that asks elsewhere, or an endpoint that sends it there, is told of: it may be why nothing worked. */
function tellRefused(origins: readonly string[], { progress }: SuiteOptions): void {
  for (const origin of origins.slice(0, MAX_NAMED)) {
    progress.write(
      `nothing was sent to ${visible(withoutSecrets(origin))}: neither config nor command line names it (--allow-host)\n`,
    );
  }
  const more = origins.length - MAX_NAMED;
  if (more > 0) progress.write(`and nothing to ${more} more hosts\n`);
}

/** What the engine's exit says of the evidence: thresholds of the script are its own assertions, and count. */
function endReason(result: EngineResult, isInterrupted: boolean): string {
  if (isInterrupted) return 'interrupted';
  if (result.exitCode === 0) return 'finished';
  if (result.exitCode === ENGINE_EXIT.thresholds) {
    const failed = result.thresholds
      .filter(({ ok }) => !ok)
      .map(({ metric, expression }) => `${metric} ${expression}`);
    return `the script's own thresholds failed: ${failed.join(', ') || (result.reason ?? 'see engine.log')}`;
  }
  return `the engine ended with ${result.exitCode}: ${result.reason ?? 'see engine.log'}`;
}

/** A script does not take a key for wrongly expired where the store's clock jumps; the checker knows when it did. */
function clockSettings({ timed }: ResolvedSchedule): Record<string, string> {
  return timed.some(({ action }) => action === 'clock-jump') ? { STORE_CLOCK_JUMPS: '1' } : {};
}

/** Address and credentials for the script. */
function connectionOf(stage: Stage): Record<string, string> {
  const { target, contract, capabilities, customers, environment } = stage;
  return {
    BASE_URL: target.baseUrl,
    TARGET: JSON.stringify(target),
    CONTRACT: JSON.stringify(contract),
    CAPABILITIES: JSON.stringify(capabilities),
    ...(stage.token !== '' && { TOKEN: stage.token }),
    ...(capabilities.provision && stage.hooksUrl !== undefined && { HOOKS_URL: stage.hooksUrl }),
    ...(stage.hooksToken !== undefined && { HOOKS_TOKEN: stage.hooksToken }),
    ...(customers.length > 0 && { CUSTOMERS: JSON.stringify(customers) }),
    ...((environment.hop ?? environment.replicaHops) !== undefined && { PROXY_URL: target.baseUrl }),
    ...(stage.limits && {
      MAX_VUS: String(stage.limits.maxVus),
      MAX_RPS: String(stage.limits.maxRequestsPerSecond),
      LIST_LAG_MS: String(stage.limits.readLagMs),
    }),
  };
}
