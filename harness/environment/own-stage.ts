/** One's own endpoint, with hop, doors and hooks around it, as the stage of a run. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import { keepSecret } from '../base/secrets.ts';
import { failAt } from '../config/failing.ts';
import { HookLog } from '../config/hook-log.ts';
import { startHooksBridge } from '../config/hooks-bridge.ts';
import { isLoopback } from '../config/hosts.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { signerOf } from '../config/signing.ts';
import type { ArrivalEvent } from '../history/events.ts';
import { isOnlyAccepted, isPending } from '../model/final-answer.ts';
import { startOwnEnvironment } from './own.ts';
import type { EdgeOptions } from './proxies.ts';
import { proxyOf } from './real-parts.ts';
import { LOCAL_PATIENCE, type Stage, type StageOptions } from './stage.ts';

/** Throws where a flag of the bundled server's is given, and where nobody listens at the endpoint. */
export async function ownStage(options: StageOptions, config: ResolvedConfig): Promise<Stage> {
  for (const flag of ['profile', 'defect', 'replicas', 'lb'] as const) {
    if (options[flag] !== undefined) {
      throw usageError('flag', 'is for the bundled reference server', {
        field: `--${flag}`,
        expected: 'no such flag beside --target',
        found: options[flag],
      });
    }
  }
  if (options.store !== 'auto') {
    throw usageError('flag', 'is for the bundled reference server', {
      field: '--store',
      expected: `no such flag beside the config ${config.file}`,
      found: options.store,
    });
  }
  // What is pointed at a door may not be reached before the door is there: it says so itself then.
  if (config.service === undefined && config.stores.length === 0) await assertReachable(config);
  const arrivals: { take: (arrival: ArrivalEvent) => void } = { take: () => {} };
  const signer = config.hooks.sign && signerOf(config.hooks.sign, DEFAULTS.hookTimeoutMs);
  const { status: statusCall } = config.target;
  const { redemption: redemptionPointer } = config.target.answer;
  const environment = await startOwnEnvironment({
    baseUrl: config.target.baseUrl,
    ...(config.baseUrls.length > 1 && { baseUrls: config.baseUrls }),
    ...(config.hooks.failNext && { arm: armOf(config.hooks.failNext) }),
    reach: { ...config.reach, ...(signer && { sign: signer.sign }) },
    proxy: proxyOf(options.proxy),
    seed: String(options.seed),
    runId: options.runId,
    workDir: options.dir,
    keyHeader: config.target.redeem.keyHeader,
    ...(config.target.redeem.keyPointer !== undefined && { keyPointer: config.target.redeem.keyPointer }),
    // '' finds no text in an object: a hop names no redemption where the config knows of none.
    redemptionPointer: redemptionPointer ?? '',
    isPending: (answer) =>
      statusCall ? isPending(statusCall, answer) : isOnlyAccepted(config.target, answer),
    onArrival: (arrival) => arrivals.take(arrival),
    stores: config.stores,
    serviceDir: dirname(config.file),
    ...(config.service && { service: config.service }),
    ...(options.hasStoreDoors === true && { hasStoreDoors: true }),
    ...(config.hooks.restart && { restart: restartOf(config.hooks.restart) }),
  });
  const hooksToken = keepSecret(randomBytes(16).toString('hex'));
  const { tokenFor } = config.auth;
  const hookLog = new HookLog();
  const bridge = await startHooksBridge({
    hooks: config.hooks,
    token: hooksToken,
    tokenFor,
    onEvent: (event) => hookLog.take(event),
  }).catch(async (error: unknown) => {
    await environment.close();
    throw error;
  });
  const closeAll = async () => {
    await bridge.close();
    await environment.close();
  };
  const customers = await withTokens(config).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  return {
    environment,
    contract: config.contract,
    target: {
      ...config.target,
      baseUrl: environment.baseUrl,
      alsoAt: [config.target.baseUrl, ...environment.directUrls],
    },
    capabilities: { ...environment.capabilities, ...config.capabilities },
    hooksUrl: bridge.url,
    hooksToken,
    hooksTimeoutMs: DEFAULTS.hookTurnMs,
    hookLog,
    ...(config.service === undefined && { endpointUrl: config.target.baseUrl }),
    ...(signer && { assertSigned: signer.assertSigned }),
    directUrls: environment.directUrls,
    customers,
    tokenFor: bridge.tokenFor,
    token: '',
    timeoutMs: config.limits.timeoutMs,
    // A team's endpoint is asked as its customers' clients would: 1 s, 2 s, 4 s, unless it stands on this machine.
    backoffFactor: isLoopback(new URL(config.target.baseUrl).hostname) ? LOCAL_PATIENCE.backoffFactor : 1,
    settleMs: config.limits.settleMs,
    maxAnswerBytes: config.limits.maxAnswerBytes,
    limits: config.limits,
    parts: environment.describe(),
    followArrivals: (take) => {
      arrivals.take = take;
    },
    close: closeAll,
  };
}

function armOf(failNext: NonNullable<ResolvedConfig['hooks']['failNext']>): EdgeOptions['arm'] {
  return async ({ key }, attributes, upstream) =>
    await failAt(failNext, { key, attributes, upstream }, DEFAULTS.hookTimeoutMs);
}

/** The config's own way to restart an endpoint that we did not start. */
function restartOf(restart: NonNullable<ResolvedConfig['hooks']['restart']>): () => Promise<void> {
  return async () => {
    try {
      await restart();
    } catch (error) {
      throw harnessError('hook_failed', `hook restart: ${messageOf(error)}`);
    }
  };
}

/** Each customer of the list with the token that its requests carry: its own, or the common one. */
async function withTokens({ customers, auth }: ResolvedConfig): Promise<Stage['customers']> {
  return await Promise.all(
    customers.map(async ({ id, token }) => ({ id, token: token ?? (await auth.tokenFor(id)) })),
  );
}

/** However short an attempt may be: on a busy machine a connection takes its time. */
const REACHABLE_MS = 10_000;

/** An endpoint that is not there at all is told at once, before customers are made for it. */
async function assertReachable({ target, reach, limits: { timeoutMs } }: ResolvedConfig): Promise<void> {
  const isProxied = reach.proxyAt !== undefined;
  const url = new URL(isProxied ? `http://${reach.proxyAt}` : target.baseUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(Math.max(timeoutMs, REACHABLE_MS)) });
  } catch (error) {
    throw harnessError('unreachable', `the ${isProxied ? 'HTTP proxy' : 'endpoint'} cannot be reached`, {
      field: isProxied ? 'httpProxy' : 'baseUrl',
      expected: `somebody who listens on ${url.host}`,
      found: error instanceof Error && 'code' in error ? error.code : messageOf(error),
    });
  } finally {
    socket.destroy();
  }
}
