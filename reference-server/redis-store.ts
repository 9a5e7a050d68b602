/**
 * The store in Redis: each step one Lua script, which Redis runs alone, so it is atomic; the time is Redis's
 * own. Every script may run twice with the same arguments: the owner token makes the second a no-op.
 */

import type { LedgerDebit, LedgerReading } from '../harness/model/protocol.ts';
import { firstConnection, openLink, type Link, type ScriptName } from './redis-client.ts';
import { redisRaw } from './redis-raw.ts';
import {
  claimArguments,
  claimResult,
  debitResult,
  entryOf,
  parsedRedemption,
  type Reply,
} from './redis-wire.ts';
import {
  ClockFixed,
  isInternalKey,
  ofReward,
  windowName,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Clock,
  type ClockChange,
  type DebitResult,
  type Provision,
  type RawStore,
  type Redemption,
  type RedemptionPage,
  type Store,
  type StoredAnswer,
  type StoreStats,
} from './store.ts';

export interface RedisStoreOptions {
  /** redis://host:port, `?cluster=true` for a cluster. */
  readonly url: string;
  /** First part of every key: nothing else is touched. */
  readonly keyPrefix: string;
  /** Longest wait for one step, ms. */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/** Opens a store and waits a moment for its first connection; without one its calls throw `StoreUnavailable`. */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const link = openLink(options);
  await firstConnection(link.client, options.timeoutMs * 2);
  return new RedisStore(link, options.keyPrefix);
}

export class RedisStore implements Store {
  readonly raw: RawStore;
  readonly #link: Link;
  readonly #prefix: string;

