/**
 * How a refusal looks on the wire: RFC 9457 problem details with a stable `code`, plus the seed's `error` and `message`.
 */

import { PROFILES, type Contract, type Refusal } from '../harness/model/contract.ts';

/** Rows of the contract by which a request is refused. */
export type RefusalRow = {
  [Row in keyof Contract]: Refusal extends Contract[Row] ? Row : never;
}[keyof Contract];

/** Refusals that no profile has a row for. */
export type PlainRefusal = keyof typeof PLAIN;

export interface RefusalDetails {
  /** The original's id, for a duplicate. */
  readonly redemption?: string;
  /** When a retry may be worth it, ms. */
  readonly retryAfterMs?: number;
  /** What exactly is wrong, for a bad body. Never anything of another request. */
  readonly detail?: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** What each row tells a person. */
const SENTENCES: Readonly<Record<RefusalRow, string>> = {
  missingKey: 'An Idempotency-Key header is required.',
  malformedKey: 'The Idempotency-Key must be one value of 1 to 255 visible ASCII characters.',
  inFlight: 'A redemption with this key is still in progress.',
  otherPayload: 'This Idempotency-Key was used with another payload.',
  expiredKey: 'This Idempotency-Key has expired.',
  duplicateIntent: 'This redemption was already made under another Idempotency-Key.',
  insufficientPoints: 'The balance does not cover the points.',
  storeDown: 'The store cannot be reached. A retry with the same Idempotency-Key is safe.',
  unknownCustomer: 'No such customer.',
  unknownReward: 'No such reward.',
  badBody: 'The request is not valid.',
  badToken: 'A valid bearer token is required.',
  otherCustomersData: 'This token may not act for that customer.',
  unsupportedMediaType: 'The body must be application/json.',
};

const PLAIN = {
  fulfilmentFailed: {
    status: 503,
    code: 'fulfilment_unavailable',
    sentence: 'The reward could not be issued now. A retry with the same Idempotency-Key is safe.',
  },
  tryAgain: {
    status: 503,
    code: 'try_again',
    sentence: 'Busy. A retry with the same Idempotency-Key is safe.',
  },
  notFound: { status: 404, code: 'not_found', sentence: 'No such resource.' },
  tooLarge: { status: 413, code: 'payload_too_large', sentence: 'The body is too large.' },
  headersTooLarge: { status: 431, code: 'headers_too_large', sentence: 'The headers are too large.' },
  requestTimeout: { status: 408, code: 'request_timeout', sentence: 'The request took too long to arrive.' },
  badRequest: { status: 400, code: 'bad_request', sentence: 'The request could not be read.' },
  closing: { status: 503, code: 'shutting_down', sentence: 'The server is shutting down.' },
  internal: { status: 500, code: 'internal_error', sentence: 'Something went wrong here.' },
} as const;

/** The status and code of a row. Where the profile leaves a row open, or accepts, the `seed` profile's are used. */
export function refusalOf(contract: Contract, row: RefusalRow): Required<Refusal> {
  const own: unknown = contract[row];
  const seed: unknown = PROFILES.seed[row];
  // The seed profile refuses in every one of these rows, with a code; its declared type just cannot say so.
  const fallback = isRefusal(seed) ? seed : { status: 400 };
  const refusal = isRefusal(own) ? own : fallback;
  return { status: refusal.status, code: refusal.code ?? fallback.code ?? 'invalid_request' };
}

/** The answer for a refused request. */
export function refusalAnswer(
  contract: Contract,
  row: RefusalRow | PlainRefusal,
  details: RefusalDetails = {},
): Answer {
  const { code, sentence, ...plain } = isPlain(row)
    ? PLAIN[row]
    : { ...refusalOf(contract, row), sentence: SENTENCES[row] };
  const { tryAgain } = contract;
  const status =
    row === 'tryAgain' && typeof tryAgain === 'object' ? (tryAgain.statuses[0] ?? 503) : plain.status;
  return {
    status,
    contentType: PROBLEM_TYPE,
    headers: headersOf(row, status, details),
    body: JSON.stringify({
      type: `/docs#${code}`,
      title: sentence,
      status,
      detail: details.detail ?? sentence,
      code,
      error: code,
      message: details.detail ?? sentence,
      ...(row === 'missingKey' ? { idempotency_key_required: true } : {}),
      ...(details.redemption === undefined ? {} : { redemption_id: details.redemption }),
    }),
  };
}

function headersOf(
  row: RefusalRow | PlainRefusal,
  status: number,
  { retryAfterMs }: RefusalDetails,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (row === 'badToken') headers['www-authenticate'] = 'Bearer';
  // Whole seconds (RFC 9110, section 10.2.3), rounded up: never too early.
  const waitMs = retryAfterMs ?? (status === 503 || row === 'tryAgain' ? 1000 : undefined);
  if (waitMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(waitMs / 1000)));
  return headers;
}

function isPlain(row: string): row is PlainRefusal {
  return Object.hasOwn(PLAIN, row);
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'status' in value;
}
