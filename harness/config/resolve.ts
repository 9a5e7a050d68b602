/** A config as it was written becomes a config as it is used: every member checked, every default put in, once. */

import { dirname } from 'node:path';
import type { Contract } from '../model/contract.ts';
import { usageError } from '../base/errors.ts';
import type { Capabilities } from '../history/events.ts';
import { hasOtherPayloads } from '../model/other-payload.ts';
import type { Target } from '../model/target.ts';
import { authOf, type Auth } from './auth.ts';
import { credentialOf } from './credential.ts';
import { contractOf } from './contract-rows.ts';
import type { HooksConfig } from './define.ts';
import { effectsOf } from './effects.ts';
import { type Environment } from './environment.ts';
import { accountsOf, customersOf, type ResolvedCustomer } from './customers.ts';
import { DEFAULTS } from './defaults.ts';
import { allowedHostsOf } from './hosts.ts';
import { limitsOf, type Limits } from './limits.ts';
import { integerOf, isGiven, matchOf, isPlainObject, objectOf, wrong, type Member } from './member.ts';
import { amountsOf } from './paging.ts';
import { serviceOf, storesOf, type ResolvedService, type ResolvedStore } from './service.ts';
import { baseUrlsOf, reachOf, type ResolvedReach } from './reach.ts';
import { statusOf } from './status.ts';
import { baseUrlOf, targetOf } from './target.ts';

/** A config with nothing left open. */
/** Of the IETF draft: its value is a string as RFC 9651 has it. */
const STRUCTURED_HEADER = 'idempotency-key';

export interface ResolvedConfig {
  /** Where it came from, absolute. */
  readonly file: string;
  /** Plain data: all that a script needs. */
  readonly target: Target;
  readonly contract: Contract;
  /** What the config knows of; arrivals, crash, processes and store are the environment's to say. */
  readonly capabilities: Pick<
    Capabilities,
    | 'balance'
    | 'redemptions'
    | 'ledger'
    | 'clock'
    | 'provision'
    | 'credit'
    | 'replicas'
    | 'failNext'
    | 'otherPayload'
  >;
  /** Empty when `hooks.provision` makes them. */
  readonly customers: readonly ResolvedCustomer[];
  readonly auth: Auth;
  readonly hooks: HooksConfig;
  /** The member that says how the ledger is read, where one is. */
  readonly ledgerFrom?: string;
  readonly limits: Limits;
  /** Where an attempt's trace is shown: a URL with `{trace_id}`. */
  readonly traceUrl?: string;
  /** `host` (any port) or `host:port`, lower case; check with `isAllowedHost`. */
  readonly allowedHosts: readonly string[];
  /** Replicas of the endpoint, the first one that of `target`. */
  readonly baseUrls: readonly string[];
  readonly reach: ResolvedReach;
  readonly stores: readonly ResolvedStore[];
  readonly service?: ResolvedService;
}

export interface ResolveOptions {
  /** Absolute path of the file; commands run in its folder. */
  readonly file: string;
  /** The environment that `{ env }` members read. */
  readonly env: Environment;
  /** Hosts that the command line allows beside the config's. */
  readonly allowHosts?: readonly string[];
  /** The clock by which tokens expire. ms. */
  readonly now?: () => number;
}

