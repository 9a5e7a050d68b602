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

function armer(hooksToken = 'secret'): Armer {
  const nothing = async (): Promise<void> => {};
  const replicas = [1, 2].map((index): Replica => ({
    index,
    url: '',
    hooksUrl,
    pid: () => index,
    isUp: () => isUp[index - 1] ?? false,
    kill: nothing,
    pause: () => {},
    resume: () => {},
    restart: nothing,
    close: nothing,
  }));
  return new Armer({ replicas, hooksToken, restMs: 500, clock: () => nowMs });
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
    await expect(one.arm('key-2', crash, 1)).rejects.toThrow('too soon after another crash');
    nowMs += 300;
    await one.arm('key-3', crash, 1);
    expect(armed).toHaveLength(2);
  });

  test('waits until a crashed replica is back and has worked for a while', async () => {
    const one = armer();
    await one.arm('key-1', crash, 0);
    one.hear({ event: 'crash', replica: 1, at: 0, point: 'after-debit' });
    nowMs += 10_000;
    await expect(one.arm('key-2', crash, 1)).rejects.toThrow('too soon');
    one.hear({ event: 'recovered', replica: 1, at: 0 });
    nowMs += 499;
    await expect(one.arm('key-2', crash, 1)).rejects.toThrow('too soon');
    nowMs += 1;
    await one.arm('key-2', crash, 1);
    expect(armed).toHaveLength(2);
  });

  test('is refused while any replica is down, whoever killed it', async () => {
    isUp[0] = false;
    await expect(armer().arm('key-1', crash, 1)).rejects.toThrow('too soon');
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
