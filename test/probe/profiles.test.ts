/** What is observed, row by row, against what each profile plays: written out here, not derived from what judges it. */

import { expect, test } from 'vitest';
import { contractFrom, PLAYED_PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import { ROWS } from '../../harness/probe/probe.ts';
import { didText, GROUPS } from '../../harness/probe/row.ts';
import { SOURCES } from '../../harness/probe/sources.ts';
import { probedEndpoint } from './endpoint.ts';

const INVALID = '400 invalid_idempotency_key';
const AGAIN = 'the first answer again';
const REUSED = '422 idempotency_key_reused';
const STRIPE_REUSED = '400 idempotency_key_reused';
const DUPLICATE = '409 duplicate_redemption';
const EXPIRED = '409 idempotency_key_expired';

/** In the order of PLAYED_PROFILES: seed, ietf, stripe; one value alone is that of all three. */
const OBSERVED: Readonly<Record<string, readonly [string] | readonly [string, string, string]>> = {
  'same-key': [AGAIN],
  'replay-status': ['the same'],
  'replay-headers': ['the same'],
  'replay-bytes': ['bytes'],
  'replay-marker': ['idempotent-replayed', 'none', 'idempotent-replayed'],
  'marker-sent': ['ignored'],
  'replay-state': ['first'],
  'missing-key': ['409 duplicate_request', '400 idempotency_key_required', 'redeemed'],
  'empty-key': [INVALID],
  'blank-key': [INVALID],
  'space-in-key': [INVALID],
  'non-ascii-key': [INVALID],
  'open-quote-key': [INVALID],
  'doubled-key': [INVALID],
  'doubled-same-key': [INVALID],
  'long-key': ['255'],
  'over-long-key': [INVALID],
  'quoted-key': ['one key'],
  'other-case-key': ['two keys'],
  'last-character-key': ['two keys'],
  'other-reward': [REUSED, REUSED, STRIPE_REUSED],
  'other-points': [REUSED, REUSED, STRIPE_REUSED],
  'other-type': [REUSED, REUSED, STRIPE_REUSED],
  'other-name': [REUSED, REUSED, STRIPE_REUSED],
  'other-bytes': [AGAIN],
  'other-headers': [AGAIN],
  'other-customer': ['redeemed'],
  'other-path': ['not seen'],
  'other-token': ['not seen'],
  'anothers-token': ['403 forbidden'],
  'wrong-token': ['401 unauthorized'],
  'in-flight': ['409 redemption_in_progress'],
  'in-flight-wait': ['at once'],
  'too-few-points': ['422 insufficient_points'],
  'too-few-points-again': ['not stored'],
  'unknown-reward': ['404 reward_not_found'],
  'unknown-reward-again': ['not stored'],
  'unknown-customer': ['404 customer_not_found'],
  'bad-body': ['400 invalid_request'],
  'media-type': ['415 unsupported_media_type'],
  'error-before': ['not stored'],
  'error-after': ['not stored', 'not stored', 'stored'],
  'same-name': [DUPLICATE, 'redeemed', 'redeemed'],
  'two-names': ['redeemed'],
  'no-name': [DUPLICATE, 'redeemed', 'redeemed'],
  window: ['5000', 'none', 'none'],
  'key-life': ['86400000'],
  'expired-key': [EXPIRED, EXPIRED, 'new'],
  'renewed-key': ['not renewed'],
  tombstone: ['604800000', '604800000', 'none'],
};

const observedOf = (profile: ProfileName): Record<string, string> => {
  const place = PLAYED_PROFILES.findIndex((name) => name === profile);
  return Object.fromEntries(Object.entries(OBSERVED).map(([row, all]) => [row, all[place] ?? all[0]]));
};

test.for(PLAYED_PROFILES)(
  '%s: each row is as the profile plays it',
  { timeout: 120_000 },
  async (profile) => {
    const { rows, probed } = await probedEndpoint({ profile });
    const seen = [...rows.values()].map(({ row, seen: one }) => [
      row.name,
      one ? didText(one.did) : 'not seen',
    ]);
    expect(Object.fromEntries(seen)).toEqual(observedOf(profile));
    expect([...rows.values()].filter(({ seen: one }) => one?.trouble !== undefined)).toEqual([]);
    expect(probed.verdict).toBe('valid');
    // The contract that was seen is the one that was played: nothing else than its name is left to write.
    expect({ profile: probed.block.profile, rows: probed.block.rows }).toEqual({ profile, rows: {} });
  },
);

test('the contract that is seen finds the profile that is nearest', { timeout: 120_000 }, async () => {
  // A config that promises another profile: what is written is what is played.
  const { probed } = await probedEndpoint({ profile: 'stripe', promises: contractFrom('seed') });
  expect(probed.verdict).toBe('invalid');
  const { profile, rows } = probed.block;
  expect({ ...contractFrom(profile), ...rows }).toMatchObject({
    missingKey: 'accept',
    otherPayload: { status: 400, code: 'idempotency_key_reused' },
    expiredKey: 'new',
    duplicateIntent: 'uncovered',
    duplicateWindowMs: 0,
    storesServerErrors: true,
  });
});

test('each row is told from the draft and from Stripe, and no two have one name', () => {
  const names = ROWS.map(({ name }) => name);
  expect(Object.keys(SOURCES).toSorted()).toEqual(names.toSorted());
  expect(new Set(names).size).toBe(names.length);
  expect(ROWS.filter(({ group }) => !GROUPS.includes(group))).toEqual([]);
  for (const { ietf, section } of Object.values(SOURCES)) {
    expect(ietf).not.toBe('');
    if (section !== undefined) expect(section).toMatch(/^(2\.[1-7]|5)(, 2\.[1-7])?$/);
  }
});
