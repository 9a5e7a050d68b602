/** Nothing is ever sent to a host that the config does not name, wherever the endpoint points to. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { onceproof, temporaryFolder } from '../support/cli.ts';

const servers: Server[] = [];
const folders: (() => void)[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  for (const remove of folders.splice(0)) remove();
});

async function listening(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Writes a JSON config for an endpoint at this address and runs one scenario by it. */
async function run(baseUrl: string, ...flags: readonly string[]) {
  const folder = temporaryFolder();
  folders.push(folder.remove);
  const config = {
    baseUrl,
    auth: { token: 'secret' },
    redeem: { path: '/redeem/{customer_id}', body: { reward: '{reward_id}' } },
    answer: { redemption: '/id' },
    balance: { path: '/balance/{customer_id}', value: '/points' },
    rewards: [{ id: 'coffee', points: 5 }],
    customers: ['a', 'b'],
    limits: { settleMs: 100, timeoutMs: 500, lateMs: 300 },
  };
  const file = join(folder.path, 'onceproof.config.json');
  writeFileSync(file, JSON.stringify(config));
  const args = ['run', 'double-click', '--target', file, '--out', join(folder.path, 'results')];
  return await onceproof([
    ...args,
    '--engine',
    'embedded',
    '--proxy',
    'embedded',
    '--faults',
    'none',
    ...flags,
  ]);
}

test('an endpoint that redirects is not followed', async () => {
  const visits = { here: 0, elsewhere: 0 };
  const elsewhere = await listening((_, response) => {
    visits.elsewhere += 1;
    response.end('{"points":100,"id":"r-1"}');
  });
  const endpoint = await listening((request, response) => {
    visits.here += 1;
    response.writeHead(307, { Location: elsewhere + (request.url ?? '') }).end();
  });
  const { code, stderr } = await run(endpoint, '--intents', '2');
  expect(visits.here, stderr).toBeGreaterThan(0);
  expect(visits.elsewhere).toBe(0);
  // Nothing was carried out and nothing could be read: that is no proof of anything.
  expect(code).not.toBe(0);
});

test('a host that is not named ends the run before anything is sent', async () => {
  const { code, stdout, stderr } = await run('http://api.example.com');
  expect([code, stdout]).toEqual([4, '']);
  expect(stderr).toBe(
    `onceproof: baseUrl: its host is not a loopback address and is not named in onceproof.config.json; expected allowedHosts: ['api.example.com']; found "api.example.com"\n`,
  );
});
