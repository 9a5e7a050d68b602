/** What cannot be seen here is said, with what is missing; and nothing is promised or written that was not seen. */

import { expect, test } from 'vitest';
import { blockText } from '../../harness/probe/block.ts';
import { didText } from '../../harness/probe/row.ts';
import { probedEndpoint } from './endpoint.ts';

const TIMEOUT = { timeout: 60_000 } as const;

test('listed customers without hooks: what needs others is not seen, and why', TIMEOUT, async () => {
  const { rows, probed } = await probedEndpoint({
    without: ['provision', 'credit', 'setClock', 'ledger', 'failNext'],
  });
  const unseen = [...rows.values()].filter(({ standing }) => standing === 'unseen');
  expect(Object.fromEntries(unseen.map(({ row, why }) => [row.name, why]))).toEqual({
    'other-path': 'no other path is named: --other-path',
    'other-token': 'a customer has one token: hooks.provision returns none of its own',
    'anothers-token': 'all customers have one token',
    ...inFlightOf(rows.get('in-flight')?.standing),
    'too-few-points': 'no customer with chosen points can be made: hooks.provision',
    'too-few-points-again': 'no customer with chosen points can be made: hooks.provision',
    'error-before': 'no handler can be made to fail: hooks.failNext',
    'error-after': 'no handler can be made to fail: hooks.failNext',
    'key-life': 'it is 1 day away, and the clock cannot be moved: hooks.setClock',
    'expired-key': 'it is 1 day away, and the clock cannot be moved: hooks.setClock',
    'renewed-key': 'it is 1 day away, and the clock cannot be moved: hooks.setClock',
    tombstone: 'it is 1 day away, and the clock cannot be moved: hooks.setClock',
  });
  expect([...rows.values()].filter(({ standing }) => standing === 'broken')).toEqual([]);
  expect(probed.verdict).toBe('unknown');
  const open = [
    'insufficientPoints',
    'storesInsufficientPoints',
    'storesServerErrors',
    'ttlMs',
    'expiredKey',
  ];
  expect(probed.block.open).toEqual(expect.arrayContaining(open));
  expect(blockText(probed.block)).toContain("  ttlMs: 'unspecified', // not seen");
});

/** Copies at one moment meet each other, or are too quick for it: both are told. */
function inFlightOf(standing: string | undefined): Record<string, unknown> {
  const wait = expect.stringMatching(/hooks\.failNext|none met the first in flight/) as unknown;
  if (standing !== 'unseen') return { 'in-flight-wait': wait };
  return { 'in-flight-wait': wait, 'in-flight': expect.stringContaining('none met the first') as unknown };
}

test('a key that lives for a second is waited for', TIMEOUT, async () => {
  const short = {
    ttlMs: 1000,
    tombstoneMs: 2400,
    duplicateIntent: 'uncovered',
    duplicateWindowMs: 0,
  } as const;
  const { rows } = await probedEndpoint({
    plays: short,
    promises: short,
    without: ['setClock'],
    rows: ['key-life', 'expired-key', 'tombstone'],
  });
  const seen = ['key-life', 'expired-key', 'tombstone'].map((name) => {
    const told = rows.get(name);
    return [name, told?.standing, told?.seen && didText(told.seen.did)];
  });
  expect(seen).toEqual([
    ['key-life', 'kept', '1000'],
    ['expired-key', 'kept', '409 idempotency_key_expired'],
    ['tombstone', 'kept', '2400'],
  ]);
  expect(rows.get('key-life')?.seen?.text).toContain('to within 250 ms');
});

test('a life that nobody would guess is found to within a second', TIMEOUT, async () => {
  const { rows } = await probedEndpoint({ plays: { ttlMs: 5_432_100 }, rows: ['key-life'] });
  const told = rows.get('key-life');
  const found = told?.seen?.did.did === 'is' ? Number(told.seen.did.value) : Number.NaN;
  expect(found).toBeGreaterThanOrEqual(5_432_100);
  expect(found).toBeLessThanOrEqual(5_433_100);
  expect(told?.standing).toBe('broken');
});

test(
  'without balance, list and ledger the answers alone are told, and that effects cannot be read',
  TIMEOUT,
  async () => {
    const { rows } = await probedEndpoint({
      without: ['ledger'],
      config: { balance: undefined, redemptions: undefined } as object,
      rows: ['same-key', 'other-reward'],
    });
    expect(rows.get('same-key')?.seen?.text).toBe('200, the first answer again; effects cannot be read');
    expect(rows.get('other-reward')?.standing).toBe('kept');
  },
);

test('rows that are not asked for are skipped, and miss nothing', TIMEOUT, async () => {
  const { rows, probed } = await probedEndpoint({ rows: ['missing-key'] });
  expect(rows.get('key-life')).toMatchObject({ standing: 'skipped' });
  expect(probed.verdict).toBe('valid');
});

test('after Ctrl-C the rest is not seen, and the verdict is unknown', TIMEOUT, async () => {
  const controller = new AbortController();
  controller.abort();
  const { rows, probed } = await probedEndpoint({ signal: controller.signal });
  expect(probed.result.isInterrupted).toBe(true);
  expect(probed.verdict).toBe('unknown');
  expect(rows.get('tombstone')?.why).toBe('the probe was interrupted');
});
