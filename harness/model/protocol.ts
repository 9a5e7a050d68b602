/**
 * Names on the wire that the harness, the scenarios and the reference server share.
 * Dependency-free: k6 loads it too.
 */

export const PATHS = {
  redeem: '/api/v2/loyalty/rewards/redeem',
  redemptions: '/api/v2/loyalty/redemptions/{customer_id}',
  balance: '/api/v2/loyalty/customers/{customer_id}/balance',
} as const;

/** Header in which each attempt names itself to the hop: `<intent>.<n>`. The hop strips it. */
export const ATTEMPT_HEADER = 'Onceproof-Attempt';
/** Header with which a proxy marks an answer that it gives in its own name. */
export const BY_HEADER = 'Onceproof-By';
export const KEY_HEADER = 'Idempotency-Key';
export const REPLAY_HEADER = 'Idempotent-Replayed';

export const REDEMPTION_TYPES = ['discount', 'voucher', 'gift_card', 'cashback'] as const;
export type RedemptionType = (typeof REDEMPTION_TYPES)[number];

export const LIMITS = {
  minPoints: 1,
  maxPoints: 1_000_000_000,
  maxKeyLength: 255,
  maxClientRedemptionIdLength: 64,
} as const;

/** Points of a redemption at which a reference server can be told to crash or pause. */
export const CRASH_POINTS = ['after-claim', 'after-debit', 'after-fulfil', 'before-reply'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** How far the clock of a store or of a replica can be moved, ms: past the end of a tombstone. */
export const MAX_CLOCK_OFFSET_MS = 864_000_000;

/** The hooks that a target may offer on its own port (the reference server's test hooks, or the bridge to a config's hooks). */
export const HOOK_PATHS = {
  /** GET -> {provision, credit, clock, ledger, crash}: booleans */
  capabilities: '/hooks/capabilities',
  /** POST {customer_id, points} -> {customer_id, token, balance} */
  customers: '/hooks/customers',
  /** POST {points} -> {balance} */
  credit: '/hooks/customers/{customer_id}/credit',
  /** GET -> {now_ms, frozen}; PUT {now_ms, frozen} sets, {advance_ms} moves and freezes, {frozen:false} lets it run again */
  clock: '/hooks/customers/{customer_id}/clock',
  /** GET -> LedgerReading */
  ledger: '/hooks/customers/{customer_id}/ledger',
  /** POST {point, action: 'crash'|'pause'|'hold', pause_ms?, key?, customer_id?, times?} -> 204; DELETE forgets them and lets go what is held */
  crashPoints: '/hooks/crash-points',
  /** PUT {offset_ms} -> {offset_ms}: the store's clock, of everybody, is its machine's and so much; 0 puts it right */
  storeClock: '/hooks/store-clock',
  /** PUT {offset_ms} -> {offset_ms}: a replica's own clock is wrong by so much; 0 puts it right */
  replicaClock: '/hooks/replicas/{replica}/clock',
  /** GET -> {keys, customers, redemptions}: how many live records the store holds */
  stats: '/hooks/stats',
} as const;

/** A customer's append-only ledger as the hooks give it back. */
export interface LedgerReading {
  readonly debits: readonly LedgerDebit[];
  readonly credits: readonly { readonly points: number; readonly at_ms: number }[];
  /** Absent where nobody can tell what was handed out. */
  readonly rewards?: readonly {
    readonly redemption_id: string;
    readonly reward_id: string;
    readonly at_ms: number;
  }[];
}

export interface LedgerDebit {
  readonly redemption_id: string;
  readonly points: number;
  readonly at_ms: number;
  readonly idempotency_key?: string;
  readonly client_redemption_id?: string;
}

/** One redemption as the list endpoint gives it, in the harness's own member names. */
export interface ListedRedemption {
  readonly redemption: string;
  readonly clientRedemptionId?: string;
  readonly reward?: string;
  readonly points?: number;
  readonly status?: string;
}

/** Statuses of a listed redemption that hold no points any more. */
const WITHOUT_POINTS = /^(failed|rejected|cancell?ed|revers(ed|al)|refunded|void(ed)?|rolled[-_ ]?back)$/i;

/** Whether a listed redemption is one that costs points. A list that tells no status lists only such. */
export function holdsPoints({ status }: ListedRedemption): boolean {
  return status === undefined || !WITHOUT_POINTS.test(status);
}

/** Fills `{customer_id}` and other `{names}` of a path, each percent-encoded. */
export function fillPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : encodeURIComponent(value);
  });
}
