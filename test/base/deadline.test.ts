/** A time limit holds also while memory is cleaned up, and what it was for leaves nothing behind. */

import { getEventListeners, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoundedClient, codeOf } from '../../harness/audit/bounded-client.ts';
import { deadlineOf } from '../../harness/base/deadline.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a server that never answers', () => {
  const server = createServer(() => undefined);
  let url = '';

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('is given up after the time limit, though memory is cleaned up meanwhile', async () => {
    const client = new BoundedClient({ timeoutMs: 300, maxAnswerBytes: 1000 });
    const collecting = setInterval(collectGarbage, 20);
    try {
      const asked = Array.from({ length: 8 }, () => client.send('POST', url, {}, 'x').catch(codeOf));
      expect(await Promise.all(asked)).toEqual(asked.map(() => 'TimeoutError'));
    } finally {
      clearInterval(collecting);
      await client.close();
    }
  }, 20_000);

  test('is given up at once where the client is', async () => {
    const client = new BoundedClient({ timeoutMs: 60_000, maxAnswerBytes: 1000 });
    const asked = client.send('GET', url, {}).catch((error: unknown) => String(error));
    client.giveUp();
    expect(await asked).toContain('--max-time');
    expect(await client.send('GET', url, {}).catch((error: unknown) => String(error))).toContain(
      '--max-time',
    );
    await client.close();
  });
});

describe('a deadline', () => {
  test('is one of many on one signal, and nobody is warned of that', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', onWarning);
    const other = new AbortController();
    const all = Array.from({ length: 40 }, () => deadlineOf(60_000, other.signal));
    await new Promise((resolve) => setImmediate(resolve));
    for (const { clear } of all) clear();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(other.signal, 'abort')).toEqual([]);
  });

  test('aborts with the reason of the other signal, also of one that has aborted', () => {
    const other = new AbortController();
    const later = deadlineOf(60_000, other.signal);
    other.abort('stopped');
    expect([later.signal.reason, deadlineOf(60_000, other.signal).signal.reason]).toEqual([
      'stopped',
      'stopped',
    ]);
    later.clear();
  });

  test('that was cleared aborts no more', () => {
    const other = new AbortController();
    const { signal, clear } = deadlineOf(1, other.signal);
    clear();
    other.abort();
    expect(signal.aborted).toBe(false);
  });
});

test('nothing combines a timeout by AbortSignal.any, which forgets it', () => {
  const root = resolve(import.meta.dirname, '../../harness');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(300);
  const forgetful = files.filter((name) =>
    /AbortSignal\.any\([^;]*AbortSignal\.timeout/.test(readFileSync(join(root, name), 'utf8')),
  );
  expect(forgetful).toEqual([]);
});