const MEMBERS = [
  // For editors alone: the published schema of this file.
  '$schema',
  'baseUrl',
  'baseUrls',
  'allowedHosts',
  'tls',
  'httpProxy',
  'auth',
  'headers',
  'query',
  'redeem',
  'answer',
  'status',
  'balance',
  'redemptions',
  'rewards',
  'unit',
  'amounts',
  'redemptionTypes',
  'contract',
  'customers',
  'hooks',
  'effects',
  'limits',
  'report',
  'replicas',
  'stores',
  'service',
] as const;
const HOOKS = [
  'provision',
  'credit',
  'advanceClock',
  'setClock',
  'ledger',
  'restart',
  'sign',
  'failNext',
] as const;
/** Checks a config and puts the defaults in. Throws a usage error that names the first wrong member. */
export function resolveConfig(config: unknown, options: ResolveOptions): ResolvedConfig {
  const root: Member = { value: config, path: '', file: fileLabel(options.file) };
  if (!isPlainObject(config)) throw wrong({ ...root, path: 'the config' }, 'an object (the default export)');
  const members = objectOf(root, MEMBERS);
  const bases = baseUrlsOf(members.baseUrl, members.baseUrls, options.env);
  const base = bases[0] ?? baseUrlOf(members.baseUrl, options.env);
  const allowedHosts = hostsOf(members, bases, options.allowHosts);
  const { redeem, answer } = members;
  const readsCodes = isPlainObject(answer.value) && answer.value['code'] !== undefined;
  const keyHeader = isPlainObject(redeem.value) ? redeem.value['keyHeader'] : undefined;
  const keyMember = { value: keyHeader, path: 'redeem.keyHeader', file: root.file };
  const ownContract = contractOf(members.contract, keyMember, readsCodes);
  const baseUrls = bases.map(({ href }) => href.replace(/\/+$/, ''));
  const baseUrl = baseUrls[0] ?? '';
  const credential = credentialOf(members.auth);
  const spoken = targetOf(members, baseUrl, ownContract.keyHeader, credential, options.env);
  const contract = contractFor(spoken, ownContract, members.contract);
  const amounts = amountsOf(members.unit, members.amounts);
  const ownHooks = hooksOf(members.hooks);
  const hooks = isGiven(members.effects)
    ? {
        ...ownHooks,
        ledger: effectsOf(members.effects, {
          env: options.env,
          allowedHosts,
          file: options.file,
          directory: dirname(options.file),
          amounts,
          hasLedgerHook: ownHooks.ledger !== undefined,
        }),
      }
    : ownHooks;
  const makesCustomers = hooks.provision !== undefined;
  const customers = customersOf(members.customers, hooks, options.env);
  const service = serviceOf(members.service, options.env, base);
  const needsHop = needsHopOf(members, hooks);
  const target = { ...spoken, ...(needsHop !== undefined && { needsHop }) };
  const reach = reachOf(members, base, { env: options.env, file: options.file, allowedHosts });
  if (service && (isGiven(members.baseUrls) || Object.keys(reach).length > 0))
    throw notBeside(members.service);
  return {
    file: options.file,
    target: {
      ...target,
      ...(isGiven(members.status) && { status: statusOf(members.status) }),
      ...(amounts !== undefined && { amounts }),
      ...accountsOf(customers, target, members.customers),
    },
    contract,
    capabilities: {
      balance: target.balance !== undefined,
      redemptions: target.redemptions !== undefined,
      ledger: hooks.ledger !== undefined,
      // A listed customer comes back in later iterations: its clock and its points are left alone.
      clock: makesCustomers && (hooks.setClock !== undefined || hooks.advanceClock !== undefined),
      provision: makesCustomers,
      credit: makesCustomers && hooks.credit !== undefined,
      ...(hooks.failNext !== undefined && { failNext: true }),
      ...(!hasOtherPayloads(target) && { otherPayload: false }),
      replicas: replicasOf(members.replicas, service, baseUrls.length),
    },
    customers,
    auth: authOf(members.auth, {
      env: options.env,
      allowedHosts,
      directory: dirname(options.file),
      timeoutMs: DEFAULTS.authTimeoutMs,
      ttlMs: DEFAULTS.tokenTtlMs,
      own: new Map(customers.flatMap(({ id, token }) => (token === undefined ? [] : [[id, token]]))),
      now: options.now ?? Date.now,
    }),
    hooks,
    ...(hooks.ledger !== undefined && { ledgerFrom: ledgerFrom(members.effects) }),
    limits: limitsOf(members.limits),
    ...traceUrlOf(members.report),
    allowedHosts,
    baseUrls,
    reach,
    stores: storesOf(members.stores, options.env, allowedHosts, service !== undefined),
    ...(service && { service }),
  };
}

