/** A probe of an endpoint in this process: what it plays, what its config promises, and how it can be made to fail. */

import { PassThrough } from 'node:stream';
import { resolve } from 'node:path';
import type { LedgerConfig, OnceproofConfig } from '../../harness/config/define.ts';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { contractFrom, type Contract, type ProfileName } from '../../harness/model/contract.ts';
import type { LedgerReading } from '../../harness/model/protocol.ts';
import { ROWS, type Told } from '../../harness/probe/probe.ts';
import type { Probed } from '../../harness/probe/probed.ts';
import { probeEndpoint } from '../../harness/runs/probe.ts';
import { startEdge } from '../../reference-server/liars/edge.ts';
import type { Lies, Right } from '../../reference-server/liars/liar.ts';
import { FulfilmentFailed } from '../../reference-server/redeem.ts';
import { temporaryFolder } from '../support/cli.ts';

export interface Asked {
  readonly profile?: ProfileName;
  /** Rows that the endpoint plays otherwise than its profile. */
  readonly plays?: Partial<Contract>;
  /** Rows that the config promises otherwise than the profile. */
  readonly promises?: Partial<Contract>;
  readonly lies?: (right: Right) => Lies;
  /** Only these rows are looked at; absent: all. */
  readonly rows?: readonly string[];
  /** Members of the config that are otherwise; `null`: the hook is not there. */
  readonly config?: Partial<OnceproofConfig>;
  readonly without?: readonly ('provision' | 'credit' | 'setClock' | 'ledger' | 'failNext')[];
  /** A handler that was told to fail does so whenever that key comes. */
  readonly failsForEver?: boolean;
  readonly signal?: AbortSignal;
}

export interface ProbedEndpoint {
  readonly probed: Probed;
  readonly rows: ReadonlyMap<string, Told>;
}

const REDEEM = '/api/v2/loyalty/rewards/redeem';
const BODY = ['customer_id', 'reward_id', 'points_amount', 'redemption_type', 'client_redemption_id'];

export async function probedEndpoint(asked: Asked): Promise<ProbedEndpoint> {
  const { profile = 'seed', plays = {}, promises = {}, lies, rows, without = [] } = asked;
  const faults = new Faults(asked.failsForEver === true);
  const edge = await startEdge({
    contract: contractFrom(profile, plays),
    fulfilMs: () => faults.fulfil(),
    waitMs: 2000,
    liar: { lies: (right) => faults.over(lies?.(right) ?? {}) },
    customers: ['listed-1', 'listed-2', 'listed-3'].map((customer) => ({ customer, points: 100_000 })),
  });
  const folder = temporaryFolder();
  const hooks = Object.entries({
    ...edge.hooks,
    ledger: async ({ customer }: { customer: string }) => ledgerOf(await edge.hooks.ledger({ customer })),
    failNext: ({ how, key, delayMs }: { how: string; key: string; delayMs: number }) =>
      faults.arm(key, how, delayMs),
  }).filter(([name]) => !without.some((hook) => hook === name));
  const config = {
    baseUrl: edge.url,
    auth: { token: edge.token },
    redeem: { path: REDEEM, body: Object.fromEntries(BODY.map((name) => [name, `{${name}}`])) },
    answer: {
      redemption: '/redemption_id',
      customer: '/customer_id',
      balance: '/balance_after',
      code: '/code',
    },
    balance: { path: '/api/v2/loyalty/customers/{customer_id}/balance', value: '/balance' },
    redemptions: {
      path: '/api/v2/loyalty/redemptions/{customer_id}',
      items: '/redemptions',
      redemption: '/redemption_id',
      nextCursor: '/next_cursor',
    },
    rewards: [
      { id: 'reward_67890', points: 500 },
      { id: 'reward_coffee', points: 120 },
    ],
    redemptionTypes: ['discount', 'voucher'],
    contract: { ...contractFrom(profile), ...promises },
    limits: { readLagMs: 200, maxRequestsPerSecond: 100_000 },
    ...(without.includes('provision') && { customers: ['listed-1', 'listed-2', 'listed-3'] }),
    hooks: Object.fromEntries(hooks),
    ...asked.config,
  };
  const progress = new PassThrough();
  progress.resume();
  try {
    const { probed } = await probeEndpoint({
      config: resolveConfig(config, { file: resolve(folder.path, 'onceproof.config.ts'), env: {} }),
      store: 'auto',
      skip: rows === undefined ? [] : ROWS.map(({ name }) => name).filter((name) => !rows.includes(name)),
      seed: 1,
      out: folder.path,
      signal: asked.signal ?? new AbortController().signal,
      progress,
    });
    return { probed, rows: new Map(probed.result.told.map((told) => [told.row.name, told])) };
  } finally {
    await edge.close();
    folder.remove();
  }
}

/** As a hook gives it. */
function ledgerOf({ debits, credits }: LedgerReading): LedgerConfig {
  return {
    debits: debits.map(({ redemption_id: redemption, points, at_ms: at }) => ({ redemption, points, at })),
    credits: credits.map(({ points, at_ms: at }) => ({ points, at })),
  };
}

/** What `failNext` armed: the next order is slow or fails, or its request is answered 500 without being looked at. */
class Faults {
  #order: { readonly ms: number; readonly fails: boolean } | undefined;
  readonly #refused = new Set<string>();
  readonly #isForEver: boolean;

  constructor(isForEver: boolean) {
    this.#isForEver = isForEver;
  }

  arm(key: string, how: string, delayMs: number): void {
    if (how === 'error') this.#refused.add(key);
    else this.#order = { ms: delayMs, fails: how === 'throw' };
  }

  fulfil(): number {
    const order = this.#order;
    this.#order = undefined;
    if (order?.fails === true) throw new FulfilmentFailed('the partner did not answer');
    return order?.ms ?? 0;
  }

  over(lies: Lies): Lies {
    return {
      ...lies,
      redeem: async (request, honest) => {
        const { key = '' } = request;
        if (this.#refused.has(key)) {
          if (!this.#isForEver) this.#refused.delete(key);
          return { status: 500, headers: {}, text: '{}' };
        }
        return await (lies.redeem ? lies.redeem(request, honest) : honest());
      },
    };
  }
}
