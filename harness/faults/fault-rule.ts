/**
 * One rule of a fault schedule: data, written by us (profiles) or by a user (a JSON file).
 *
 * A file looks like this; unknown members are refused:
 *
 *     { "name": "friday-night",
 *       "rules": [
 *         { "name": "lost answers", "what": "http_lose_answer", "share": 0.1, "detail": { "how": "reset" } },
 *         { "name": "crash once",   "what": "http_arm", "attempts": [1], "share": 0.2, "first": 3,
 *           "detail": { "point": "after-debit", "action": "crash" } },
 *         { "name": "slow edge",    "what": "latency", "where": "edge", "after": 500, "every": 2000, "for": [200, 400],
 *           "detail": { "latency": 50, "jitter": 10 } },
 *         { "name": "dead replica", "what": "kill", "where": "replica:1", "after": 1000, "for": 200 } ] }
 *
 * Request rules (`http_…`) act at the hop on single requests; timed rules act on connections and processes.
 */

/** Faults on single requests, decided by hash(seed, rule, intent, attempt); what each takes is in docs and http/toxics.ts. */
export const REQUEST_FAULTS = [
  'http_lose_request',
  'http_lose_answer',
  'http_delay_request',
  'http_delay_answer',
  'http_answer',
  'http_duplicate',
  'http_replay',
  'http_balancer',
  'http_arm',
  'http_header',
] as const;
export type RequestFault = (typeof REQUEST_FAULTS)[number];

/** Toxiproxy's toxics, and `down` (the proxy refuses connections). */
export const CONNECTION_FAULTS = [
  'latency',
  'bandwidth',
  'slow_close',
  'timeout',
  'reset_peer',
  'slicer',
  'limit_data',
  'down',
] as const;
/** SIGKILL, SIGTERM (each with a start at the end), SIGSTOP with SIGCONT at the end; of a replica or of the store. */
export const PROCESS_FAULTS = ['kill', 'pause', 'restart'] as const;
/** One replica after the other, each once the one before is ready. */
export const FLEET_FAULTS = ['rolling-restart'] as const;
/** What a store can suffer without losing what it has acknowledged; see store-acts.ts. */
export const STORE_FAULTS = ['out-of-memory', 'slow', 'loading'] as const;
/** What makes a store lose what it has acknowledged; a power loss only one that does not sync every write. */
export const UNSAFE_FAULTS = ['power-loss', 'lose-disk', 'evict', 'failover'] as const;
/** A replica's own clock is wrong, the store's has jumped, by `offset_ms` while it lasts; see clock-acts.ts. */
export const CLOCK_FAULTS = ['skew', 'clock-jump'] as const;
export const TIMED_ACTIONS = [
  ...CONNECTION_FAULTS,
  ...PROCESS_FAULTS,
  ...FLEET_FAULTS,
  ...STORE_FAULTS,
  ...UNSAFE_FAULTS,
  ...CLOCK_FAULTS,
] as const;
export type TimedAction = (typeof TIMED_ACTIONS)[number];

/** `edge`: the connections between hop and replica; `store-path`: those between replica and store. */
export const PLACES = ['edge', 'store-path', 'replica', 'store'] as const;
export type Place = (typeof PLACES)[number];

type Detail = Readonly<Record<string, unknown>>;

/** Absent members do not narrow: without `share` and `attempts` every request is hit. */
export interface RequestRule {
  /** Unique in its schedule; part of the hash. */
  readonly name: string;
  readonly what: RequestFault;
  /** 0 to 1. */
  readonly share?: number;
  /** Numbers of the attempts of an intent, from 1. */
  readonly attempts?: readonly number[];
  /** At most so many hits in a run. */
  readonly first?: number;
  /** The fault's own attributes. */
  readonly detail?: Detail;
}

export interface TimedRule {
  readonly name: string;
  readonly what: TimedAction;
  readonly where: Place;
  /** Which replica, from 1; absent: another one each time, by hash. */
  readonly replica?: number;
  /** First start, ms after the run's first request. */
  readonly after: number;
  /** Start to start, ms; each start is shifted by hash, at most half of it (the first by at most 300 ms). Absent: once. */
  readonly every?: number;
  /** At most so many of them in a run. */
  readonly times?: number;
  /** How long, ms: a number, or from and to. */
  readonly for: number | readonly [number, number];
  /** Whether others may be on meanwhile (see overlap.ts). Absent: all may, but of outages one at a time. */
  readonly overlap?: boolean;
  /** A toxic's stream, default downstream (server to client). */
  readonly stream?: 'upstream' | 'downstream';
  /** The toxic's attributes; whole numbers. */
  readonly detail?: Detail;
}

export type FaultRule = RequestRule | TimedRule;

export function isRequestRule(rule: FaultRule): rule is RequestRule {
  return (REQUEST_FAULTS as readonly string[]).includes(rule.what);
}

export function isClockFault({ action }: { readonly action: TimedAction }): boolean {
  return (CLOCK_FAULTS as readonly TimedAction[]).includes(action);
}

const OUTAGES: ReadonlySet<TimedAction> = new Set<TimedAction>([
  ...PROCESS_FAULTS,
  ...FLEET_FAULTS,
  'down',
  'timeout',
  'out-of-memory',
  'loading',
  'power-loss',
  'lose-disk',
  'failover',
]);

/** Faults that stop all traffic of their place while they last: their share of the time is bounded. */
export function isOutage({ what }: Pick<TimedRule, 'what'>): boolean {
  return OUTAGES.has(what);
}
