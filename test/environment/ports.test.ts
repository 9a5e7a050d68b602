import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isFree, Ports } from '../../harness/environment/ports.ts';

const opened: Ports[] = [];
function ports(): Ports {
  const one = new Ports();
  opened.push(one);
  return one;
}
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

test('no port is given out twice, though nobody listens on it, also past one block and at the same time', async () => {
  const [one, other] = [ports(), ports()];
  const taken = await Promise.all(
    Array.from({ length: 200 }, (_, index) => (index % 2 ? one : other).take()),
  );
  expect(new Set(taken).size).toBe(200);
  expect(taken.every((port) => port > 15_000 && port < 32_000)).toBe(true);
});

test('several in a row are all ours', async () => {
  const one = ports();
  const first = await one.take(16);
  const next = await one.take();
  expect(next < first || next >= first + 16).toBe(true);
});

test('one on which a stranger listens is stepped over', async () => {
  const one = ports();
  const expected = (await one.take()) + 1;
  const stranger = createServer().listen(expected, '127.0.0.1');
  await once(stranger, 'listening');
  try {
    expect(await one.take()).toBe(expected + 1);
  } finally {
    stranger.close();
  }
});

test('another process gets others, until ours are given back', async () => {
  const one = ports();
  const mine = await one.take();
  const lock = mine - 1;
  const child = fork(
    '-e',
    [
      `import('node:net').then(({ createServer }) => {
        const server = createServer();
        server.once('error', (error) => process.send(error.code));
        server.listen(${lock}, '127.0.0.1', () => process.send('listening'));
      });`,
    ],
    { execArgv: [] },
  );
  const [answer] = (await once(child, 'message')) as [string];
  child.kill();
  expect(answer).toBe('EADDRINUSE');
  await one.close();
  expect(await isFree(lock)).toBe(true);
});
