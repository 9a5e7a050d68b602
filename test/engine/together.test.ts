import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { run } from './run.ts';

/** A server that answers whole requests, and one to `/held` when so many others lack just their last byte. */
interface Gathering {
  readonly url: string;
  readonly connectionCount: () => number;
  readonly requestCount: () => number;
  readonly close: () => Promise<void>;
}

let gathering: Gathering;

beforeEach(async () => {
  gathering = await startGathering();
});

afterEach(async () => {
  await gathering.close();
});

function urls(count: number): string {
  return Array.from({ length: count }, (_, index) => `${gathering.url}/${index}`).join(' ');
}

describe('requests that are to leave together', () => {
  test('hold their last byte until the last of them is there', async () => {
    const { result, lines } = await run('embedded', 'together-late.js', { env: { BASE_URL: gathering.url } });
    expect(lines).toEqual([{ event: 'both are held' }, { statuses: [200, 200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 1, brokenUp: 0 });
  });

  for (const size of [2, 5, 10]) {
    test(`leave as ${size} on as many connections, and their spread is measured`, async () => {
      const { result, lines } = await run('embedded', 'together.js', {
        env: { URLS: urls(size), SIZE: String(size) },
      });
      expect(lines).toEqual([{ statuses: Array.from({ length: size }, () => 200) }]);
      expect(gathering.connectionCount()).toBe(size);
      expect(result.spreads).toMatchObject({ groups: 1, brokenUp: 0 });
      expect(result.spreads?.maxUs).toBeGreaterThan(0);
    });
  }

  test('do so on connections that are not kept, time after time', async () => {
    const env = { URLS: urls(3), SIZE: '3', ITERATIONS: '4', NO_REUSE: 'true' };
    const { result } = await run('embedded', 'together.js', { env });
    expect(gathering.requestCount()).toBe(12);
    expect(gathering.connectionCount()).toBe(12);
    expect(result.spreads).toMatchObject({ groups: 4, brokenUp: 0 });
  });

  test('do so on connections that are kept', async () => {
    const env = { URLS: urls(3), SIZE: '3', ITERATIONS: '4' };
    const { result } = await run('embedded', 'together.js', { env });
    expect(gathering.requestCount()).toBe(12);
    expect(gathering.connectionCount()).toBe(3);
    expect(result.spreads).toMatchObject({ groups: 4, brokenUp: 0 });
  });

  test('leave whole when there is no body to hold back', async () => {
    const { result, lines } = await run('embedded', 'together.js', {
      env: { URLS: urls(3), SIZE: '3', METHOD: 'GET' },
    });
    expect(lines).toEqual([{ statuses: [200, 200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 1, brokenUp: 0 });
  });

  test('leave after a guard time when one of them never comes, and are reported as broken up', async () => {
    const { result, lines } = await run('embedded', 'together.js', { env: { URLS: urls(2), SIZE: '3' } });
    expect(lines).toEqual([{ statuses: [200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 0, brokenUp: 1 });
  });

  test('leave without the one whose connection fails, and are reported as broken up', async () => {
    const { result, lines } = await run('embedded', 'together.js', {
      env: { URLS: `${urls(2)} http://127.0.0.1:1/`, SIZE: '3' },
    });
    expect(lines).toEqual([{ statuses: [200, 200, 0] }]);
    expect(result.spreads).toMatchObject({ groups: 0, brokenUp: 1 });
  });

  test('make a second group when there are more of them', async () => {
    const { result, lines } = await run('embedded', 'together.js', { env: { URLS: urls(4), SIZE: '2' } });
    expect(lines).toEqual([{ statuses: [200, 200, 200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 2, brokenUp: 0 });
  });

  test('a run without such a tag reports no spread', async () => {
    const { result } = await run('embedded', 'no-setup.js');
    expect(result.spreads).toBeUndefined();
  });
});

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
/** `/held` is answered when so many others are held. */
const HELD = 2;

async function startGathering(): Promise<Gathering> {
  const open = new Map<Socket, string>();
  let connections = 0;
  let requests = 0;
  const answer = (socket: Socket): void => {
    requests++;
    open.set(socket, '');
    socket.write(ANSWER);
  };
  const look = (): void => {
    const heldCount = [...open.values()].filter((text) => missingBytes(text) === 1).length;
    for (const [socket, text] of open) {
      if (missingBytes(text) !== 0) continue;
      if (!text.startsWith('GET /held') || heldCount === HELD) answer(socket);
    }
  };
  const server = createServer((socket) => {
    connections++;
    open.set(socket, '');
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (bytes) => {
      open.set(socket, `${open.get(socket) ?? ''}${bytes.toString('latin1')}`);
      look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectionCount: () => connections,
    requestCount: () => requests,
    close: async () => {
      for (const socket of open.keys()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Bytes that a request still lacks; many while its head is not there. */
function missingBytes(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return Number.MAX_SAFE_INTEGER;
  const [, length = '0'] = /content-length: (\d+)/i.exec(text) ?? [];
  return Number(length) - (text.length - end - 4);
}