/** The member that says how the ledger is read. */
function ledgerFrom(effects: Member): string {
  if (!isPlainObject(effects.value)) return 'hooks.ledger';
  return effects.value['command'] === undefined ? 'effects.sql' : 'effects.command';
}

/**
 * Quotes around a key are the form of a structured field. In a body they are part of the key; in a header of another name
 * nobody says what they are; unless the config does.
 */
function contractFor({ redeem }: Target, contract: Contract, member: Member): Contract {
  const isSaid = isPlainObject(member.value) && member.value['quotedKeysEqual'] !== undefined;
  if (isSaid) return contract;
  if (redeem.keyPointer !== undefined) return { ...contract, quotedKeysEqual: false };
  const isStandard = contract.keyHeader.toLowerCase() === STRUCTURED_HEADER;
  return isStandard ? contract : { ...contract, quotedKeysEqual: 'unspecified' };
}

/** The hosts that may be sent anything; each replica's has to be one of them. */
function hostsOf(
  { allowedHosts, baseUrl, baseUrls }: Record<'allowedHosts' | 'baseUrl' | 'baseUrls', Member>,
  bases: readonly URL[],
  more: readonly string[] = [],
): readonly string[] {
  const all = bases.map((base) =>
    allowedHostsOf(allowedHosts, isGiven(baseUrls) ? baseUrls : baseUrl, base, more),
  );
  return [...new Set(all.flat())];
}

function replicasOf(member: Member, service: ResolvedService | undefined, urlCount: number): number {
  if (!isGiven(member)) return service?.replicas ?? Math.max(DEFAULTS.replicas, urlCount);
  const replicas = integerOf(member, 1, 1000);
  if (urlCount > 1 && replicas !== urlCount)
    throw wrong(member, `as many as baseUrls (${urlCount}), or none here`);
  if (service !== undefined && service.replicas !== replicas)
    throw wrong(member, `as many as service.replicas (${service.replicas}), or none here`);
  return replicas;
}

/** The last part of the path: enough to know the file by, and no home folder in a report. */
export function fileLabel(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

function hooksOf(member: Member): HooksConfig {
  if (!isGiven(member)) return {};
  const members = objectOf(member, HOOKS);
  const given = HOOKS.filter((name) => isGiven(members[name]));
  for (const name of given) {
    if (typeof members[name].value !== 'function') throw wrong(members[name], 'a function');
  }
  const hooks: HooksConfig = Object.fromEntries(given.map((name) => [name, members[name].value]));
  return hooks;
}

/** Scripts hold no functions, and are given no keys. */
function needsHopOf(
  { tls, httpProxy }: Record<'tls' | 'httpProxy', Member>,
  hooks: HooksConfig,
): string | undefined {
  if (hooks.sign !== undefined) return 'hooks.sign';
  return isGiven(tls) ? 'tls' : isGiven(httpProxy) ? 'httpProxy' : undefined;
}

function notBeside({ file, path }: Member): Error {
  return usageError('config_wrong', `not beside baseUrls, tls or httpProxy in ${file}`, {
    field: path,
    expected: 'a service on this machine, or an endpoint elsewhere',
  });
}

function traceUrlOf(member: Member): Pick<ResolvedConfig, 'traceUrl'> {
  if (!isGiven(member)) return {};
  const { traceUrl } = objectOf(member, ['traceUrl']);
  if (!isGiven(traceUrl)) return {};
  const pattern = /^https?:\/\/[^\s"'<>()`]*\{trace_id\}[^\s"'<>()`]*$/;
  return { traceUrl: matchOf(traceUrl, pattern, 'an http or https URL with {trace_id} in it') };
}
