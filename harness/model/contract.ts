/**
 * The contract of a redemption endpoint as data: the reference server runs by a profile, the checker
 * judges by one, a team describes its own endpoint with one. Dependency-free: k6 loads it too.
 *
 * Source of the rows: the seed text, the IETF draft (draft-ietf-httpapi-idempotency-key-header-07) and
 * Stripe's published behaviour; docs/contract.md has the whole table.
 */

/** A row that nobody promised anything about: nothing is judged there, and the report says so. */
export type Unspecified = 'unspecified';

/** How a request is refused: `code` is the stable member of the problem body, absent where none is promised. */
export interface Refusal {
  readonly status: number;
  readonly code?: string;
}

/** Which answers may send a client away for a while although nothing is wrong: an endpoint's own 5xx, and 429. */
export interface TryAgain {
  /** 429, or 500 to 599. Each such answer carries Retry-After. */
  readonly statuses: readonly number[];
  /** Most such answers to one key. */
  readonly max: number;
  /** The last of them comes at most so long after the key's first request was sent. ms. */
  readonly withinMs: number;
}

export interface Contract {
  /** Name of the profile that this contract started from. */
  readonly profile: string;
  readonly keyHeader: string;
  readonly keyMaxLength: number;
  /** `"k"` and `k` are one key (the draft's structured-field form). */
  readonly quotedKeysEqual: boolean | Unspecified;
  /**
   * Who shares a key: nobody but its customer; all requests to one path (customers that are part of it apart); or
   * everybody. Whoever meets another customer's key gets `otherPayload`, never data.
   */
  readonly keyScope: 'customer' | 'path' | 'global' | Unspecified;
  readonly missingKey: Refusal | 'accept' | Unspecified;
  readonly malformedKey: Refusal | Unspecified;
  readonly inFlight: Refusal | 'wait' | Unspecified;
  /** Before it refuses with `inFlight` it waits for the first attempt, and replays when that ends in time. */
  readonly waitsFirst: boolean;
  /** What makes a payload another one: its known members, its bytes, or nothing: then a key replays for any. */
  readonly fingerprint: 'members' | 'bytes' | 'none' | Unspecified;
  readonly otherPayload: Refusal | Unspecified;
  /** What a key does at age >= ttlMs: refused while its tombstone is kept, or new at once. */
  readonly expiredKey: Refusal | 'new' | Unspecified;
  /** From first acceptance, by the store's clock; age < ttlMs replays, age >= ttlMs is expired. ms. */
  readonly ttlMs: number | Unspecified;
  /**
   * How long an expired key is still refused, counted as `tombstoneFrom` says; from then on it is new. ms; from the
   * acceptance at least ttlMs; ignored when expiredKey is 'new'.
   */
  readonly tombstoneMs: number;
  readonly tombstoneFrom: 'acceptance' | 'expiry';
  /** How long the work on a key holds it before another attempt may take over. ms. */
  readonly leaseMs: number | Unspecified;
  /** Name of the header that marks a replayed answer with the value `true`; `none`: there is no marker; or `unspecified`. */
  readonly replayMarker: string;
  /** What two 200s of one key must share. */
  readonly replayEquality: 'bytes' | 'redemption' | Unspecified;
  /** What a replay shows: the first answer, or the redemption as it is by now. */
  readonly replayState: 'first' | 'latest' | Unspecified;
  /** The same redemption under another key, known by `client_redemption_id`. `replay`: a 200 with the original. */
  readonly duplicateIntent: Refusal | 'replay' | 'uncovered' | Unspecified;
  /** Fallback without a client_redemption_id: same customer, reward, points, type. ms, 0 = off. */
  readonly duplicateWindowMs: number;
  readonly insufficientPoints: Refusal | Unspecified;
  /** Whether a refusal for too few points is stored under the key. */
  readonly storesInsufficientPoints: boolean | Unspecified;
  /** Whether the other refusals of a request whose key was taken are stored: unknown reward, duplicate intent. */
  readonly storesRefusals: boolean | Unspecified;
  /** Whether a 5xx is stored and replayed once execution began (Stripe). */
  readonly storesServerErrors: boolean | Unspecified;
  readonly storeDown: Refusal | Unspecified;
  readonly tryAgain: TryAgain | 'never' | Unspecified;
  readonly unknownCustomer: Refusal | Unspecified;
  readonly unknownReward: Refusal | Unspecified;
  readonly badBody: Refusal | Unspecified;
  readonly badToken: Refusal | Unspecified;
  readonly otherCustomersData: Refusal | Unspecified;
  readonly unsupportedMediaType: Refusal | Unspecified;
  /** Whose clock the test hook moves: the named customer's, or one that all have in common. */
  readonly clockScope: 'customer' | 'common';
}

