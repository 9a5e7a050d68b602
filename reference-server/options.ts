/** The program's options: loose in, strict out, resolved once. */

import { parseArgs } from 'node:util';
import { contractFrom, PLAYED_PROFILES, PROFILES, type Contract } from '../harness/model/contract.ts';
import type { FixedToken } from './access.ts';
import { DEFECTS } from './defects/index.ts';
import type { Defect } from './defects/defect.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly replicas: number;
  /** 1-based number of the first replica of this process. */
  readonly replicaIndex: number;
  /** `memory`, or a Redis URL. */
  readonly store: string;
  readonly keyPrefix: string;
  readonly contract: Contract;
  readonly defect?: Defect;
  readonly tokens: readonly FixedToken[];
  /** Absent: no hooks. */
  readonly hooks?: { readonly port: number; readonly token: string };
  readonly customers: readonly { readonly customer: string; readonly points: number }[];
  readonly rewards: readonly string[];
  readonly fulfilMs: number;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly storeTimeoutMs: number;
  readonly restartAfterMs: number;
  readonly customerTtlMs: number;
}

/** A wrong option: one clear line, exit code 4. */
export class OptionError extends Error {
  constructor(option: string, expected: string, found: unknown) {
    super(`${option}: expected ${expected}; found ${JSON.stringify(found)}`);
    this.name = 'OptionError';
  }
}

export const HELP = `Usage: main.ts [options]     the reference redemption server; events as NDJSON on stdout
  --host 127.0.0.1            address to listen on
  --port 0                    port of the first replica, 0 = any free one
  --replicas 1                listeners over one memory store
  --replica-index 1           number of the first replica
  --store memory              memory, or redis://host:port (?cluster=true for Redis Cluster)
  --key-prefix onceproof      first part of every Redis key
  --profile seed              ${PLAYED_PROFILES.join(', ')}
  --contract JSON             rows of the contract to replace
  --defect NAME               a wrong edition
  --token T                   token that may act for every customer (repeatable; else ONCEPROOF_TOKEN)
  --token-for T=a,b           token that may act for these customers (repeatable)
  --customer ID=POINTS        a customer to start with (repeatable)
  --reward ID                 a reward (repeatable; default reward_67890, reward_coffee)
  --hooks-port N              test hooks on this port, 0 = any free one (off without it)
  --hooks-token T             their token (else ONCEPROOF_HOOKS_TOKEN)
  --fulfil-ms 5  --lease-ms 1000  --wait-ms 5000  --store-timeout-ms 500
  --restart-after-ms 150      how long a simulated crash lasts
  --customer-ttl-ms 600000    how long a customer made by a hook is kept without use
  --list-defects              the wrong editions as JSON`;

const FLAGS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  replicas: { type: 'string', default: '1' },
  'replica-index': { type: 'string', default: '1' },
  store: { type: 'string', default: 'memory' },
  'key-prefix': { type: 'string', default: 'onceproof' },
  profile: { type: 'string', default: 'seed' },
  contract: { type: 'string', default: '{}' },
  defect: { type: 'string' },
  token: { type: 'string', multiple: true, default: [] as string[] },
  'token-for': { type: 'string', multiple: true, default: [] as string[] },
  customer: { type: 'string', multiple: true, default: [] as string[] },
  reward: { type: 'string', multiple: true, default: ['reward_67890', 'reward_coffee'] as string[] },
  'hooks-port': { type: 'string' },
  'hooks-token': { type: 'string' },
  'fulfil-ms': { type: 'string', default: '5' },
  'lease-ms': { type: 'string' },
  'wait-ms': { type: 'string', default: '5000' },
  'store-timeout-ms': { type: 'string', default: '500' },
  'restart-after-ms': { type: 'string', default: '150' },
  'customer-ttl-ms': { type: 'string', default: '600000' },
  'list-defects': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Flags = ReturnType<typeof parsedFlags>;

/** Secrets that are better not on a command line. A flag comes first. */
export interface SecretEnvironment {
  readonly ONCEPROOF_TOKEN?: string | undefined;
  readonly ONCEPROOF_HOOKS_TOKEN?: string | undefined;
}

