/** Each row can say no: for each there is an endpoint that does otherwise than its contract, and the row shows it. */

import { describe, expect, test } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { ROWS } from '../../harness/probe/probe.ts';
import { didText } from '../../harness/probe/row.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import type { Asked as Request, Lies, Right, Told } from '../../reference-server/liars/liar.ts';
import { probedEndpoint, type Asked } from './endpoint.ts';

type Lie = (right: Right) => Lies;

const MARKER = 'idempotent-replayed';
const BAD_KEY = { malformedKey: { status: 422, code: 'bad_key' } } as const;
const NOT_THAT = { status: 418, code: 'teapot' } as const;

/** What a redemption is answered with, changed where it is a replay. */
const replays =
  (change: (told: Told) => Told): Lie =>
  () => ({
    redeem: async (_, honest) => {
      const told = await honest();
      return told.headers[MARKER] === 'true' ? change(told) : told;
    },
  });

/** Takes a key for another one. */
const keyed =
  (change: (key: string, request: Request) => string): Lie =>
  (right) => ({
    redeem: async (request, honest) => {
      const { key, headers } = request;
      if (key === undefined) return await honest();
      return await right.answer({
        ...request,
        headers: { ...headers, 'idempotency-key': change(key, request) },
      });
    },
  });

const liar = (name: string): Lie => {
  const found = LIARS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no liar ${name}`);
  return found.lies;
};

const plays = (contract: Partial<Contract>): Asked => ({ plays: contract });

const nameless: Lie = (right) => ({
  redeem: async (request) => {
    const { client_redemption_id: _, ...body } = JSON.parse(request.text) as Record<string, unknown>;
    return await right.answer({ ...request, text: JSON.stringify(body) });
  },
});

let asks = 0;

/** One answer for a key, whoever comes with it. */
const keptForAll: Lie = () => {
  const kept = new Map<string, Told>();
  return {
    redeem: async ({ key = '' }, honest) => {
      const told = kept.get(key) ?? (await honest());
      if (key !== '') kept.set(key, told);
      return told;
    },
  };
};

/** Row, what the endpoint does, and what the row says then. */
const CASES: readonly (readonly [string, Asked, string])[] = [
  ['same-key', { lies: keyed((key) => `${key}-${(asks += 1)}`) }, '409 duplicate_redemption'],
  ['replay-status', { lies: replays((told) => ({ ...told, status: 201 })) }, 'another'],
  [
    'replay-headers',
    { lies: replays((told) => ({ ...told, headers: { ...told.headers, 'x-cache': 'hit' } })) },
    'x-cache',
  ],
  ['replay-bytes', { lies: liar('replays-other-bytes') }, 'redemption'],
  ['replay-marker', plays({ replayMarker: 'none' }), 'none'],
  [
    'marker-sent',
    {
      lies: () => ({
        redeem: async ({ headers }, honest) => {
          const told = await honest();
          return headers[MARKER] === undefined
            ? told
            : { ...told, headers: { ...told.headers, [MARKER]: 'true' } };
        },
      }),
    },
    'believed',
  ],
  ['replay-state', plays({ replayState: 'latest' }), 'latest'],
  ['missing-key', plays({ missingKey: 'accept' }), 'redeemed'],
  ...['empty-key', 'blank-key', 'space-in-key', 'open-quote-key', 'doubled-key', 'doubled-same-key'].map(
    (row) => [row, plays(BAD_KEY), '422 bad_key'] as const,
  ),
  ['non-ascii-key', plays(BAD_KEY), '422 bad_key'],
  ['over-long-key', plays(BAD_KEY), '422 bad_key'],
  ['long-key', plays({ keyMaxLength: 64 }), '64'],
  ['quoted-key', plays({ quotedKeysEqual: false }), 'two keys'],
  ['other-case-key', { lies: keyed((key) => key.toLowerCase()) }, 'one key'],
  ['last-character-key', { lies: keyed((key) => key.slice(0, 64)) }, 'one key'],
  ...['other-reward', 'other-points', 'other-type', 'other-name'].flatMap((row) => [
    [row, plays({ fingerprint: 'none' }), 'the first answer again'] as const,
    [row, plays({ otherPayload: { status: 400 } }), '400 idempotency_key_reused'] as const,
  ]),
  ['other-reward', { lies: liar('redeems-the-other-payload') }, 'redeemed'],
  ['other-bytes', plays({ fingerprint: 'bytes' }), '422 idempotency_key_reused'],
  [
    'other-headers',
    { lies: keyed((key, { headers }) => key + (headers['user-agent'] ?? '').slice(-1)) },
    '409 duplicate_redemption',
  ],
  ['other-customer', plays({ keyScope: 'global' }), '422 idempotency_key_reused'],
  ['other-customer', { lies: keptForAll }, "the other's answer"],
  ['anothers-token', plays({ otherCustomersData: NOT_THAT }), '418 teapot'],
  ['wrong-token', plays({ badToken: NOT_THAT }), '418 teapot'],
  ['in-flight', plays({ inFlight: 'wait' }), 'the first answer again'],
  ['in-flight', plays({ inFlight: { status: 423, code: 'locked' } }), '423 locked'],
  ['in-flight-wait', plays({ waitsFirst: true }), 'after waiting'],
  ['too-few-points', plays({ insufficientPoints: { status: 402, code: 'poor' } }), '402 poor'],
  ['too-few-points-again', plays({ storesInsufficientPoints: true }), 'stored'],
  ['unknown-reward', plays({ unknownReward: NOT_THAT }), '418 teapot'],
  ['unknown-reward-again', plays({ storesRefusals: true }), 'stored'],
  ['unknown-customer', plays({ unknownCustomer: NOT_THAT }), '418 teapot'],
  ['bad-body', plays({ badBody: NOT_THAT }), '418 teapot'],
  ['media-type', plays({ unsupportedMediaType: NOT_THAT }), '418 teapot'],
  ['error-before', { failsForEver: true }, 'stored'],
  ['error-after', plays({ storesServerErrors: true }), 'stored'],
  ['same-name', plays({ duplicateIntent: 'uncovered' }), 'redeemed'],
  ['same-name', plays({ duplicateIntent: 'replay' }), 'the first answer again'],
  ['two-names', { lies: nameless }, '409 duplicate_redemption'],
  ['no-name', plays({ duplicateWindowMs: 0 }), 'redeemed'],
  ['window', plays({ duplicateWindowMs: 2000 }), '2000'],
  ['window', plays({ duplicateWindowMs: 0 }), 'none'],
  ['key-life', plays({ ttlMs: 3_600_000 }), '3600000'],
  ['expired-key', plays({ expiredKey: 'new', tombstoneMs: 0 }), 'new'],
  ['tombstone', plays({ tombstoneMs: 172_800_000 }), '172800000'],
  ['tombstone', plays({ expiredKey: 'new', tombstoneMs: 0 }), 'none'],
];

/** Shown elsewhere: they take a path or tokens that no config has, or a defect of the bundled server. */
const ELSEWHERE = ['other-path', 'other-token', 'renewed-key'];

test('there is a case for each row', () => {
  const rows = new Set([...CASES.map(([row]) => row), ...ELSEWHERE]);
  expect(ROWS.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual([]);
});

describe('a row that is otherwise than promised says what it is', () => {
  test.for(grouped().map((cases) => [cases.map(([row]) => row).join(', '), cases] as const))(
    '%s',
    { timeout: 60_000 },
    async ([, cases]) => {
      const asked = cases[0]?.[1];
      const { rows, probed } = await probedEndpoint({ ...asked, rows: cases.map(([row]) => row) });
      for (const [name, , text] of cases) {
        const told = rows.get(name);
        expect([name, told?.seen && didText(told.seen.did), told?.why]).toEqual([name, text, undefined]);
        const isUnpromised = told?.promised === undefined;
        expect([name, told?.standing]).toEqual([name, isUnpromised ? 'unpromised' : 'broken']);
        if (!isUnpromised) expect(probed.verdict).toBe('invalid');
      }
    },
  );
});

/** Several rows of one endpoint are looked at in one probe. */
function grouped(): (typeof CASES)[number][][] {
  const groups = new Map<unknown, (typeof CASES)[number][]>();
  for (const one of CASES) {
    const [, asked] = one;
    const endpoint = asked.lies ?? JSON.stringify(asked);
    groups.set(endpoint, [...(groups.get(endpoint) ?? []), one]);
  }
  return [...groups.values()];
}
