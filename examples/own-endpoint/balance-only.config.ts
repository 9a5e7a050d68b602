import { defineConfig } from 'onceproof';

// As little as can be said of an endpoint: where it is, how one redeems, where the balance stands, who may try.
// There is no list and no ledger, so nobody can tell which redemption a debit belongs to: the rules that need that
// are listed as unjudged. Two debits for one wish are still found: the balance falls by more than it may.
export default defineConfig({
  baseUrl: { env: 'VOUCHERS_URL' },
  auth: { env: 'VOUCHERS_TOKEN' },
  redeem: {
    path: '/v1/members/{customer_id}/vouchers',
    keyHeader: 'X-Idempotency-Key',
    body: { voucher: { offer: '{reward_id}', points: '{points_amount}' } },
  },
  answer: { redemption: '/data/voucher/number' },
  balance: { path: '/v1/members/{customer_id}', value: '/member/points/available' },
  rewards: [{ id: 'espresso', points: 120 }],
  contract: {
    profile: 'ietf',
    missingKey: 428,
    inFlight: 'wait',
    otherPayload: 409,
    insufficientPoints: 402,
    expiredKey: 410,
    ttlMs: 6 * 3_600_000,
    tombstoneMs: 24 * 3_600_000,
    keyMaxLength: 200,
    quotedKeysEqual: false,
    replayMarker: 'X-Repeated',
    // Nobody has said what it does with a malformed key.
    malformedKey: 'unspecified',
  },
  customers: ['ada', 'grace', 'katherine', 'margaret'],
  limits: { maxVus: 4, lateMs: 1000 },
});
