/** The right endpoint in this process: the reference server's app over its memory store, asked without a socket. */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../../harness/model/contract.ts';
import { PATHS } from '../../harness/model/protocol.ts';
import type { Access } from '../access.ts';
import { buildApp, type App } from '../app.ts';
import { MemoryStore } from '../memory-store.ts';
import type { RedeemParts } from '../redeem.ts';
import { fingerprintOf, rulesOf } from '../rules.ts';
import { internalKey, type Payload } from '../store.ts';
import type { Asked, Right, Told } from './liar.ts';

export interface RightOptions {
  readonly contract: Contract;
  readonly rewards: readonly string[];
  readonly access: Access;
  /** How long the making of a reward takes, ms. */
  readonly fulfilMs: number;
}

export interface RightEndpoint extends Right {
  readonly app: App;
  readonly store: MemoryStore;
  /** A read of one of its paths, with the headers that came. */
  readonly read: (path: string, headers: Readonly<Record<string, string>>) => Promise<Told>;
  close(): Promise<void>;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

const LEASE_MS = 1000;
const WAIT_MS = 5000;

export async function startRight(options: RightOptions): Promise<RightEndpoint> {
  const { contract, access } = options;
  const store = new MemoryStore();
  const app = await buildApp({ parts: partsOf(options, store), access, log: () => {} });
  await app.ready();
  const timers = new Set<NodeJS.Timeout>();
  const later: Right['later'] = (ms, work) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void work();
    }, ms);
    timers.add(timer);
  };
  const told = async (call: Call): Promise<Told> => {
    const { statusCode, headers, body } = await app.inject(call);
    return { status: statusCode, headers: textsOf(headers), text: body };
  };
  return {
    app,
    contract,
    store,
    answer: ({ headers, text }) => told({ method: 'POST', url: PATHS.redeem, headers, payload: text }),
    book: (payload) => book(store, contract, payload),
    later,
    read: (path, headers) => told({ method: 'GET', url: path, headers }),
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      await app.close();
    },
  };
}

/** What came in, once the whole of it is there. Members that are missing or no text are empty. */
export function askedOf(path: string, headers: Asked['headers'], text: string, keyHeader: string): Asked {
  const body = parsed(text);
  const textAt = (name: string) => (typeof body[name] === 'string' ? body[name] : undefined);
  const type = textAt('redemption_type');
  const own = textAt('client_redemption_id');
  const payload: Payload = {
    customer: textAt('customer_id') ?? '',
    reward: textAt('reward_id') ?? '',
    points: typeof body['points_amount'] === 'number' ? body['points_amount'] : 0,
    ...(type === undefined ? {} : { type }),
    ...(own === undefined ? {} : { clientRedemptionId: own }),
  };
  return { path, headers, text, key: headers[keyHeader.toLowerCase()], payload };
}

function partsOf({ contract, rewards, fulfilMs }: RightOptions, store: MemoryStore): RedeemParts {
  return {
    store,
    contract,
    fulfil: async () => {
      if (fulfilMs > 0) await sleep(fulfilMs);
    },
    step: async () => {},
    isRewardKnown: (reward) => rewards.includes(reward),
    newId: randomUUID,
    fingerprint: fingerprintOf,
    leaseMs: LEASE_MS,
    waitMs: WAIT_MS,
    sleep: (ms) => sleep(ms),
    clockErrorMs: () => 0,
    splitsDebit: () => false,
  };
}

async function book(store: MemoryStore, contract: Contract, payload: Payload): Promise<string | undefined> {
  const owner = randomUUID();
  const key = internalKey(randomUUID());
  const claim = { customer: payload.customer, key, owner, leaseMs: LEASE_MS, payload };
  const claimed = await store.claim({
    ...claim,
    fingerprint: fingerprintOf(payload),
    rules: { ...rulesOf(contract), detectsDuplicates: false },
    redemption: `red_${randomUUID()}`,
    isRewardKnown: true,
    debits: true,
    keepsRefused: false,
  });
  if (claimed.kind !== 'claimed') return undefined;
  const { redemption } = claimed;
  await store.issueReward(payload.customer, redemption, payload.reward);
  await store.complete({ ...claim, redemption }, { status: 200, body: '{}' });
  return redemption;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textsOf(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'content-length' && name !== 'connection' && name !== 'date') texts[name] = String(value);
  }
  return texts;
}
