import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Armer } from '../../harness/environment/arming.ts';
import type { Replica } from '../../harness/environment/replicas.ts';

let hooks: Server;
let hooksUrl: string;
let armed: unknown[];
let nowMs: number;
let isUp: boolean[];

beforeEach(async () => {
  armed = [];
  nowMs = 1000;
  isUp = [true, true];
  hooks = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      armed.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(request.headers.authorization === 'Bearer secret' ? 204 : 401).end();
    });
  });
  await new Promise<void>((done) => hooks.listen(0, '127.0.0.1', done));
  hooksUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((done) => hooks.close(done)));

/** Each look of one that waits takes its time on the test's clock only, and is counted. */
function armer(hooksToken = 'secret', onLook: (looks: number) => void = () => {}): Armer {
  const nothing = async (): Promise<void> => {};
  const replicas = [1, 2].map((index): Replica => ({
    index,
    url: '',
    hooksUrl,
    pid: () => index,
    isUp: () => isUp[index - 1] ?? false,
    kill: nothing,
    stop: nothing,
    pause: () => {},
    resume: () => {},
    restart: nothing,
    close: nothing,
  }));
  let looks = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
    onLook(++looks);
  };
  return new Armer({ replicas, hooksToken, restMs: 500, clock: () => nowMs, sleep });
}

function keys(): unknown[] {
  return armed.map((order) => (order as { key: string }).key);
}

const crash = { rule: 'r', point: 'after-debit', action: 'crash' };

describe('arming a crash', () => {
  test('is for one firing, at the replica that the request goes to, for its key', async () => {
    await armer().arm('key-1', crash, 1);
    expect(armed).toEqual([{ point: 'after-debit', action: 'crash', key: 'key-1', replica: 2, times: 1 }]);
  });

  test('waits until the one before has been reached or has had its time', async () => {
    const one = armer();
    await one.arm('key-1', crash, 0);
    expect(nowMs).toBe(1000);
    await one.arm('key-2', crash, 1);
    expect(nowMs).toBe(1300);
    expect(keys()).toEqual(['key-1', 'key-2']);
  });

  test('waits until a crashed replica is back and has worked for a while', async () => {
    const one = armer('secret', (looks) => {
      if (looks === 100) one.hear({ event: 'recovered', replica: 1, at: 0 });
    });
    await one.arm('key-1', crash, 0);
    one.hear({ event: 'crash', replica: 1, at: 0, point: 'after-debit' });
    await one.arm('key-2', crash, 1);
    // 100 looks of 10 ms until it is back, and the rest.
    expect(nowMs).toBe(1000 + 1000 + 500);
    expect(keys()).toEqual(['key-1', 'key-2']);
  });

  test('comes in the order of asking, one at a time', async () => {
    const one = armer();
    await Promise.all(['a', 'b', 'c', 'd'].map((key, index) => one.arm(key, crash, index % 2)));
    expect(keys()).toEqual(['a', 'b', 'c', 'd']);
    expect(nowMs).toBeGreaterThanOrEqual(1000 + 3 * 300);
  });

  test('two points of one redemption are one turn', async () => {
    const one = armer();
    await one.arm('key-1', crash, 0);
    await one.arm('key-1', { ...crash, point: 'before-reply' }, 0);
    expect(nowMs).toBe(1000);
    expect(keys()).toEqual(['key-1', 'key-1']);
  });

  test('is given up while a replica is down, whoever killed it; the next one is not held up by that', async () => {
    isUp[0] = false;
    const one = armer();
    await expect(one.arm('key-1', crash, 1)).rejects.toThrow(
      'no turn within 8000 ms: other crashes came first',
    );
    expect(armed).toEqual([]);
    isUp[0] = true;
    const before = nowMs;
    await one.arm('key-2', crash, 1);
    expect(nowMs).toBe(before);
    expect(keys()).toEqual(['key-2']);
  });

  test('waits no longer when its fault ends', async () => {
    const ended = new AbortController();
    const one = armer('secret', (looks) => {
      if (looks === 3) ended.abort();
    });
    await one.arm('key-1', crash, 0);
    await expect(one.arm('key-2', crash, 1, ended.signal)).rejects.toThrow(
      'the fault ended before its turn came',
    );
    expect(nowMs).toBe(1030);
    expect(keys()).toEqual(['key-1']);
  });

  test('a pause needs no turn', async () => {
    const one = armer();
    await one.arm('key-1', crash, 0);
    await one.arm('key-2', { ...crash, action: 'pause', pause_ms: 40 }, 1);
    expect(armed[1]).toEqual({
      point: 'after-debit',
      action: 'pause',
      pause_ms: 40,
      key: 'key-2',
      replica: 2,
      times: 1,
    });
  });

  test('without a key, and at a replica that is not there, nothing is armed', async () => {
    await expect(armer().arm(undefined, crash, 0)).rejects.toThrow('no replica or key');
    await expect(armer().arm('key-1', crash, 2)).rejects.toThrow('no replica or key');
    expect(armed).toEqual([]);
  });

  test('hooks that refuse are an error', async () => {
    await expect(armer('wrong').arm('key-1', crash, 0)).rejects.toThrow(
      'the hooks refused to arm after-debit: 401',
    );
  });
});
