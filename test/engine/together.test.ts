import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { run } from './run.ts';

/** A server that answers only when it is told how many requests it must have whole, and notes what it had when each became whole. */
interface Gathering {
  readonly url: string;
  /** For each request, when its last byte came: how many requests had all but the last byte by then. */
  readonly readyAtLastByte: readonly number[];
  readonly paths: readonly string[];
  readonly connectionCount: () => number;
  readonly close: () => Promise<void>;
}

interface Conversation {
  text: string;
  isWhole: boolean;
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

describe('requests that are tagged to leave together', () => {
  for (const size of [2, 5, 10]) {
    test(`${size} of them hold their last byte until all are that far`, async () => {
      const { result, lines } = await run('embedded', 'together.js', {
        env: { URLS: urls(size), SIZE: String(size) },
      });
      expect(lines).toEqual([{ statuses: Array.from({ length: size }, () => 200) }]);
      // Every one was ready, each on a connection of its own, before the first was whole.
      expect(gathering.readyAtLastByte).toEqual(Array.from({ length: size }, () => size));
      expect(gathering.connectionCount()).toBe(size);
      expect(result.spreads).toMatchObject({ groups: 1, brokenUp: 0 });
      expect(result.spreads?.maxUs).toBeGreaterThan(0);
    });
  }

  test('they do so on connections that are not kept, time after time', async () => {
    const env = { URLS: urls(3), SIZE: '3', ITERATIONS: '4', NO_REUSE: 'true' };
    const { result } = await run('embedded', 'together.js', { env });
    expect(gathering.readyAtLastByte).toEqual(Array.from({ length: 12 }, () => 3));
    expect(gathering.connectionCount()).toBe(12);
    expect(result.spreads).toMatchObject({ groups: 4, brokenUp: 0 });
  });

  test('they do so on connections that are kept', async () => {
    const { result } = await run('embedded', 'together.js', {
      env: { URLS: urls(3), SIZE: '3', ITERATIONS: '4' },
    });
    expect(gathering.readyAtLastByte).toEqual(Array.from({ length: 12 }, () => 3));
    expect(gathering.connectionCount()).toBe(3);
    expect(result.spreads).toMatchObject({ groups: 4, brokenUp: 0 });
  });

  test('without a body there is nothing to hold, and they leave whole', async () => {
    const { result, lines } = await run('embedded', 'together.js', {
      env: { URLS: urls(3), SIZE: '3', METHOD: 'GET' },
    });
    expect(lines).toEqual([{ statuses: [200, 200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 1, brokenUp: 0 });
  });

  test('a group that stays incomplete leaves after its guard time, and is reported as broken up', async () => {
    const { result, lines } = await run('embedded', 'together.js', { env: { URLS: urls(2), SIZE: '3' } });
    expect(lines).toEqual([{ statuses: [200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 0, brokenUp: 1 });
  });

  test('a member whose connection fails does not keep the others, and the group is reported as broken up', async () => {
    const { result, lines } = await run('embedded', 'together.js', {
      env: { URLS: `${urls(2)} http://127.0.0.1:1/`, SIZE: '3' },
    });
    expect(lines).toEqual([{ statuses: [200, 200, 0] }]);
    expect(gathering.readyAtLastByte).toEqual([2, 2]);
    expect(result.spreads).toMatchObject({ groups: 0, brokenUp: 1 });
  });

  test('more of them than the group holds make a second group', async () => {
    const { result, lines } = await run('embedded', 'together.js', { env: { URLS: urls(4), SIZE: '2' } });
    expect(lines).toEqual([{ statuses: [200, 200, 200, 200] }]);
    expect(result.spreads).toMatchObject({ groups: 2, brokenUp: 0 });
  });

  test('a run without such a tag reports no spread', async () => {
    const { result } = await run('embedded', 'no-setup.js');
    expect(result.spreads).toBeUndefined();
  });
});

async function startGathering(): Promise<Gathering> {
  const open = new Map<Socket, Conversation>();
  const readyAtLastByte: number[] = [];
  const paths: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    open.set(socket, { text: '', isWhole: false });
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (bytes) => {
      const own = open.get(socket);
      if (own === undefined) return;
      own.text += bytes.toString('latin1');
      const missing = missingBytes(own.text);
      if (missing !== 0) return;
      const others = [...open.values()].filter(({ text }) => missingBytes(text) <= 1);
      if (own.text.includes('content-length')) readyAtLastByte.push(others.length);
      paths.push(own.text.split(' ')[1] ?? '');
      own.isWhole = true;
      // Answered a turn later: until then this one counts among those that are there.
      setTimeout(() => {
        own.text = '';
        own.isWhole = false;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      }, 20);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    readyAtLastByte,
    paths,
    connectionCount: () => connections,
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
