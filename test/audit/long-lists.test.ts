/** A list that grows to a million entries, page after page, each page small enough: it is left, with one clear line. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ReadBack } from '../../harness/audit/read-back.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { contractFrom } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';

let server: Server;
let pages: number;
afterEach(() => new Promise((done) => server.close(done)));

/** The endpoint's pages, and what it gave once the reading had ended. */
async function listed(pageCount: number, page: (number: number) => readonly object[]): Promise<number> {
  pages = 0;
  server = createServer((request, response) => {
    const number = Number(new URL(request.url ?? '', 'http://a').searchParams.get('cursor') ?? 0);
    pages += 1;
    const next_cursor = number + 1 < pageCount ? String(number + 1) : null;
    response.setHeader('connection', 'close');
    response.end(JSON.stringify({ redemptions: page(number), next_cursor }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const readBack = new ReadBack({
    target: referenceTarget(url),
    contract: contractFrom('seed'),
    capabilities: { ...NO_CAPABILITIES, redemptions: true },
    baseUrls: [url],
    tokenFor: () => Promise.resolve('t'),
    timeoutMs: 30_000,
    maxAnswerBytes: 4 * 1024 * 1024,
  });
  try {
    const [event] = await readBack.read('c', () => 0);
    return event?.what === 'redemptions' ? event.value.length : -1;
  } finally {
    await readBack.close();
  }
}

const entry = (number: number) => ({
  redemption_id: `r-${number}`,
  client_redemption_id: `c-${number}`,
  reward_id: 'reward_coffee',
  points_amount: 120,
});
const tenThousand = (page: number) =>
  Array.from({ length: 10_000 }, (_, index) => entry(page * 10_000 + index));
const large = (page: number) => [{ ...entry(page), redemption_id: `${page}-${'x'.repeat(3_000_000)}` }];

test('a million entries are left after a hundred thousand', async () => {
  await expect(listed(100, tenThousand)).rejects.toThrow(/redemptions.*at most 100000 of one customer/);
  expect(pages).toBe(11);
});

test('a hundred thousand entries are read', async () => {
  expect(await listed(10, tenThousand)).toBe(100_000);
});

test('pages of few entries that are large together are left', async () => {
  await expect(listed(100, large)).rejects.toThrow(/redemptions.*at most 33554432 bytes/);
  expect(pages).toBe(12);
});

test('large pages below the bound are read', async () => {
  expect(await listed(11, large)).toBe(11);
});