/** Rows that came later, each with the value that says what was true before it was there. */
const LATER_ROWS = {
  keyScope: 'customer',
  waitsFirst: false,
  fingerprint: 'members',
  tombstoneFrom: 'acceptance',
  leaseMs: 'unspecified',
  replayState: 'first',
  storesRefusals: false,
  tryAgain: 'never',
  clockScope: 'customer',
} as const satisfies Partial<Contract>;
type LaterRow = keyof typeof LATER_ROWS;

/** A contract as a history holds it: one that was written before a row was there lacks it. */
export type RecordedContract = Omit<Contract, LaterRow> & Partial<Pick<Contract, LaterRow>>;

/** The whole contract of a history, whenever it was written. */
export function wholeContract(recorded: RecordedContract): Contract {
  return { ...LATER_ROWS, ...recorded };
}

const DAY_MS = 86_400_000;

const SEED: Contract = {
  ...LATER_ROWS,
  profile: 'seed',
  keyHeader: 'Idempotency-Key',
  keyMaxLength: 255,
  quotedKeysEqual: true,
  missingKey: { status: 409, code: 'duplicate_request' },
  malformedKey: { status: 400, code: 'invalid_idempotency_key' },
  inFlight: { status: 409, code: 'redemption_in_progress' },
  otherPayload: { status: 422, code: 'idempotency_key_reused' },
  expiredKey: { status: 409, code: 'idempotency_key_expired' },
  ttlMs: DAY_MS,
  tombstoneMs: 7 * DAY_MS,
  replayMarker: 'Idempotent-Replayed',
  replayEquality: 'bytes',
  duplicateIntent: { status: 409, code: 'duplicate_redemption' },
  duplicateWindowMs: 5000,
  insufficientPoints: { status: 422, code: 'insufficient_points' },
  storesInsufficientPoints: false,
  storesServerErrors: false,
  storeDown: { status: 503, code: 'store_unavailable' },
  unknownCustomer: { status: 404, code: 'customer_not_found' },
  unknownReward: { status: 404, code: 'reward_not_found' },
  badBody: { status: 400, code: 'invalid_request' },
  badToken: { status: 401, code: 'unauthorized' },
  otherCustomersData: { status: 403, code: 'forbidden' },
  unsupportedMediaType: { status: 415, code: 'unsupported_media_type' },
};

/** What a public document says nothing about: the rest of a profile after a provider's page. */
const UNSAID = {
  ...LATER_ROWS,
  keyMaxLength: 255,
  quotedKeysEqual: 'unspecified',
  keyScope: 'unspecified',
  missingKey: 'unspecified',
  malformedKey: 'unspecified',
  inFlight: 'unspecified',
  fingerprint: 'unspecified',
  otherPayload: 'unspecified',
  expiredKey: 'unspecified',
  ttlMs: 'unspecified',
  tombstoneMs: 0,
  replayMarker: 'unspecified',
  replayEquality: 'unspecified',
  replayState: 'unspecified',
  duplicateIntent: 'unspecified',
  duplicateWindowMs: 0,
  insufficientPoints: 'unspecified',
  storesInsufficientPoints: 'unspecified',
  storesRefusals: 'unspecified',
  storesServerErrors: 'unspecified',
  storeDown: 'unspecified',
  tryAgain: 'unspecified',
  unknownCustomer: 'unspecified',
  unknownReward: 'unspecified',
  badBody: 'unspecified',
  badToken: 'unspecified',
  otherCustomersData: 'unspecified',
  unsupportedMediaType: 'unspecified',
} as const satisfies Partial<Contract>;

