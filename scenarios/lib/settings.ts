/** What a script is told by its environment (`-e NAME=value`), parsed once; what is missing or wrong is one clear error. */
import { PROFILES, contractFrom, isProfileName, type Contract } from '../../harness/model/contract.ts';
import type { Capabilities } from '../../harness/history/events.ts';
import { referenceTarget, type Target } from '../../harness/model/target.ts';

export interface CustomerSetting {
  readonly id: string;
  readonly token?: string;
}

export interface Settings {
  /** Where reads go. */
  readonly target: Target;
  /** Where redemptions go: through the hop where one is named. */
  readonly redeemTarget: Target;
  readonly contract: Contract;
  readonly token?: string;
  readonly hooks?: { readonly url: string; readonly token: string };
  readonly customers: readonly CustomerSetting[];
  readonly runId?: string;
  readonly seed: string;
  readonly client: 'seed' | 'seed-literal';
  readonly keyShape: 'uuid' | 'composite';
  /** What the seed's 1 s, 2 s, 4 s and every Retry-After are multiplied by. */
  readonly backoffFactor: number;
  /** How long an attempt waits for its answer, ms. */
  readonly timeoutMs: number;
  readonly intents?: number;
  readonly vus?: number;
  readonly duration?: string;
  /** Iterations a second. */
  readonly rate?: number;
  /** What the endpoint's owner allows: never more VUs, and on average not more requests a second. */
  readonly maxVus?: number;
  readonly maxRequestsPerSecond?: number;
  /** A hop that injects faults lies on the way. */
  readonly hasFaultyHop: boolean;
  /** The store's clock jumps during the run: a key can be refused as expired at any time, and no window is to be relied on. */
  readonly hasClockJumps: boolean;
  /** How long the endpoint's lists may lag behind its answers, ms. */
  readonly listLagMs: number;
  /** What is known of the target beforehand; the hooks are asked for the rest. */
  readonly capabilities: Partial<Capabilities>;
  /** Nobody around this script writes `run` and `end` events, or asks for the wanted moments: it does both itself. */
  readonly standalone: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings of a script. Throws one Error of one line that names everything missing or wrong. */
export function readSettings(env: Environment): Settings {
  const read = new Reader(env);
  const target = read.target();
  const hooks = read.hooks();
  const customers = read.customers();
  const token = read.text('TOKEN');
  if (hooks === undefined && customers.length === 0) {
    read.problem(
      'CUSTOMERS or HOOKS_URL is missing: name customers (-e CUSTOMERS=cust_1,cust_2) or hooks that make them',
    );
  }
  if (token === undefined && customers.some((customer) => customer.token === undefined)) {
    read.problem('TOKEN is missing: a bearer token for the customers (-e TOKEN=…)');
  }
  const capabilities = (read.json('CAPABILITIES') ?? {}) as Partial<Capabilities>;
  const proxyUrl = read.url('PROXY_URL');
  const runId = read.text('RUN_ID');
  const intents = read.count('INTENTS');
  const vus = read.count('VUS');
  const rate = read.count('RATE');
  const maxVus = read.count('MAX_VUS');
  const maxRequestsPerSecond = read.count('MAX_RPS');
  const duration = read.duration('DURATION');
  const settings: Settings = {
    target,
    redeemTarget: proxyUrl === undefined ? target : { ...target, baseUrl: proxyUrl },
    contract: read.contract(),
    customers,
    seed: read.text('SEED') ?? '1',
    client: read.oneOf('CLIENT', ['seed', 'seed-literal']) ?? 'seed',
    keyShape: read.oneOf('KEY_SHAPE', ['uuid', 'composite']) ?? 'uuid',
    backoffFactor: read.number('BACKOFF_FACTOR', 0) ?? 1,
    timeoutMs: read.number('TIMEOUT_MS', 1) ?? 5000,
    hasFaultyHop: proxyUrl !== undefined,
    hasClockJumps: read.text('STORE_CLOCK_JUMPS') === '1',
    listLagMs: read.number('LIST_LAG_MS', 0) ?? 0,
    capabilities,
    // The harness gives a run id and the whole target; its checker then knows which moments are required.
    standalone: runId === undefined || read.text('TARGET') === undefined || read.text('STANDALONE') === '1',
    ...(token === undefined ? {} : { token }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(runId === undefined ? {} : { runId }),
    ...(intents === undefined ? {} : { intents }),
    ...(vus === undefined ? {} : { vus }),
    ...(rate === undefined ? {} : { rate }),
    ...(maxVus === undefined ? {} : { maxVus }),
    ...(maxRequestsPerSecond === undefined ? {} : { maxRequestsPerSecond }),
    ...(duration === undefined ? {} : { duration }),
  };
  if (target.needsHop !== undefined && (settings.standalone || proxyUrl === undefined))
    read.problem(`TARGET has ${target.needsHop}, which only onceproof's own hop can do: use onceproof run`);
  read.end();
  return settings;
}

/** Collects problems, so that one error names them all. */
class Reader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  problem(text: string): void {
    this.#problems.push(text);
  }

  end(): void {
    if (this.#problems.length > 0) throw new Error(`onceproof settings: ${this.#problems.join('; ')}`);
  }

  /** An empty value counts as absent: `-e NAME=` is how shells pass an unset variable. */
  text(name: string): string | undefined {
    const value = this.#env[name];
    return value === undefined || value === '' ? undefined : value;
  }

  url(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^https?:\/\/[^/\s]+/.test(text)) this.#wrong(name, 'an http:// or https:// URL', text);
    return text.replace(/\/+$/, '');
  }

  number(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value) || value < least) this.#wrong(name, `a number of at least ${least}`, text);
    return value;
  }

  count(name: string): number | undefined {
    const value = this.number(name, 1);
    if (value !== undefined && !Number.isInteger(value)) this.#wrong(name, 'a whole number', String(value));
    return value;
  }

  duration(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) this.#wrong(name, 'a duration such as 30s', text);
    return text;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined) this.#wrong(name, words.join(' or '), text);
    return found;
  }

  /** A JSON object; for its members its writer (the harness, or the user) answers. */
  json(name: string): object | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parsed(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    this.#wrong(name, 'a JSON object', text);
    return undefined;
  }

  target(): Target {
    const target = this.json('TARGET') as Target | undefined;
    const baseUrl = this.url('BASE_URL');
    if (target === undefined && baseUrl === undefined) {
      this.problem('BASE_URL is missing: where the endpoint is (-e BASE_URL=http://127.0.0.1:3000)');
    }
    if (target === undefined) return referenceTarget(baseUrl ?? '');
    if (target.rewards === undefined || target.rewards.length === 0 || target.redeem === undefined) {
      this.problem('TARGET lacks redeem or rewards');
    }
    return baseUrl === undefined ? target : { ...target, baseUrl };
  }

  contract(): Contract {
    const overrides: Partial<Contract> | undefined = this.json('CONTRACT');
    if (overrides === undefined) return PROFILES.seed;
    const name = overrides.profile ?? 'seed';
    return contractFrom(isProfileName(name) ? name : 'seed', overrides);
  }

  hooks(): Settings['hooks'] {
    const url = this.url('HOOKS_URL');
    if (url === undefined) return undefined;
    const token = this.text('HOOKS_TOKEN');
    if (token === undefined) this.problem('HOOKS_TOKEN is missing: the bearer token of HOOKS_URL');
    return { url, token: token ?? '' };
  }

  customers(): readonly CustomerSetting[] {
    const text = this.text('CUSTOMERS');
    if (text === undefined) return [];
    if (!text.trim().startsWith('[')) {
      return text
        .split(',')
        .map((id) => ({ id: id.trim() }))
        .filter(({ id }) => id !== '');
    }
    const list = parsed(text);
    const customers = Array.isArray(list) ? list.map(customerOf) : [undefined];
    if (!customers.includes(undefined)) return customers.filter((customer) => customer !== undefined);
    this.#wrong('CUSTOMERS', 'a comma list of ids, or JSON [{"id": …, "token": …}]', text);
    return [];
  }

  #wrong(name: string, expected: string, found: string): void {
    this.problem(`${name} is wrong: expected ${expected}, found ${JSON.stringify(found.slice(0, 80))}`);
  }
}

function customerOf(value: unknown): CustomerSetting | undefined {
  if (typeof value === 'string' && value !== '') return { id: value };
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  if (typeof value.id !== 'string' || value.id === '') return undefined;
  const token = 'token' in value && typeof value.token === 'string' ? value.token : undefined;
  return token === undefined ? { id: value.id } : { id: value.id, token };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