/** `help` and `list-defects` ask for a text instead of a server. Throws `OptionError`. */
export function parseOptions(
  argv: readonly string[],
  env: SecretEnvironment = {},
): ServerOptions | 'help' | 'list-defects' {
  const flags = withSecrets(parsedFlags(argv), env);
  if (flags.help) return 'help';
  if (flags['list-defects']) return 'list-defects';
  const store = storeIn(flags.store);
  const replicas = whole('--replicas', flags.replicas, 1, 64);
  if (store !== 'memory' && replicas > 1)
    throw new OptionError('--replicas', '1 with a Redis store (one process is one replica)', replicas);
  const hooks = hooksIn(flags);
  const defect = defectIn(flags.defect);
  const contract = contractIn(flags);
  const tokens = [
    ...flags.token.map((token) => ({ token, customers: 'all' }) as const),
    ...flags['token-for'].map(tokenFor),
  ];
  if (tokens.length === 0 && !hooks)
    throw new OptionError('--token', 'at least one token, or --hooks-port with --hooks-token', 'none');
  // Node would listen on every interface.
  if (flags.host.trim() === '') throw new OptionError('--host', 'an address or a name', flags.host);
  return {
    host: flags.host,
    port: whole('--port', flags.port, 0, 65_535),
    replicas,
    replicaIndex: whole('--replica-index', flags['replica-index'], 1, 1_000_000),
    store,
    keyPrefix: flags['key-prefix'],
    contract,
    ...(defect ? { defect } : {}),
    tokens,
    ...(hooks ? { hooks } : {}),
    customers: flags.customer.map(customerIn),
    rewards: flags.reward,
    fulfilMs: whole('--fulfil-ms', flags['fulfil-ms'], 0, 600_000),
    leaseMs: leaseIn(flags['lease-ms'], contract),
    waitMs: whole('--wait-ms', flags['wait-ms'], 0, 600_000),
    storeTimeoutMs: whole('--store-timeout-ms', flags['store-timeout-ms'], 1, 600_000),
    restartAfterMs: whole('--restart-after-ms', flags['restart-after-ms'], 0, 600_000),
    customerTtlMs: whole('--customer-ttl-ms', flags['customer-ttl-ms'], 1, 86_400_000),
  };
}

function parsedFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Only the first sentence says what is wrong; the rest is advice about quoting.
    const message = error instanceof Error ? error.message : String(error);
    throw new OptionError('arguments', 'the flags that --help lists', message.split('. ')[0]);
  }
}

function withSecrets(flags: Flags, env: SecretEnvironment): Flags {
  const { ONCEPROOF_TOKEN: token, ONCEPROOF_HOOKS_TOKEN: hooksToken } = env;
  return {
    ...flags,
    ...(flags.token.length === 0 && token && { token: [token] }),
    ...(flags['hooks-port'] !== undefined &&
      hooksToken && { 'hooks-token': flags['hooks-token'] ?? hooksToken }),
  };
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new OptionError(option, `a whole number from ${min} to ${max}`, text);
}

const DEFAULT_LEASE_MS = 1000;

/** The flag; else the contract's row; else a second. */
function leaseIn(text: string | undefined, { leaseMs }: Contract): number {
  if (text !== undefined) return whole('--lease-ms', text, 1, 600_000);
  return leaseMs === 'unspecified' ? DEFAULT_LEASE_MS : leaseMs;
}

function storeIn(text: string): string {
  const isRedis = /^rediss?:\/\//.test(text) && URL.canParse(text);
  if (text === 'memory' || isRedis) return text;
  throw new OptionError('--store', 'memory or redis://host:port', text);
}

function contractIn(flags: Flags): Contract {
  const profile = PLAYED_PROFILES.find((name) => name === flags.profile);
  if (profile === undefined)
    throw new OptionError('--profile', `one of ${PLAYED_PROFILES.join(', ')}`, flags.profile);
  const rows = parsedRows(flags.contract);
  const unknown = Object.keys(rows).find((row) => !Object.hasOwn(PROFILES.seed, row));
  if (unknown !== undefined) throw new OptionError('--contract', 'rows of a contract', unknown);
  return contractFrom(profile, rows);
}

function parsedRows(text: string): Partial<Contract> {
  try {
    const rows: unknown = JSON.parse(text);
    if (typeof rows === 'object' && rows !== null && !Array.isArray(rows)) return rows;
  } catch {
    // Falls through to the one message for all that is no JSON object.
  }
  throw new OptionError('--contract', 'a JSON object of rows', text);
}

function defectIn(name: string | undefined): Defect | undefined {
  if (name === undefined) return undefined;
  const defect = DEFECTS.find((entry) => entry.name === name);
  if (defect) return defect;
  throw new OptionError('--defect', `one of ${DEFECTS.map((entry) => entry.name).join(', ')}`, name);
}

function hooksIn(flags: Flags): { readonly port: number; readonly token: string } | undefined {
  if (flags['hooks-port'] === undefined) return undefined;
  const token = flags['hooks-token'];
  if (!token) throw new OptionError('--hooks-token', 'a token, since --hooks-port is given', token ?? 'none');
  return { port: whole('--hooks-port', flags['hooks-port'], 0, 65_535), token };
}

function tokenFor(text: string): FixedToken {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1) throw new OptionError('--token-for', 'TOKEN=customer,customer', text);
  return { token: text.slice(0, at), customers: text.slice(at + 1).split(',') };
}

function customerIn(text: string): { readonly customer: string; readonly points: number } {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new OptionError('--customer', 'ID=POINTS', text);
  return { customer: text.slice(0, at), points: whole('--customer', text.slice(at + 1), 0, 1e12) };
}
