import { defineConfig } from 'onceproof';
import { Pool } from 'pg';

// The hooks go past the service, straight to its tables: what is booked there is what really happened.
const database = new Pool({ connectionString: process.env['VOUCHERS_DATABASE'], allowExitOnIdle: true });
// A connection that breaks while nobody uses it is replaced; without a listener it would end onceproof.
database.on('error', () => {});

// One description for both editions: which one runs at VOUCHERS_URL is for onceproof to find out.
export default defineConfig({
  baseUrl: { env: 'VOUCHERS_URL' },
  auth: { env: 'VOUCHERS_TOKEN' },

  redeem: {
    path: '/v1/members/{customer_id}/vouchers',
    keyHeader: 'X-Idempotency-Key',
    body: {
      voucher: { offer: '{reward_id}', points: '{points_amount}' },
      reference: '{client_redemption_id}',
    },
  },
  answer: {
    redemption: '/data/voucher/number',
    customer: '/data/member/id',
    balance: '/data/member/points/left',
    code: '/failure/reason',
  },
  balance: { path: '/v1/members/{customer_id}', value: '/member/points/available' },
  redemptions: {
    path: '/v1/members/{customer_id}/vouchers',
    items: '/vouchers',
    redemption: '/number',
    clientRedemptionId: '/reference',
    reward: '/offer',
    points: '/price/points',
    nextCursor: '/links/after',
    cursorParameter: 'after',
  },
  rewards: [
    { id: 'espresso', points: 120 },
    { id: 'cinema-ticket', points: 900 },
  ],

  contract: {
    profile: 'ietf',
    keyMaxLength: 200,
    quotedKeysEqual: false,
    missingKey: { status: 428, code: 'KEY_MISSING' },
    malformedKey: { status: 400, code: 'KEY_MALFORMED' },
    // The second request waits for the first one's transaction, then gets its answer.
    inFlight: 'wait',
    otherPayload: { status: 409, code: 'KEY_USED_FOR_ANOTHER_ORDER' },
    expiredKey: { status: 410, code: 'KEY_EXPIRED' },
    ttlMs: 6 * 3_600_000,
    tombstoneMs: 24 * 3_600_000,
    replayMarker: 'X-Repeated',
    duplicateIntent: { status: 409, code: 'ALREADY_REDEEMED' },
    insufficientPoints: { status: 402, code: 'NOT_ENOUGH_POINTS' },
    storeDown: { status: 503, code: 'OUT_OF_ORDER' },
    unknownCustomer: { status: 404, code: 'NO_SUCH_MEMBER' },
    unknownReward: { status: 404, code: 'NO_SUCH_OFFER' },
    badBody: { status: 422, code: 'NOT_AN_ORDER' },
    badToken: { status: 401, code: 'WHO_ARE_YOU' },
    // One token acts for every member.
    otherCustomersData: 'unspecified',
    unsupportedMediaType: { status: 415, code: 'JSON_PLEASE' },
  },

  hooks: {
    async provision({ customer, points }) {
      await database.query(
        `insert into members (id, points) values ($1, $2)
           on conflict (id) do update set points = $2, test_clock = null, test_shift = 0`,
        [customer, points],
      );
    },
    async credit({ customer, points }) {
      await database.query(
        `with booked as (
           insert into bookings (member, points, booked_at)
           values ($1, $2, (extract(epoch from clock_timestamp()) * 1000)::bigint)
         )
         update members set points = points + $2 where id = $1`,
        [customer, points],
      );
    },
    async setClock({ customer, nowMs, frozen }) {
      const [clock, shift] = frozen ? [nowMs, 0] : [null, nowMs - Date.now()];
      await database.query('update members set test_clock = $2, test_shift = $3 where id = $1', [
        customer,
        clock,
        shift,
      ]);
    },
    async ledger({ customer }) {
      const { rows } = await database.query<{
        points: string;
        voucher: string | null;
        used_key: string | null;
        booked_at: string;
      }>('select points, voucher, used_key, booked_at from bookings where member = $1 order by id', [
        customer,
      ]);
      const bookings = rows.map((row) => ({ ...row, points: Number(row.points), at: Number(row.booked_at) }));
      const issued = await database.query<{ number: string; offer: string; issued_at: string }>(
        'select number, offer, issued_at from vouchers where member = $1 order by position',
        [customer],
      );
      return {
        debits: bookings
          .filter(({ points }) => points < 0)
          .map(({ points, voucher, used_key, at }) => ({
            redemption: voucher ?? '?',
            points: -points,
            key: used_key,
            at,
          })),
        credits: bookings.filter(({ points }) => points > 0).map(({ points, at }) => ({ points, at })),
        rewards: issued.rows.map(({ number, offer, issued_at }) => ({
          redemption: number,
          reward: offer,
          at: Number(issued_at),
        })),
      };
    },
  },

  // It books before it answers, and reads what it has booked: what could come later would come within a second, and no read lags.
  limits: {
    maxRequestsPerSecond: 500,
    maxVus: 20,
    timeoutMs: 2000,
    settleMs: 10_000,
    readLagMs: 0,
    lateMs: 1000,
  },
});
