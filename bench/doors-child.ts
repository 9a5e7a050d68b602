/** One process of the benchmark of doors: a store that answers at once, a relay, a door, or the load. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { openDoor } from '../harness/proxy/stores/door.ts';
import type { StoreKind } from '../harness/proxy/stores/types.ts';
import { median } from './figure.ts';
import { relay } from './relay.ts';

export type DoorTask =
  | { readonly role: 'store'; readonly kind: StoreKind }
  | { readonly role: 'relay' | 'door'; readonly kind: StoreKind; readonly upstream: number }
  | {
      readonly role: 'load';
      readonly kind: StoreKind;
      readonly port: number;
      readonly connections: number;
      readonly ms: number;
    };

/** `medianUs`: from a request's write to its answer's end. */
export type DoorAnswer =
  { readonly port: number } | { readonly requests: number; readonly ms: number; readonly medianUs: number };

/** What is said on a connection: the store's greeting, if it speaks first, a login and its answer, then requests and answers. */
interface Speech {
  readonly greeting: Buffer;
  readonly login: Buffer;
  readonly welcome: Buffer;
  readonly request: Buffer;
  readonly answer: Buffer;
}

const HOST = '127.0.0.1';
const NOTHING = Buffer.alloc(0);
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** A frame of PostgreSQL's: type, length, payload. */
function frame(type: string, payload: string): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeInt32BE(payload.length + 4, 1);
  return Buffer.concat([header, Buffer.from(payload, 'latin1')]);
}

/** A packet of MySQL's: length, sequence, payload. */
function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

const UPDATE = 'UPDATE accounts SET points = points - $1 WHERE customer_id = $2 AND points >= $1';
const COMMAND = Buffer.from(
  `*6\r\n$3\r\nSET\r\n$27\r\nidempotency:${'k'.repeat(15)}\r\n$60\r\n${'v'.repeat(60)}\r\n$2\r\nNX\r\n$2\r\nPX\r\n$5\r\n30000\r\n`,
);
const REDIS: Speech = {
  greeting: NOTHING,
  login: Buffer.from('*1\r\n$4\r\nPING\r\n'),
  welcome: Buffer.from('+PONG\r\n'),
  request: COMMAND,
  answer: Buffer.from('+OK\r\n'),
};
const SPEECHES: Readonly<Record<StoreKind, Speech>> = {
  redis: REDIS,
  bytes: REDIS,
  postgres: {
    greeting: NOTHING,
    login: Buffer.concat([hex('00000010 00030000'), Buffer.from('user\0u\0\0')]),
    welcome: Buffer.concat([frame('R', '\0\0\0\0'), frame('Z', 'I')]),
    request: Buffer.concat([
      frame('P', `\0${UPDATE}\0\0\0`),
      frame('B', '\0\0\0\0\0\x02\0\0\0\x03100\0\0\0\x03c-1\0\0'),
      frame('D', 'P\0'),
      frame('E', '\0\0\0\0\0'),
      frame('S', ''),
    ]),
    answer: Buffer.concat([
      frame('1', ''),
      frame('2', ''),
      frame('n', ''),
      frame('C', 'UPDATE 1\0'),
      frame('Z', 'I'),
    ]),
  },
  mysql: {
    greeting: packet(
      0,
      Buffer.concat([
        Buffer.from('\x0a8.0\0'),
        hex(
          '01000000 6161616161616161 00 ffff 21 0200 ffff 15 00000000000000000000 616161616161616161616161 00',
        ),
      ]),
    ),
    login: packet(1, Buffer.concat([hex(`0022 0000 00000001 21 ${'00'.repeat(23)}`), Buffer.from('u\0\0')])),
    welcome: packet(2, hex('00 00 00 0200 0000')),
    request: packet(0, Buffer.from(`\x03${UPDATE.replaceAll('$1', '100').replace('$2', "'c-1'")}`)),
    answer: packet(1, hex('00 01 00 0200 0000')),
  },
};

process.on('message', (task: DoorTask) => {
  void carryOut(task).then((answer) => process.send?.(answer));
});

async function carryOut(task: DoorTask): Promise<DoorAnswer> {
  if (task.role === 'load') return load(task);
  if (task.role === 'store') return { port: await serve((socket) => answerAll(socket, SPEECHES[task.kind])) };
  if (task.role === 'relay') return { port: await serve((socket) => relay(socket, task.upstream)) };
  const door = await openDoor({ kind: task.kind, upstream: `${HOST}:${task.upstream}` });
  return { port: door.port };
}

async function serve(onClient: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, onClient).listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** No request is sent ahead, so that what came is counted in bytes. */
function answerAll(socket: Socket, { greeting, login, welcome, request, answer }: Speech): void {
  socket.on('error', () => {});
  if (greeting.length > 0) socket.write(greeting);
  let awaited = login.length;
  let reply = welcome;
  socket.on('data', (bytes: Buffer) => {
    awaited -= bytes.length;
    if (awaited > 0) return;
    socket.write(reply);
    awaited = request.length;
    reply = answer;
  });
}

/** Each connection sends its next request when the answer is here. */
async function load({
  kind,
  port,
  connections,
  ms,
}: Extract<DoorTask, { role: 'load' }>): Promise<DoorAnswer> {
  const { request, answer } = SPEECHES[kind];
  const sockets = await Promise.all(Array.from({ length: connections }, () => logIn(port, SPEECHES[kind])));
  const tookMs: number[] = [];
  const startedAt = performance.now();
  for (const socket of sockets) {
    let sentAt = performance.now();
    let awaited = answer.length;
    socket.on('data', (bytes: Buffer) => {
      awaited -= bytes.length;
      if (awaited > 0) return;
      awaited = answer.length;
      const now = performance.now();
      tookMs.push(now - sentAt);
      sentAt = now;
      socket.write(request);
    });
    socket.write(request);
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  const elapsed = performance.now() - startedAt;
  for (const socket of sockets) socket.destroy();
  return { requests: tookMs.length, ms: elapsed, medianUs: median(tookMs) * 1000 };
}

async function logIn(port: number, { greeting, login, welcome }: Speech): Promise<Socket> {
  const socket = connect({ host: HOST, port, noDelay: true });
  await once(socket, 'connect');
  if (greeting.length > 0) await receive(socket, greeting.length);
  socket.write(login);
  await receive(socket, welcome.length);
  return socket;
}

function receive(socket: Socket, length: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = length;
    const take = (bytes: Buffer): void => {
      missing -= bytes.length;
      if (missing > 0) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take).once('error', reject);
  });
}
