/** The whole order of a probe: stage, preflight, the walk, what is written of it. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageError } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { markupWithoutSecrets, withoutSecrets } from '../base/secrets.ts';
import { failAt } from '../config/failing.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { cleanUpStale } from '../environment/clean-up.ts';
import { armCrashPoint, ask } from '../environment/hooks-client.ts';
import { RUN_FILE } from '../environment/run-file.ts';
import { openStage } from '../environment/open-stage.ts';
import type { Stage } from '../environment/stage.ts';
import { isProfileName, type ProfileName } from '../model/contract.ts';
import { fillPath, HOOK_PATHS } from '../model/protocol.ts';
import type { BenchOptions, Clock } from '../probe/desk.ts';
import { blockOf } from '../probe/block.ts';
import { probe, ROWS, type ProbeResult } from '../probe/probe.ts';
import { verdictOf, type Probed } from '../probe/probed.ts';
import { probeData } from '../report/probe-data.ts';
import { renderProbeHtml } from '../report/probe-html.ts';
import { renderProbeMarkdown } from '../report/probe-markdown.ts';
import { runFolder } from '../report/run-folder.ts';
import { passPreflight } from './preflight.ts';
import { readBackOf } from './reading.ts';

export interface ProbeRequest {
  readonly config?: ResolvedConfig;
  readonly configFile?: string;
  readonly store: string;
  readonly profile?: string;
  readonly defect?: string;
  /** Another path of the endpoint that takes the same requests. */
  readonly otherPath?: string;
  readonly skip: readonly string[];
  readonly seed: number;
  readonly runId?: string;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly progress: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The bundled server is asked no faster than a stranger's. */
const REQUESTS_PER_SECOND: number = DEFAULTS.limits.maxRequestsPerSecond;
/** Reads of the bundled server do not lag. ms */
const REFERENCE_LAG_MS = 200;
const HOOK_LIMIT_MS = DEFAULTS.hookTimeoutMs + 500;

/** Asks the endpoint one thing after the other. Throws where it cannot be reached, and for a config that does not fit. */
export async function probeEndpoint(
  request: ProbeRequest,
): Promise<{ readonly probed: Probed; readonly dir: string }> {
  assertKnown(request.skip);
  const { config, progress, signal, out } = request;
  await cleanUpStale(out, (line) => progress.write(`onceproof: ${line}\n`));
  const runId = request.runId ?? randomBytes(4).toString('hex');
  const dir = await runFolder(out, 'probe', runId);
  const stage = await openStage({ ...request, proxy: 'embedded', runId, dir }).catch(
    async (error: unknown) => {
      if (!existsSync(join(dir, RUN_FILE))) await rm(dir, { recursive: true, force: true });
      throw error;
    },
  );
  let hasFailed = true;
  try {
    if (config !== undefined)
      await passPreflight({ stage, config, signal, tell: (line) => void progress.write(`${line}\n`) });
    const result = await walked(stage, request, runId);
    const probed = probedOf(stage, request, result);
    await writeFiles(probed, dir);
    hasFailed = false;
    return { probed, dir };
  } finally {
    await stage.close();
    if (hasFailed) await rm(dir, { recursive: true, force: true });
  }
}

function assertKnown(skip: readonly string[]): void {
  const unknown = skip.find((name) => !ROWS.some((row) => row.name === name));
  if (unknown === undefined) return;
  throw usageError('flag', 'no such row', {
    field: '--skip',
    expected: ROWS.map(({ name }) => name).join(', '),
    found: unknown,
  });
}

async function walked(stage: Stage, request: ProbeRequest, runId: string): Promise<ProbeResult> {
  const { progress, signal } = request;
  const read = readBackOf(stage);
  const isSeen = progress.isTTY === true;
  try {
    return await probe({
      ...benchOf(stage, request),
      read,
      runId,
      now,
      sleep: (ms) => sleep(ms, undefined, { signal }).then(undefined, () => undefined),
      signal,
      skip: request.skip,
      ...(isSeen && {
        onRow: (name: string, done: number, all: number) =>
          void progress.write(`\r\u001b[Kprobe: row ${done + 1} of ${all}, ${name}`),
      }),
    });
  } finally {
    if (isSeen) progress.write('\r\u001b[K');
    await read.close();
  }
}

type Walk = 'read' | 'runId' | 'now' | 'sleep' | 'signal';