  constructor(link: Link, keyPrefix: string) {
    this.#link = link;
    this.#prefix = keyPrefix;
    this.raw = redisRaw((name, customer, args) => this.#run(name, customer, args), link, keyPrefix);
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const reply = await this.#run('opClaim', request.payload.customer, claimArguments(request));
    return claimResult(reply as Reply, request.payload.customer);
  }

  async debit(claim: Claim, keepsRefused: boolean): Promise<DebitResult> {
    const { key, owner, redemption, leaseMs, payload } = claim;
    const reply = await this.#run('opDebit', claim.customer, [
      key,
      owner,
      redemption,
      leaseMs,
      entryOf(claim),
      payload.points,
      keepsRefused ? '1' : '0',
      payload.clientRedemptionId ?? '',
      windowName(payload),
    ]);
    return debitResult(reply as Reply);
  }

  async issueReward(customer: string, redemption: string, reward: string): Promise<void> {
    await this.#run('opIssue', customer, [redemption, reward]);
  }

  async complete(
    claim: Claim,
    { status, body }: StoredAnswer,
  ): Promise<{ readonly kind: 'completed' | 'lost' }> {
    const { customer, key, owner, redemption } = claim;
    const reply = await this.#run('opComplete', customer, [key, owner, redemption, status, body]);
    return { kind: (reply as Reply)[0] === 'completed' ? 'completed' : 'lost' };
  }

  async release({ customer, key, owner, redemption }: Claim): Promise<void> {
    await this.#run('opRelease', customer, [key, owner, redemption]);
  }

  async balance(customer: string): Promise<number | undefined> {
    return numberIn(await this.#run('opBalance', customer, []));
  }

  async redemptions(customer: string, limit: number, from?: number): Promise<RedemptionPage | undefined> {
    return pageIn(await this.#run('opRedemptions', customer, [limit, from ?? '']), customer);
  }

  async redemptionOfKey(customer: string, key: string): Promise<RedemptionPage | undefined> {
    return pageIn(await this.#run('opRedemptionOfKey', customer, [key]), customer);
  }

  async redemption(customer: string, id: string): Promise<Redemption | undefined> {
    const line = await this.#run('opRedemption', customer, [id]);
    return typeof line === 'string' ? parsedRedemption(line, customer) : undefined;
  }

  async keyHolder(key: string, customer: string, keepMs: number): Promise<string> {
    const { client, reached } = this.#link;
    const name = `${this.#prefix}:holder:${key}`;
    return (await reached(client.set(name, customer, 'PX', keepMs, 'NX', 'GET'))) ?? customer;
  }

  async isFirstAsk(customer: string, key: string): Promise<boolean> {
    return (await this.#run('opFirstAsk', customer, [key])) === 1;
  }

  async ping(): Promise<void> {
    // A script on a customer's slot, not PING: a cluster without that slot, or a replica that may not write, is no store.
    await this.#run('opBalance', 'ping', []);
  }

  async provision({ customer, points, reset, idleTtlMs }: Provision): Promise<number> {
    const reply = await this.#run('opProvision', customer, [points, reset ? '1' : '0', idleTtlMs ?? '']);
    return Number(reply);
  }

  async credit(customer: string, points: number): Promise<number | undefined> {
    return numberIn(await this.#run('opCredit', customer, [points]));
  }

  async clock(customer: string): Promise<Clock | undefined> {
    return clockIn(await this.#run('opClock', customer, ['get', 0, '0']));
  }

  async setClock(customer: string, change: ClockChange): Promise<Clock | undefined> {
    return clockIn(await this.#run('opClock', customer, timeArguments(change)));
  }

  async jump(offsetMs: number): Promise<void> {
    await this.#storeTime(['jump', offsetMs, '0']);
  }

  async setCommonClock(change: ClockChange): Promise<Clock> {
    const [nowMs, isFrozen] = await this.#storeTime(timeArguments(change));
    return { nowMs, isFrozen: isFrozen === 1 };
  }

  async #storeTime(args: readonly (string | number)[]): Promise<[number, number]> {
    if (this.#link.isCluster) throw new ClockFixed();
    // Of no customer: only the time of all is read and written.
    return (await this.#run('opStoreTime', 'time', args)) as [number, number];
  }

  get #jumpKey(): string {
    return `${this.#prefix}:jump`;
  }

  async ledger(customer: string): Promise<LedgerReading | undefined> {
    const reply = await this.#run('opLedger', customer, []);
    if (reply === null) return undefined;
    const [lines, rewards] = reply as [readonly string[], readonly string[]];
    return ledgerIn(lines, rewards);
  }

  async stats(): Promise<StoreStats> {
    const { client, reached } = this.#link;
    const keys = await this.#keys();
    const orders = keys.filter((key) => key.endsWith(':order'));
    const lengths = await Promise.all(orders.map((key) => reached(client.llen(key))));
    return {
      keys: keys.length,
      customers: keys.filter((key) => key.endsWith(':acct')).length,
      redemptions: lengths.reduce((sum, length) => sum + length, 0),
    };
  }

  async close(): Promise<void> {
    this.#link.client.disconnect();
  }

  #run(name: ScriptName, customer: string, args: readonly (string | number)[]): Promise<unknown> {
    // Encoded, so that a brace in a customer's name cannot end the hash tag early.
    const base = `${this.#prefix}:{${encodeURIComponent(customer)}}:`;
    // In a cluster all keys of a script lie on one node: none of the customer's ever moves the time.
    const jumpKey = this.#link.isCluster ? `${base}jump` : this.#jumpKey;
    return this.#link.run(name, base, jumpKey, args);
  }

  async #keys(): Promise<string[]> {
    const { client, reached } = this.#link;
    const nodes = 'nodes' in client ? client.nodes('master') : [client];
    const found = new Set<string>();
    for (const node of nodes) {
      let cursor = '0';
      do {
        const [next, keys] = await reached(node.scan(cursor, 'MATCH', `${this.#prefix}:{*`, 'COUNT', 1000));
        for (const key of keys) found.add(key);
        cursor = next;
      } while (cursor !== '0');
    }
    return [...found];
  }
}

function timeArguments(change: ClockChange): (string | number)[] {
  const ms = change.kind === 'set' ? change.nowMs : change.kind === 'advance' ? change.byMs : 0;
  const isFrozen = change.kind === 'set' && change.isFrozen;
  return [change.kind, ms, isFrozen ? '1' : '0'];
}

function numberIn(reply: unknown): number | undefined {
  return reply === null ? undefined : Number(reply);
}

function clockIn(reply: unknown): Clock | undefined {
  if (reply === null) return undefined;
  const [nowMs, isFrozen] = reply as [number, number];
  return { nowMs, isFrozen: isFrozen === 1 };
}

function pageIn(reply: unknown, customer: string): RedemptionPage | undefined {
  if (reply === null) return undefined;
  const [oldest, ...lines] = reply as [number, ...string[]];
  const items = lines.toReversed().map((line) => parsedRedemption(line, customer));
  return oldest > 0 ? { items, next: oldest - 1 } : { items };
}

function ledgerIn(lines: readonly string[], rewards: readonly string[]): LedgerReading {
  const debits: LedgerDebit[] = [];
  const credits: { readonly points: number; readonly at_ms: number }[] = [];
  for (const line of lines) {
    const [kind, at = '0', third = ''] = line.split('|', 3);
    if (kind === 'C') credits.push({ points: Number(third), at_ms: Number(at) });
    else debits.push(debitIn(third, Number(at), line.slice(`D|${at}|${third}|`.length)));
  }
  const issued = [];
  for (let index = 0; index < rewards.length; index += 2) {
    const value = rewards[index + 1] ?? '';
    const bar = value.indexOf('|');
    issued.push({
      redemption_id: ofReward(rewards[index] ?? ''),
      reward_id: value.slice(bar + 1),
      at_ms: Number(value.slice(0, bar)),
    });
  }
  return { debits, credits, rewards: issued };
}

function debitIn(redemption: string, at: number, entryText: string): LedgerDebit {
  const { key, payload } = JSON.parse(entryText) as { key: string; payload: ClaimRequest['payload'] };
  return {
    redemption_id: redemption,
    points: payload.points,
    at_ms: at,
    ...(isInternalKey(key) ? {} : { idempotency_key: key }),
    ...(payload.clientRedemptionId === undefined ? {} : { client_redemption_id: payload.clientRedemptionId }),
  };
}
