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

export interface Contract {
  /** Name of the profile that this contract started from. */
  readonly profile: string;
  readonly keyHeader: string;
  readonly keyMaxLength: number;
  /** `"k"` and `k` are one key (the draft's structured-field form). */
  readonly quotedKeysEqual: boolean;
  readonly missingKey: Refusal | 'accept' | Unspecified;
  readonly malformedKey: Refusal | Unspecified;
  readonly inFlight: Refusal | 'wait' | Unspecified;
  readonly otherPayload: Refusal | Unspecified;
  /** What a key does at age >= ttlMs: refused while its tombstone is kept, or new at once. */
  readonly expiredKey: Refusal | 'new' | Unspecified;
  /** From first acceptance, by the store's clock; age < ttlMs replays, age >= ttlMs is expired. ms. */
  readonly ttlMs: number | Unspecified;
  /** How long after first acceptance an expired key is still refused; from then on it is new. ms, >= ttlMs; ignored when expiredKey is 'new'. */
  readonly tombstoneMs: number;
  /** Name of the header that marks a replayed answer with the value `true`; `none`: there is no marker; or `unspecified`. */
  readonly replayMarker: string;
  /** What two 200s of one key must share. */
  readonly replayEquality: 'bytes' | 'redemption' | Unspecified;
  /** The same redemption under another key, known by `client_redemption_id`. */
  readonly duplicateIntent: Refusal | 'uncovered' | Unspecified;
  /** Fallback without a client_redemption_id: same customer, reward, points, type. ms, 0 = off. */
  readonly duplicateWindowMs: number;
  readonly insufficientPoints: Refusal | Unspecified;
  /** Whether a refusal for too few points is stored under the key. */
  readonly storesInsufficientPoints: boolean;
  /** Whether a 5xx is stored and replayed once execution began (Stripe). */
  readonly storesServerErrors: boolean;
  readonly storeDown: Refusal | Unspecified;
  readonly unknownCustomer: Refusal | Unspecified;
  readonly unknownReward: Refusal | Unspecified;
  readonly badBody: Refusal | Unspecified;
  readonly badToken: Refusal | Unspecified;
  readonly otherCustomersData: Refusal | Unspecified;
  readonly unsupportedMediaType: Refusal | Unspecified;
}

const DAY_MS = 86_400_000;

const SEED: Contract = {
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

/** The built-in profiles by name. */
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
} as const satisfies Record<string, Contract>;

export type ProfileName = keyof typeof PROFILES;

/** For flags: every profile by name. */
export const PROFILE_NAMES: readonly ProfileName[] = Object.keys(PROFILES).filter(isProfileName);

export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

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
  return ageMs < contract.tombstoneMs ? 'expired' : 'new';
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
  const key = contract.quotedKeysEqual ? unquoted(only) : only;
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