function benchOf(stage: Stage, { config, otherPath }: ProbeRequest): Omit<BenchOptions, Walk> {
  const { capabilities, hooksUrl } = stage;
  const has = hooksUrl !== undefined;
  return {
    target: stage.target,
    contract: stage.contract,
    capabilities,
    baseUrls: stage.directUrls,
    tokenFor: stage.tokenFor,
    hasTokens: config === undefined || config.auth.kind !== 'none',
    customers: stage.customers.map(({ id }) => id),
    ...(otherPath !== undefined && { otherPath }),
    ...(has && capabilities.provision && { provision: (id, points) => provisioned(stage, id, points) }),
    ...(has && capabilities.credit && { credit: (id, points) => credited(stage, id, points) }),
    ...(has && capabilities.clock && { clock: clockOf(stage) }),
    ...slowOf(stage, config),
    timeoutMs: config?.limits.timeoutMs ?? DEFAULTS.limits.timeoutMs,
    lagMs: config?.limits.readLagMs ?? REFERENCE_LAG_MS,
    maxAnswerBytes: stage.maxAnswerBytes,
    requestsPerSecond: stage.limits?.maxRequestsPerSecond ?? REQUESTS_PER_SECOND,
  };
}

/** The bundled server has points at which it can be held; one's own has `failNext`, or neither. */
function slowOf(stage: Stage, config: ResolvedConfig | undefined): Pick<BenchOptions, 'slow' | 'fail'> {
  if (config === undefined) {
    const { hooksUrl, hooksToken = '' } = stage;
    if (hooksUrl === undefined) return {};
    const order = { point: 'after-debit', action: 'pause', replica: 1 };
    return {
      slow: async (key, pauseMs) => await armCrashPoint(hooksUrl, hooksToken, { ...order, key, pauseMs }),
    };
  }
  const { failNext } = config.hooks;
  if (failNext === undefined) return {};
  const fail = async (key: string, point: string, pauseMs = 0) =>
    await failAt(failNext, { key, attributes: { point, pause_ms: pauseMs }, upstream: 0 }, HOOK_LIMIT_MS);
  return {
    slow: async (key, ms, how) => await fail(key, `delay-${how}`, ms),
    fail: async (key, how) => await fail(key, how === 'before' ? 'error' : 'throw'),
  };
}

/** What the customer's hook gave as its own token. */
async function provisioned(stage: Stage, customer: string, points: number): Promise<string | undefined> {
  const body = await hook(stage, 'POST', HOOK_PATHS.customers, { customer_id: customer, points });
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}

async function credited(stage: Stage, customer: string, points: number): Promise<void> {
  await hook(stage, 'POST', fillPath(HOOK_PATHS.credit, { customer_id: customer }), { points });
}

function clockOf(stage: Stage): Clock {
  const put = async (customer: string, body: object): Promise<void> => {
    await hook(stage, 'PUT', fillPath(HOOK_PATHS.clock, { customer_id: customer }), body);
  };
  return {
    freeze: (customer) => put(customer, { advance_ms: 0 }),
    advance: (customer, byMs) => put(customer, { advance_ms: byMs }),
    release: (customer) => put(customer, { frozen: false }),
  };
}

async function hook(stage: Stage, method: string, path: string, asked: object): Promise<unknown> {
  const { status, body } = await ask({
    method,
    url: (stage.hooksUrl ?? '') + path,
    body: JSON.stringify(asked),
    timeoutMs: HOOK_LIMIT_MS,
    ...(stage.hooksToken !== undefined && { token: stage.hooksToken }),
  });
  if (status < 300) return JSON.parse(body === '' ? 'null' : body) as unknown;
  const { detail } = JSON.parse(body) as { readonly detail?: unknown };
  throw new Error(typeof detail === 'string' ? detail : body);
}

function probedOf(stage: Stage, { config }: ProbeRequest, result: ProbeResult): Probed {
  const { profile } = stage.contract;
  const known: ProfileName | undefined = config !== undefined && isProfileName(profile) ? profile : undefined;
  return {
    result,
    block: blockOf(result.told, stage.contract, known),
    ...(config !== undefined && { verdict: verdictOf(result) }),
    target: stage.target,
    endpoint: config?.target.baseUrl ?? `the bundled reference server, profile ${profile}`,
  };
}

async function writeFiles(probed: Probed, dir: string): Promise<void> {
  const data = withoutSecrets(JSON.stringify(probeData(probed), null, 2));
  await writeFile(join(dir, 'probe.json'), `${data}\n`);
  await writeFile(join(dir, 'summary.md'), markupWithoutSecrets(renderProbeMarkdown(probed)));
  await writeFile(join(dir, 'report.html'), markupWithoutSecrets(renderProbeHtml(probed)));
}