/** The built-in profiles by name; docs/contract.md says where each row comes from. */
export const PROFILES = {
  seed: SEED,
  ietf: {
    ...SEED,
    profile: 'ietf',
    missingKey: { status: 400, code: 'idempotency_key_required' },
    replayMarker: 'none',
    duplicateIntent: 'uncovered',
    duplicateWindowMs: 0,
  },
  stripe: {
    ...SEED,
    profile: 'stripe',
    missingKey: 'accept',
    otherPayload: { status: 400, code: 'idempotency_key_reused' },
    expiredKey: 'new',
    tombstoneMs: 0,
    storesServerErrors: true,
    duplicateIntent: 'uncovered',
    duplicateWindowMs: 0,
  },
  'stripe-v2': {
    ...UNSAID,
    profile: 'stripe-v2',
    keyHeader: 'Idempotency-Key',
    missingKey: 'accept',
    fingerprint: 'members',
    replayEquality: 'redemption',
    storesServerErrors: false,
  },
  paypal: {
    ...UNSAID,
    profile: 'paypal',
    keyHeader: 'PayPal-Request-Id',
    missingKey: 'accept',
    replayEquality: 'redemption',
    replayState: 'latest',
    storesServerErrors: false,
  },
  adyen: {
    ...UNSAID,
    profile: 'adyen',
    keyHeader: 'Idempotency-Key',
    keyMaxLength: 64,
    keyScope: 'global',
    missingKey: 'accept',
    ttlMs: 7 * DAY_MS,
    replayEquality: 'redemption',
    replayState: 'first',
  },
} as const satisfies Record<string, Contract>;

export type ProfileName = keyof typeof PROFILES;

/** For flags and messages: every profile by name. */
export const PROFILE_NAMES: readonly ProfileName[] = Object.keys(PROFILES).filter(isProfileName);

export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

/** Profiles that the bundled server can play; the others are for judging a team's own endpoint. */
export const PLAYED_PROFILES = ['seed', 'ietf', 'stripe'] as const satisfies readonly ProfileName[];

/** A profile with rows replaced. Unknown members are the caller's to refuse (config.ts does). */
export function contractFrom(profile: ProfileName, overrides: Partial<Contract> = {}): Contract {
  return { ...PROFILES[profile], ...overrides };
}

/** Whether a key that was first accepted `ageMs` ago is live, refused as expired, or new again. */
export function keyPhase(contract: Contract, ageMs: number): 'live' | 'expired' | 'new' | Unspecified {
  if (contract.ttlMs === 'unspecified') return 'unspecified';
  if (ageMs < contract.ttlMs) return 'live';
  if (contract.expiredKey === 'unspecified') return 'unspecified';
  if (contract.expiredKey === 'new') return 'new';
  return ageMs < tombstoneEndMs(contract) ? 'expired' : 'new';
}

/** A second key for one redemption makes no second effect: it is refused, or answered with the original. */
export function coversDuplicates({ duplicateIntent }: Contract): boolean {
  return typeof duplicateIntent === 'object' || duplicateIntent === 'replay';
}

/** The age at which a key is new again. ms, >= ttlMs; 0 where no key's end is promised. */
export function tombstoneEndMs({ ttlMs, expiredKey, tombstoneMs, tombstoneFrom }: Contract): number {
  if (ttlMs === 'unspecified') return 0;
  if (expiredKey === 'new') return ttlMs;
  return tombstoneFrom === 'expiry' ? ttlMs + tombstoneMs : tombstoneMs;
}

export type KeySyntax =
  { readonly kind: 'key'; readonly key: string } | { readonly kind: 'missing' | 'malformed' };

/**
 * Reads a key as it was sent: visible ASCII (0x21 to 0x7E), 1 to `keyMaxLength` characters after the
 * quotes of the structured-field form are taken off. Two header values are malformed, however they are given.
 */
export function readKey(contract: Contract, sent: string | readonly string[] | undefined): KeySyntax {
  if (sent === undefined) return { kind: 'missing' };
  const values = typeof sent === 'string' ? [sent] : sent;
  if (values.length === 0) return { kind: 'missing' };
  const [only] = values;
  if (values.length > 1 || only === undefined) return { kind: 'malformed' };
  const key = contract.quotedKeysEqual === true ? unquoted(only) : only;
  if (key === undefined || key.length === 0 || key.length > contract.keyMaxLength)
    return { kind: 'malformed' };
  return /^[\x21-\x7e]+$/.test(key) ? { kind: 'key', key } : { kind: 'malformed' };
}

/** The value of an RFC 9651 string, or the text itself when it is bare; undefined when a quote is left open. */
function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  if (text.length < 2 || !text.endsWith('"')) return undefined;
  const inner = text.slice(1, -1);
  if (!/^(?:[^"\\]|\\["\\])*$/.test(inner)) return undefined;
  return inner.replace(/\\(["\\])/g, '$1');
}
