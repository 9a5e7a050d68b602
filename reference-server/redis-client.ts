/**
 * The connection to Redis: no silent resend (a command whose reply was lost may have been executed), and an
 * answer or an error within a bounded time.
 */

import { Cluster, Redis, type RedisOptions } from 'ioredis';
import {
  BALANCE,
  CLOCK,
  CREDIT,
  FIRST_ASK,
  LEDGER,
  PROVISION,
  REDEMPTION,
  REDEMPTION_OF_KEY,
  REDEMPTIONS,
  STORE_TIME,
} from './lua/accounts.ts';
import { CLAIM, INSERT, PEEK, WRITE_ANSWER } from './lua/claim.ts';
import {
  COMPLETE,
  DEBIT,
  ENTER,
  FORGET,
  ISSUE,
  MOVE,
  RECORD,
  RELEASE,
  RENEW,
  SET_BALANCE,
} from './lua/steps.ts';
import { StoreUnavailable } from './store.ts';

const SOURCES = {
  opClaim: CLAIM,
  opDebit: DEBIT,
  opIssue: ISSUE,
  opComplete: COMPLETE,
  opRelease: RELEASE,
  opBalance: BALANCE,
  opRedemptions: REDEMPTIONS,
  opRedemptionOfKey: REDEMPTION_OF_KEY,
  opRedemption: REDEMPTION,
  opFirstAsk: FIRST_ASK,
  opStoreTime: STORE_TIME,
  opProvision: PROVISION,
  opCredit: CREDIT,
  opClock: CLOCK,
  opLedger: LEDGER,
  opPeek: PEEK,
  opInsert: INSERT,
  opWriteAnswer: WRITE_ANSWER,
  opMove: MOVE,
  opEnter: ENTER,
  opSetBalance: SET_BALANCE,
  opRecord: RECORD,
  opForget: FORGET,
  opRenew: RENEW,
} as const;

export type ScriptName = keyof typeof SOURCES;

export type Client = Redis | Cluster;

export interface ClientOptions {
  /** redis:// or rediss://; `?cluster=true` for a cluster of which this is one node. */
  readonly url: string;
  /** Longest wait for the answer to one command, ms. */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/** A client, and its calls bounded in time. */
export interface Link {
  readonly client: Client;
  readonly isCluster: boolean;
  /**
   * Runs a script on a customer's keys, which all begin with `base`; `jumpKey` holds how far the store's time has been
   * moved. Throws as `reached` does.
   */
  run(name: ScriptName, base: string, jumpKey: string, args: readonly (string | number)[]): Promise<unknown>;
  /** Waits for a reply. Throws `StoreUnavailable` when Redis did not answer in time, or cannot work now. */
  readonly reached: <Value>(reply: Promise<Value>) => Promise<Value>;
}

/** Connects in the background and again whenever the connection is lost. */
export function openLink({ url, timeoutMs, log }: ClientOptions): Link {
  const scripts: Scripts = Object.fromEntries(
    Object.entries(SOURCES).map(([name, lua]) => [name, { lua, numberOfKeys: 2 }]),
  );
  const parsed = new URL(url);
  const isCluster = parsed.searchParams.get('cluster') === 'true';
  const options = connectionOptions(parsed, timeoutMs);
  const client = isCluster ? openCluster(options, scripts) : new Redis({ ...options, scripts });
  const logged = logOnce(client, log);
  const patience = patienceWith(client, timeoutMs);
  const reached = async <Value>(reply: Promise<Value>): Promise<Value> => {
    try {
      return await patience(reply);
    } catch (error) {
      if (isOurFault(error)) throw error;
      logged(error);
      throw new StoreUnavailable(error);
    }
  };
  return {
    client,
    reached,
    isCluster,
    run: (name, base, jumpKey, args) => {
      const command = Reflect.get(client, name) as (...all: (string | number)[]) => Promise<unknown>;
      return reached(Reflect.apply(command, client, [base, jumpKey, ...args]));
    },
  };
}

/** Resolves when a first connection stands, or after `withinMs`: a server starts without its store, too. */
export function firstConnection(client: Client, withinMs: number): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** How long replies that have come may take to be read, ms, after this process itself stood still. */
const GRACE_MS = 50;
/** A connection that gave no reply for so many times the time-out is dead, whatever TCP believes. */
const DEAD_AFTER_TIMEOUTS = 4;

/**
 * The time-out of one command. ioredis's own fires first thing after this process was paused, although the reply has
 * long been there; here that reply is read before anything is called late.
 */
function patienceWith(client: Client, timeoutMs: number): <Value>(reply: Promise<Value>) => Promise<Value> {
  let repliedAt = performance.now();
  const giveUp = (reject: (error: Error) => void): void => {
    reject(new Error(`no answer within ${timeoutMs} ms`));
    if (performance.now() - repliedAt < timeoutMs * DEAD_AFTER_TIMEOUTS) return;
    repliedAt = performance.now();
    client.disconnect(true);
  };
  return (reply) =>
    new Promise((resolve, reject) => {
      let timer = setTimeout(() => {
        timer = setTimeout(giveUp, GRACE_MS, reject);
      }, timeoutMs);
      const arrived = (): void => {
        clearTimeout(timer);
        repliedAt = performance.now();
      };
      reply.then(resolve, reject).finally(arrived).catch(reject);
    });
}

function connectionOptions(url: URL, timeoutMs: number) {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    // It would look once a second whether Redis has loaded; -LOADING is told at once, and so is its end.
    enableReadyCheck: false,
    connectTimeout: timeoutMs,
    retryStrategy: reconnectDelayMs,
  } satisfies RedisOptions;
}

type Connection = ReturnType<typeof connectionOptions>;
type Scripts = Record<string, { lua: string; numberOfKeys: number }>;

function openCluster(options: Connection, scripts: Scripts): Cluster {
  const { host, port, retryStrategy: _own, enableOfflineQueue: _queue, ...redisOptions } = options;
  return new Cluster([{ host, port }], {
    scripts,
    redisOptions,
    enableOfflineQueue: false,
    // 0: a command whose connection broke is not sent again. MOVED and ASK are followed: those were not executed.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: redisOptions.connectTimeout,
    clusterRetryStrategy: reconnectDelayMs,
  });
}

function reconnectDelayMs(times: number): number {
  return Math.min(20 * times, 250);
}

/** The first line of an outage: the connection tells the same thing again with every try. Gives back how to tell of a refusal. */
function logOnce(client: Client, log: (line: string) => void): (error: unknown) => void {
  let isTold = false;
  let refusal = '';
  client.on('ready', () => {
    isTold = false;
    refusal = '';
  });
  client.on('error', (error: Error) => {
    if (!isTold) log(`redis: ${error.message}`);
    isTold = true;
  });
  return (error) => {
    if (!(error instanceof Error) || error.name !== 'ReplyError' || error.message === refusal) return;
    refusal = error.message;
    log(`redis: ${error.message}`);
  };
}

/** A reply that says our script or its data are wrong; all other errors are the store's state or the way to it. */
function isOurFault(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ReplyError' &&
    /^(ERR|WRONGTYPE|WRONGPASS|NOPERM|NOAUTH|CROSSSLOT)\b/.test(error.message)
  );
}
