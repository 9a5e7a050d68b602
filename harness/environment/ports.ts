/** Ports that stay ours while their owner is down. */

import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { harnessError } from '../errors.ts';

// Below every system's range for outgoing connections (Linux 32768 and up, macOS 49152 and up): while a killed process
// is down, no client can be given its port as a source port, so it comes back on the same one.
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** A port of 127.0.0.1 that is free now and that the system gives to nobody by itself: the first of `count` such ports in a row. */
export async function stablePort(count = 1): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = randomInt(FIRST_PORT, LAST_PORT - count);
    const ports = Array.from({ length: count }, (_, offset) => first + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw harnessError('no_free_port', 'no free port on 127.0.0.1', {
    expected: `${count} in a row between ${FIRST_PORT} and ${LAST_PORT}`,
  });
}

/** Whether the port can be listened on now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}
