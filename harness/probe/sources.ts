/**
 * What two public texts say of each row: the IETF draft (draft-ietf-httpapi-idempotency-key-header-07, of 15 October 2025,
 * expired) by its sections, and Stripe's documents of API v1 (docs.stripe.com/api/idempotent_requests, /error-low-level,
 * /api/errors; read in November 2026).
 */

export interface Sources {
  readonly ietf: string;
  /** Section of the draft; absent: it says nothing. */
  readonly section?: string;
  readonly stripe: string;
}

const NOTHING = 'says nothing';
const SAME_RESULT = 'the saved status and body again, also of a 500';

/** By the names of the rows; a test holds the two against each other. */
export const SOURCES: Readonly<Record<string, Sources>> = {
  'same-key': {
    ietf: 'SHOULD answer with the result of the completed operation, success or error',
    section: '2.6',
    stripe: SAME_RESULT,
  },
  'replay-status': {
    ietf: 'the result of the completed operation',
    section: '2.6',
    stripe: 'the saved status',
  },
  'replay-headers': {
    ietf: NOTHING,
    stripe: 'a Request-Id of its own, and Original-Request with that of the first',
  },
  'replay-bytes': { ietf: 'the result of the completed operation', section: '2.6', stripe: 'the saved body' },
  'replay-marker': { ietf: 'no marker', stripe: '`Idempotent-Replayed: true`' },
  'marker-sent': { ietf: NOTHING, stripe: NOTHING },
  'replay-state': {
    ietf: 'the result of the completed operation',
    section: '2.6',
    stripe: 'the first answer; with API v2 an updated one',
  },
  'missing-key': {
    ietf: 'SHOULD answer 400 where the operation requires the header',
    section: '2.7',
    stripe: 'accepted: keys are optional',
  },
  'empty-key': { ietf: 'always validate a key as published', section: '5', stripe: NOTHING },
  'blank-key': { ietf: 'always validate a key as published', section: '5', stripe: NOTHING },
  'space-in-key': {
    ietf: 'a String of RFC 8941, which may hold spaces in its quotes',
    section: '2.1',
    stripe: NOTHING,
  },
  'non-ascii-key': { ietf: 'a String of RFC 8941: ASCII only', section: '2.1', stripe: NOTHING },
  'open-quote-key': { ietf: 'no String of RFC 8941', section: '2.1', stripe: NOTHING },
  'doubled-key': { ietf: 'clients MUST NOT send more than one', section: '2.1', stripe: NOTHING },
  'doubled-same-key': { ietf: 'clients MUST NOT send more than one', section: '2.1', stripe: NOTHING },
  'long-key': {
    ietf: 'the resource publishes the format of its keys',
    section: '5',
    stripe: 'up to 255 characters',
  },
  'over-long-key': {
    ietf: 'always validate a key as published',
    section: '5',
    stripe: 'up to 255 characters',
  },
  'quoted-key': {
    ietf: 'quotes belong to the syntax, so that a key always has them',
    section: '2.1',
    stripe: 'keys are bare',
  },
  'other-case-key': { ietf: 'a String: letter case counts', section: '2.1', stripe: NOTHING },
  'last-character-key': { ietf: 'a String: every character counts', section: '2.1', stripe: NOTHING },
  'other-reward': {
    ietf: 'SHOULD answer 422 to a key with another payload',
    section: '2.7',
    stripe: 'an error (400, idempotency_error) where parameters are not the same',
  },
  'other-points': {
    ietf: 'SHOULD answer 422 to a key with another payload',
    section: '2.7',
    stripe: 'an error where parameters are not the same',
  },
  'other-type': {
    ietf: 'SHOULD answer 422 to a key with another payload',
    section: '2.7',
    stripe: 'an error where parameters are not the same',
  },
  'other-name': {
    ietf: 'SHOULD answer 422 to a key with another payload',
    section: '2.7',
    stripe: 'an error where parameters are not the same',
  },
  'other-bytes': {
    ietf: 'the fingerprint is the resource’s choice: a checksum of all, or of some fields',
    section: '2.4',
    stripe: 'parameters are compared, not bytes',
  },
  'other-headers': {
    ietf: 'the fingerprint is of the payload',
    section: '2.4',
    stripe: 'parameters are compared',
  },
  'other-customer': {
    ietf: 'look keys up by a composite of the key and what only the server knows, so that nothing leaks',
    section: '5',
    stripe: 'keys are an account’s own',
  },
  'other-path': {
    ietf: 'the resource defines within what a key is unique',
    section: '2.2',
    stripe: 'an error where the endpoint is not the same',
  },
  'other-token': {
    ietf: 'the resource defines within what a key is unique',
    section: '2.2',
    stripe: NOTHING,
  },
  'anothers-token': { ietf: 'left to the resource', section: '2.7', stripe: '403' },
  'wrong-token': { ietf: 'left to the resource', section: '2.7', stripe: '401' },
  'in-flight': {
    ietf: 'MUST answer with a conflict; SHOULD be 409',
    section: '2.6, 2.7',
    stripe: '409, and nothing is saved',
  },
  'in-flight-wait': { ietf: 'a conflict, not a wait', section: '2.6', stripe: '409, not a wait' },
  'too-few-points': { ietf: 'left to the resource', section: '2.7', stripe: '402 for what is declined' },
  'too-few-points-again': {
    ietf: 'the result of the completed operation, success or error',
    section: '2.6',
    stripe: 'saved, once execution began',
  },
  'unknown-reward': { ietf: 'left to the resource', section: '2.7', stripe: '400 or 404' },
  'unknown-reward-again': {
    ietf: 'the result of the completed operation, success or error',
    section: '2.6',
    stripe: 'not saved where parameters fail validation',
  },
  'unknown-customer': { ietf: 'left to the resource', section: '2.7', stripe: '400 or 404' },
  'bad-body': { ietf: 'left to the resource', section: '2.7', stripe: '400; not saved' },
  'media-type': { ietf: 'left to the resource', section: '2.7', stripe: NOTHING },
  'error-before': {
    ietf: 'left to the resource',
    section: '2.7',
    stripe: 'not saved before execution began',
  },
  'error-after': {
    ietf: 'the result of the completed operation, success or error',
    section: '2.6',
    stripe: 'a 500 is saved and comes again',
  },
  'same-name': { ietf: NOTHING, stripe: 'a new request: only keys count' },
  'two-names': { ietf: 'a new key is a first request', section: '2.6', stripe: 'a new request' },
  'no-name': { ietf: 'a new key is a first request', section: '2.6', stripe: 'a new request' },
  window: { ietf: 'no window', stripe: 'no window' },
  'key-life': {
    ietf: 'MAY expire; the resource SHOULD publish when',
    section: '2.3',
    stripe: 'at least 24 hours',
  },
  'expired-key': {
    ietf: 'MAY be deleted at its expiry',
    section: '2.3',
    stripe: 'a new request, once it is pruned',
  },
  'renewed-key': { ietf: NOTHING, stripe: 'counts from the original' },
  tombstone: { ietf: NOTHING, stripe: 'none' },
};
