/** The endpoint of histories that were recorded elsewhere: what can still be read of it. */

import { randomBytes } from 'node:crypto';
import { ReadBack } from '../audit/read-back.ts';
import { usageError } from '../base/errors.ts';
import { keepSecret } from '../base/secrets.ts';
import { startHooksBridge } from '../config/hooks-bridge.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { signerOf } from '../config/signing.ts';
import { needsGateway, openGateway } from '../environment/gateway.ts';
import { NO_CAPABILITIES, type Capabilities } from '../history/events.ts';
import { contractFrom, type Contract, type ProfileName } from '../model/contract.ts';
import { referenceTarget, type Target } from '../model/target.ts';

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

export interface AuditedEndpoint {
  readonly target: Target;
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  readonly readBack: ReadBack;
  /** Where its clock is asked, and how far apart requests must be at least. */
  readonly baseUrl: string;
  readonly spacingMs: number;
  readonly close: () => Promise<void>;
}

/** Ready to be read; its `close` ends what was started for it. Throws a usage error where it is not named. */
export async function endpointOf(flags: AuditFlags): Promise<AuditedEndpoint> {
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
    hooksTimeoutMs: DEFAULTS.hookTurnMs,
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
