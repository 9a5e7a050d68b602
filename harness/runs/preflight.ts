/** Looks, on the stage of a run, whether the config describes its endpoint; what is wrong is told before anything is attacked. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { ask } from '../environment/hooks-client.ts';
import type { Stage } from '../environment/stage.ts';
import type { RunEvent } from '../history/events.ts';
import { coversDuplicates } from '../model/contract.ts';
import { HOOK_PATHS } from '../model/protocol.ts';
import { findingLine } from '../preflight/finding.ts';
import { preflight, type PreflightResult } from '../preflight/preflight.ts';
import { visible } from '../report/format.ts';
import { plural } from '../report/format.ts';
import { readBackOf } from './reading.ts';

/** An endpoint that nobody said to be slow answers within this time, or is told not to. ms */
const ANSWER_LIMIT_MS = 3500;
/** Reads may lag so long at most before that is told. ms */
const MAX_LAG_MS = 2000;
/** What a hook may take longer than the bridge gives it. ms */
const HOOK_MARGIN_MS = 500;
/** A window of the contract that is longer than this is not waited out. ms */
const MAX_WINDOW_MS = 10_000;

export interface PreflightRequest {
  readonly stage: Stage;
  readonly config: ResolvedConfig;
  readonly triesInFlight: boolean;
  readonly signal: AbortSignal;
}

/** One customer, one redemption, its repetition, and what is read of it. */
export async function preflightOf(request: PreflightRequest): Promise<PreflightResult> {
  const { stage, config, signal } = request;
  const { timeoutMs, readLagMs } = config.limits;
  return await preflight({
    target: stage.target,
    contract: stage.contract,
    capabilities: stage.capabilities,
    auth: config.auth.kind,
    ...(config.ledgerFrom !== undefined && { ledger: config.ledgerFrom }),
    customers: stage.customers.map(({ id }) => id),
    provision: (customer, points) => provisioned(stage, customer, points),
    open: (more) => readBackOf(stage, more),
    // Whoever says that it is slow is believed; who says that it is quick need not be so at the first request.
    timeoutMs: timeoutMs > DEFAULTS.limits.timeoutMs ? timeoutMs : ANSWER_LIMIT_MS,
    lagMs: Math.min(readLagMs, MAX_LAG_MS),
    triesInFlight: request.triesInFlight,
    runId: randomBytes(4).toString('hex'),
    now,
    sleep: (ms) => sleep(ms),
    signal,
  });
}

/** Before a run: says what is strange, throws what is wrong. Gives what the checker has to know of it. */
export async function passPreflight(
  request: Omit<PreflightRequest, 'triesInFlight'> & { readonly tell: (line: string) => void },
): Promise<RunEvent['unshown']> {
  const { tell, stage, config } = request;
  const result = await preflightOf({ ...request, triesInFlight: false });
  throwWrong(result, (line) => tell(`onceproof: ${line}`));
  for (const finding of result.findings) tell(`preflight: ${visible(findingLine(finding))}`);
  const requests = result.steps.reduce((count, { exchanges }) => count + exchanges.length, 0);
  const what =
    result.findings.length === 0
      ? 'the config describes the endpoint'
      : plural(result.findings.length, 'warning');
  tell(`preflight: ${what} (${plural(requests, 'request')}, ${Math.round(result.tookMs)} ms)`);
  await outlast(windowMs(stage, config), request.signal);
  return result.unshown;
}

/** A line for each thing that is wrong: the last one is thrown, the others are told before. */
export function throwWrong({ findings }: PreflightResult, tell: (line: string) => void): void {
  const wrong = findings.filter(({ severity }) => severity === 'wrong');
  const told = wrong.length > 0 ? wrong : findings.filter(({ severity }) => severity === 'unreached');
  const lines = told.map((finding) => visible(findingLine(finding)));
  const last = lines.pop();
  if (last === undefined) return;
  for (const line of lines) tell(line);
  throw wrong.length > 0 ? usageError('preflight', last) : harnessError('preflight', last);
}

/** A listed customer is used again: what looks like the preflight's redemption would be refused as its duplicate. */
function windowMs({ capabilities, contract, target }: Stage, { customers }: ResolvedConfig): number {
  const isNamed = target.sendsClientRedemptionId || capabilities.provision || customers.length === 0;
  return isNamed || !coversDuplicates(contract) ? 0 : Math.min(contract.duplicateWindowMs, MAX_WINDOW_MS);
}

async function outlast(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Undefined: it was made. Else what the hook, or the bridge to it, says. */
async function provisioned(stage: Stage, customer: string, points: number): Promise<string | undefined> {
  try {
    const { status, body } = await ask({
      method: 'POST',
      url: (stage.hooksUrl ?? '') + HOOK_PATHS.customers,
      body: JSON.stringify({ customer_id: customer, points }),
      timeoutMs: DEFAULTS.hookTimeoutMs + HOOK_MARGIN_MS,
      ...(stage.hooksToken !== undefined && { token: stage.hooksToken }),
    });
    if (status < 300) return undefined;
    const { detail } = JSON.parse(body) as { readonly detail?: unknown };
    return typeof detail === 'string' ? detail.replace(/^hook provision: /, '') : body;
  } catch (error) {
    return messageOf(error);
  }
}
