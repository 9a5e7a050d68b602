/** Answers that come packed although nobody asked for it. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ReadBack } from '../../harness/audit/read-back.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { contractFrom } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';

async function balanceFrom(encoding: string, body: Buffer, maxAnswerBytes = 1_000_000): Promise<unknown> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': encoding, connection: 'close' });
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const readBack = new ReadBack({
    target: referenceTarget(url),
    contract: contractFrom('seed'),
    capabilities: { ...NO_CAPABILITIES, balance: true },
    baseUrls: [url],
    tokenFor: () => Promise.resolve('t'),
    timeoutMs: 30_000,
    maxAnswerBytes,
  });
  try {
    const [event] = await readBack.read('c', () => 0);
    return event?.value;
  } finally {
    await readBack.close();
    await new Promise((done) => server.close(done));
  }
}

test('gzip and brotli are unpacked', async () => {
  expect(await balanceFrom('gzip', gzipSync('{"balance":7}'))).toBe(7);
  expect(await balanceFrom('br', brotliCompressSync('{"balance":7}'))).toBe(7);
});

test('one that is too large without its packing, or broken, is not read', async () => {
  const large = gzipSync(JSON.stringify({ balance: 7, text: 'x'.repeat(100_000) }));
  await expect(balanceFrom('gzip', large, 10_000)).rejects.toThrow(/at most 10000 bytes/);
  await expect(balanceFrom('gzip', Buffer.from('{"balance":7}'))).rejects.toThrow(/broken/);
});
