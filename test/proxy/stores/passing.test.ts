import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openDoor } from '../../../harness/proxy/stores/door.ts';
import type { Door, StoreKind } from '../../../harness/proxy/stores/types.ts';

const MIB = 1024 * 1024;
const servers: Server[] = [];
let door: Door | undefined;

afterEach(async () => {
  await door?.close();
  for (const server of servers.splice(0)) server.close();
});

async function before(kind: StoreKind, onClient: (socket: Socket) => void): Promise<Door> {
  const server = createServer({ allowHalfOpen: true }, onClient).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  door = await openDoor({
    kind,
    upstream: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    pauseMs: 1,
  });
  return door;
}

const sha = (): ReturnType<typeof createHash> => createHash('sha256');

/** A bulk string of Redis's, a COPY's data, a packet of MySQL's and anything: what a dump is made of. */
const FRAMED: Readonly<Record<StoreKind, (bytes: Buffer) => Buffer[]>> = {
  redis: (bytes) => [Buffer.from(`*2\r\n$4\r\nECHO\r\n$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')],
  postgres: (bytes) => {
    const header = Buffer.from('d\0\0\0\0');
    header.writeInt32BE(bytes.length + 4, 1);
    return [header, bytes];
  },
  mysql: (bytes) => {
    const header = Buffer.alloc(4);
    header.writeUIntLE(bytes.length, 0, 3);
    return [header, bytes];
  },
  bytes: (bytes) => [bytes],
};
const FIRST: Readonly<Record<StoreKind, string>> = {
  redis: '',
  postgres: '\0\0\0\x10\0\x03\0\0user\0u\0\0',
  mysql: '',
  bytes: '',
};

describe.each(['redis', 'postgres', 'mysql', 'bytes'] as const)('a door of kind %s', (kind) => {
  test('passes 100 MB up and 100 MB down, byte for byte, while somebody stands elsewhere', async () => {
    const up = sha();
    const down = { sent: sha(), got: sha() };
    const block = randomBytes(MIB);
    const { port } = await before(kind, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes: Buffer) => up.update(bytes));
      // Only then, so that a store that speaks first is not mistaken for one of its kind.
      socket.on('end', () => void sendAll(socket, down.sent, () => [block]));
    });
    const stand = door
      ?.begin()
      .stand({ kind: 'hold-message', at: ({ name }) => name === 'nobody says this' });
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.on('data', (bytes: Buffer) => down.got.update(bytes));
    const sent = sha();
    const first = Buffer.from(FIRST[kind], 'latin1');
    socket.write(first);
    sent.update(first);
    await sendAll(socket, sent, () => FRAMED[kind](block));
    await once(socket, 'end');
    expect(up.digest('hex')).toBe(sent.digest('hex'));
    expect(down.got.digest('hex')).toBe(down.sent.digest('hex'));
    expect(stand?.state).toBe('armed');
  });

  test('passes what is no message of the protocol, and the end of what was begun only', async () => {
    let got = '';
    const { port } = await before(kind, (socket) => {
      socket
        .on('data', (bytes: Buffer) => (got += bytes.toString('latin1')))
        .on('end', () => socket.end('bye'));
    });
    door?.begin().stand({ kind: 'cut-before', at: 99 });
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.end('*1\r');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(got).toBe('*1\r');
    expect(reply.toString()).toBe('bye');
  });
});

async function sendAll(
  socket: Socket,
  hash: ReturnType<typeof createHash>,
  blockOf: () => Buffer[],
): Promise<void> {
  for (let block = 0; block < 100; block++) {
    for (const bytes of blockOf()) {
      hash.update(bytes);
      if (!socket.write(bytes)) await once(socket, 'drain');
    }
  }
  socket.end();
}
