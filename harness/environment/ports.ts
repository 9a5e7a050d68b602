/** Ports that stay ours while their owner is down, whatever other runs do on this machine at the same time. */

import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { harnessError } from '../base/errors.ts';

// Below every system's range for outgoing connections (Linux 32768 and up, macOS 49152 and up): while a killed process
// is down, no client can be given its port as a source port, so it comes back on the same one.
const FIRST_PORT = 15_000;
/** A block's first port is its lock: whoever listens there owns the others. The system frees it when we die. */
const BLOCK_SIZE = 64;
const BLOCKS = 265;

interface Block {
  readonly first: number;
  readonly lock: Server;
  /** The next port that nobody was given yet. */
  next: number;
}

/** The ports of one environment. Two environments, of one process or of many, never give out the same port. */
export class Ports {
  readonly #blocks: Block[] = [];
  #claiming: Promise<unknown> = Promise.resolve();

  /** A port of 127.0.0.1 that is free now and that is given to nobody else until `close`: the first of `count` such ports in a row. */
  take(count = 1): Promise<number> {
    const taken = this.#claiming.then(() => this.#take(count));
    // One after the other: two that look at the same block would be given the same port.
    this.#claiming = taken.catch(() => {});
    return taken;
  }

  /** Gives all of them back. */
  async close(): Promise<void> {
    await this.#claiming;
    await Promise.all(this.#blocks.splice(0).map(({ lock }) => closed(lock)));
  }

  async #take(count: number): Promise<number> {
    if (count >= BLOCK_SIZE) throw noPort(count);
    for (;;) {
      const block = this.#blocks.at(-1) ?? (await this.#claim(count));
      const port = await nextFree(block, count);
      if (port !== undefined) return port;
      await this.#claim(count);
    }
  }

  async #claim(count: number): Promise<Block> {
    const start = randomInt(BLOCKS);
    for (let tries = 0; tries < BLOCKS; tries++) {
      const first = FIRST_PORT + ((start + tries) % BLOCKS) * BLOCK_SIZE;
      const lock = await listenOn(first);
      if (lock === undefined) continue;
      const block = { first, lock, next: first + 1 };
      this.#blocks.push(block);
      return block;
    }
    throw noPort(count);
  }
}

/** Steps over ports on which a stranger listens. */
async function nextFree(block: Block, count: number): Promise<number | undefined> {
  while (block.next + count <= block.first + BLOCK_SIZE) {
    const ports = Array.from({ length: count }, (_, offset) => block.next + offset);
    const free = await Promise.all(ports.map(isFree));
    const taken = free.lastIndexOf(false);
    if (taken === -1) {
      block.next += count;
      return ports[0];
    }
    block.next += taken + 1;
  }
  return undefined;
}

/** Whether the port can be listened on now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === undefined) return false;
  await closed(server);
  return true;
}

/** Undefined when somebody else has the port. It keeps nobody waiting, and talks to nobody. */
function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', () => done(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => done(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

function noPort(count: number): Error {
  return harnessError('no_free_port', 'no free port on 127.0.0.1', {
    expected: `${count} in a row between ${FIRST_PORT} and ${FIRST_PORT + BLOCKS * BLOCK_SIZE}`,
  });
}
