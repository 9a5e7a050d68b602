/** Stands at named points: what a dying process says last comes when its connections have broken already. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ServerEvent } from '../../harness/environment/server-events.ts';
import type { Environment } from '../../harness/environment/types.ts';
import { POINT_SPOTS, pointSpots } from '../../harness/sweep/point-spots.ts';

/** Takes every call to its hooks, and says what the test wants it to say. */
async function server() {
  const http = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const listeners = new Set<(event: ServerEvent) => void>();
  const environment = {
    hooksUrls: [url],
    hooksToken: 'hooks',
    subscribe: (listener: (event: ServerEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Environment;
  return {
    environment,
    says: (event: ServerEvent) => listeners.forEach((listener) => listener(event)),
    close: () => http.close(),
  };
}

test.each([
  ['at which it was armed', 'k-1', true],
  ['of another key', 'k-2', false],
])('a crash %s is told after the connection broke', async (_name, key, isMet) => {
  const { environment, says, close } = await server();
  try {
    const [, spot] = POINT_SPOTS;
    if (spot === undefined) throw new Error('there are four points');
    const watch = pointSpots(environment).begin({ replica: 0, key: 'k-1' });
    const { reached } = await watch.stand('crash', spot);
    // As a schedule asks: is everything quiet, and was it met?
    const outcome = Promise.race([reached, watch.quiet().then(() => false)]);
    await sleep(1);
    says({ event: 'crash', replica: 1, at: 0, point: spot.name, key });
    expect(await outcome).toBe(isMet);
    await watch.end();
  } finally {
    close();
  }
});
