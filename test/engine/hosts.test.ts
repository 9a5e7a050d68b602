import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { blockedRanges } from '../../harness/engine/k6-hosts.ts';
import { run } from './run.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Visited {
  readonly port: number;
  readonly visits: IncomingMessage[];
}

/** Answers 307 to what `locationOf` says, else 200. */
async function visited(
  locationOf: (request: IncomingMessage) => string | undefined = () => undefined,
): Promise<Visited> {
  const visits: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    visits.push(request);
    const location = locationOf(request);
    request.resume().on('end', () => {
      if (location === undefined) response.end('{}');
      else response.writeHead(307, { Location: location }).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, visits };
}

async function ask(
  urls: readonly string[],
  allowedHosts?: readonly string[],
  hosts: Readonly<Record<string, string>> = {},
) {
  const refused: string[] = [];
  const outcome = await run('embedded', 'asks.js', {
    env: { URLS: JSON.stringify(urls), HOSTS: JSON.stringify(hosts) },
    ...(allowedHosts && { allowedHosts }),
    onRefusedHost: (origin) => refused.push(origin),
  });
  return { ...outcome, refused };
}

test('nothing is sent to a host that nobody named, and it is told once', async () => {
  const [good, bad] = [await visited(), await visited()];
  const evil = `http://127.0.0.1:${bad.port}`;
  const { lines, refused } = await ask(
    [`http://127.0.0.1:${good.port}/`, `${evil}/a`, `${evil}/b`],
    [`127.0.0.1:${good.port}`],
  );
  expect(lines.map(({ status, code }) => [status, code])).toEqual([
    [200, 0],
    [0, 1110],
    [0, 1110],
  ]);
  expect(lines[1]?.['error']).toBe(`${evil} is no host that config or command line name`);
  expect([good.visits.length, bad.visits.length]).toEqual([1, 0]);
  expect(refused).toEqual([evil]);
});

test('a host without a port stands for every port', async () => {
  const good = await visited();
  const { lines, refused } = await ask([`http://127.0.0.1:${good.port}/`], ['127.0.0.1']);
  expect(lines[0]).toMatchObject({ status: 200 });
  expect(refused).toEqual([]);
});

test('without a list everything is sent', async () => {
  const good = await visited();
  expect((await ask([`http://127.0.0.1:${good.port}/`])).lines[0]).toMatchObject({ status: 200 });
});

test('a redirect to a host that nobody named is not followed', async () => {
  const bad = await visited();
  const good = await visited(() => `http://127.0.0.1:${bad.port}/stolen`);
  const { lines, refused } = await ask([`http://127.0.0.1:${good.port}/`], [`127.0.0.1:${good.port}`]);
  expect(lines[0]).toMatchObject({ status: 0, code: 1110 });
  expect(bad.visits).toHaveLength(0);
  expect(refused).toEqual([`http://127.0.0.1:${bad.port}`]);
});

test('a redirect to another named host goes without credentials', async () => {
  const other = await visited();
  const good = await visited(() => `http://localhost:${other.port}/there`);
  const { lines } = await ask(
    [`http://127.0.0.1:${good.port}/here`],
    [`127.0.0.1:${good.port}`, `localhost:${other.port}`],
  );
  expect(lines[0]).toMatchObject({ status: 200 });
  expect(good.visits[0]?.headers).toMatchObject({
    authorization: 'Bearer secret-token',
    cookie: 'session=secret',
  });
  const [visit] = other.visits;
  expect(visit?.method).toBe('POST');
  expect(visit?.headers).toMatchObject({ 'x-own': '1', referer: `http://127.0.0.1:${good.port}/here` });
  expect(visit?.headers).not.toHaveProperty('authorization');
  expect(visit?.headers).not.toHaveProperty('cookie');
});

test('a name that the script sends elsewhere is a host of its own', async () => {
  const bad = await visited();
  const { lines, refused } = await ask(['http://api.example/'], ['api.example'], {
    'api.example': `127.0.0.1:${bad.port}`,
  });
  expect(lines[0]).toMatchObject({ status: 0, code: 1110 });
  expect(bad.visits).toHaveLength(0);
  expect(refused).toEqual([`http://api.example (at 127.0.0.1:${bad.port})`]);
});

test('a redirect to nowhere is an error of the request, not of the run', async () => {
  const good = await visited(() => 'http://[');
  const { lines, result } = await ask([`http://127.0.0.1:${good.port}/`]);
  expect(lines[0]).toMatchObject({ status: 0, error: 'failed to parse Location header "http://["' });
  expect(result.exitCode).toBe(0);
});

test('the real k6 is told every address but those of the named hosts', async () => {
  const ranges = await blockedRanges(['192.0.2.7:443']);
  const v4 = ranges.filter((range) => range.includes('.'));
  expect(v4.slice(0, 2)).toEqual(['0.0.0.0/2', '64.0.0.0/3']);
  expect(ranges).toContain('0:0:0:0:0:0:0:0/128');
  const isBlocked = (address: string): boolean =>
    v4.some((range) => {
      const [base = '', bits = '0'] = range.split('/');
      const number = (text: string): bigint =>
        text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
      const shift = BigInt(32 - Number(bits));
      return number(address) >> shift === number(base) >> shift;
    });
  for (const address of ['127.0.0.1', '192.0.2.7']) expect(isBlocked(address), address).toBe(false);
  for (const address of ['127.0.0.2', '192.0.2.6', '192.0.2.8', '10.0.0.1', '0.0.0.0', '255.255.255.255'])
    expect(isBlocked(address), address).toBe(true);
  // The whole space is covered: what is blocked and what is open add up.
  expect(v4.reduce((sum, range) => sum + 2 ** (32 - Number(range.split('/')[1])), 0)).toBe(2 ** 32 - 2);
});
