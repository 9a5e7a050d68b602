/** Dialogues with stores, written out, that meet each case of their protocols. */

import type { Conversation, Ear } from '../../harness/proxy/stores/conversation.ts';
import { MysqlConversation } from '../../harness/proxy/stores/mysql.ts';
import { PostgresConversation } from '../../harness/proxy/stores/postgres.ts';
import { RedisConversation } from '../../harness/proxy/stores/redis.ts';

export interface Dialogue {
  readonly open: (ear: Ear) => Conversation;
  readonly turns: readonly (readonly ['client' | 'store', Buffer])[];
  /** What is passed on to each side; the turns' own bytes unless an offer is taken out. */
  readonly toStore: Buffer;
  readonly toClient: Buffer;
  /** Messages by role and name, replies by what they answer. */
  readonly told: readonly string[];
}

type Turn = readonly ['client' | 'store', Buffer];

const said = (turns: readonly Turn[], side: 'client' | 'store'): Buffer =>
  Buffer.concat(turns.flatMap(([by, bytes]) => (by === side ? [bytes] : [])));

const client = (...parts: (string | Buffer)[]): Turn => ['client', bytesOf(parts)];
const store = (...parts: (string | Buffer)[]): Turn => ['store', bytesOf(parts)];

function bytesOf(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const REDIS: readonly Turn[] = [
  client(command('HELLO', '3'), command('CLIENT', 'SETNAME', 'app')),
  store('%2\r\n+server\r\n+redis\r\n$5\r\nproto\r\n:3\r\n', '+OK\r\n'),
  client('\r\nPING\r\n', command('SET', 'k', 'a\r\n*1\r\n$4\r\nPING\r\n', 'NX', 'PX', '100'), '*0\r\n'),
  store('+PONG\r\n', '>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n', '_\r\n'),
  client(command('MULTI'), command('GET', ''), command('EXEC')),
  store('+OK\r\n+QUEUED\r\n', '*3\r\n$-1\r\n*-1\r\n~1\r\n(123\r\n'),
  client(command('EVAL', 'return 1', '0'), command('HGETALL', 'h')),
  store(
    '|1\r\n+ttl\r\n:3\r\n*2\r\n$13\r\n\r\n+OK\r\n-ERR\r\n\r\n#t\r\n',
    '%1\r\n=7\r\ntxt:a\r\n\r\n,1.5\r\n',
  ),
  client(command('GET', 'last'), command('SUBSCRIBE', 'c'), command('PING')),
  store('-ERR no\r\n', '>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n'),
  client('anything *1\r\n'),
  store('anything\r\n'),
];

const frame = (type: string, ...parts: (string | Buffer)[]): Buffer => {
  const payload = bytesOf(parts);
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeInt32BE(payload.length + 4, 1);
  return Buffer.concat([header, payload]);
};
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const packetless = (code: number, ...parts: string[]): Buffer => {
  const payload = Buffer.from(parts.join(''));
  const header = Buffer.alloc(8);
  header.writeInt32BE(payload.length + 8);
  header.writeInt32BE(code, 4);
  return Buffer.concat([header, payload]);
};
const READY = frame('Z', 'I');
const SSL = packetless(80_877_103);
const parse = (name: string, text: string): Buffer => frame('P', `${name}\0${text}\0`, int16(0));
const bind = (name: string): Buffer => frame('B', `\0${name}\0`, int16(0), int16(0), int16(0));
const execute = frame('E', '\0\0\0\0\0');
const SYNC = frame('S');
const COMPLETE = frame('C', 'SELECT 1\0');

const POSTGRES: readonly Turn[] = [
  client(packetless(80_877_104)),
  client(SSL),
  client(packetless(196_608, 'user\0u\0\0')),
  store(frame('R', '\0\0\0\x05salt')),
  client(frame('p', 'md5password\0')),
  store(frame('R', '\0\0\0\0'), frame('S', 'TimeZone\0UTC\0'), frame('K', '\0\0\0\x01\0\0\0\x02'), READY),
  client(frame('Q', "SELECT 'a', 1\0")),
  store(frame('T', 'x'), frame('D', 'y'.repeat(300)), COMPLETE, READY),
  client(parse('s', 'SELECT $1'), frame('D', 'Ss\0'), SYNC),
  store(frame('1'), frame('t', 'x'), READY),
  client(bind('s'), execute, SYNC),
  store(frame('2'), frame('D', 'y'), COMPLETE, READY),
  client(parse('', 'UPDATE t SET n = 1'), bind(''), execute, bind('s'), execute, SYNC),
  store(frame('1'), frame('2'), COMPLETE, frame('2'), frame('D', 'z'), COMPLETE, READY),
  client(parse('', 'nonsense'), bind(''), execute, bind('s'), execute, SYNC, frame('Q', 'COMMIT\0')),
  store(frame('E', 'SERROR\0C42601\0\0'), READY, frame('N', 'SNOTICE\0\0'), COMPLETE, READY),
  client(bind('s'), execute, frame('H')),
  store(frame('2'), COMPLETE),
  client(SYNC),
  store(READY),
  client(frame('Q', 'COPY t FROM STDIN\0')),
  store(frame('G', '\0\0\0')),
  client(frame('d', 'Q\0\0\0\x05'.repeat(40)), frame('c')),
  store(COMPLETE, READY),
  client(frame('C', 'Ss\0'), SYNC, frame('X')),
  store(frame('3'), READY),
];

const packet = (sequence: number, ...parts: (string | Buffer)[]): Buffer => {
  const payload = bytesOf(parts);
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
};
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const greeting = (low: string, high: string): Buffer =>
  packet(
    0,
    '\x0a8.0\0',
    hex(`01000000 6161616161616161 00 ${low} 21 0200 ${high} 15 00000000000000000000`),
    'a'.repeat(12),
    '\0',
  );
const login = (capabilities: string): Buffer =>
  packet(1, hex(`${capabilities} 00000001 21`), hex('00'.repeat(23)), 'u\0\0');
const OK = (sequence: number, status = '0200'): Buffer => packet(sequence, hex(`00 00 00 ${status} 0000`));
const EOF = (sequence: number, status = '0200'): Buffer => packet(sequence, hex(`fe 0000 ${status}`));
const query = (text: string): Buffer => packet(0, '\x03', text);

const MYSQL: readonly Turn[] = [
  store(greeting('ffff', 'ffff')),
  client(login('2022 0000')),
  store(packet(2, hex('fe'), 'mysql_native_password\0salt')),
  client(packet(3, 'secret')),
  store(OK(4)),
  client(query('SET NAMES utf8')),
  store(OK(1)),
  client(query("SELECT 'a', 1")),
  store(
    packet(1, '\x02'),
    packet(2, 'def a'),
    packet(3, 'def b'),
    EOF(4),
    packet(5, '\x01a\x011'),
    packet(6, hex('fb fb')),
    EOF(7),
  ),
  client(query('CALL p()')),
  store(packet(1, '\x01'), packet(2, 'def'), EOF(3), packet(4, '\x01a'), EOF(5, '0a00'), OK(6)),
  client(packet(0, '\x16SELECT ?')),
  store(
    packet(1, hex('00 07000000 0100 0100 00 0000')),
    packet(2, 'def ?'),
    EOF(3),
    packet(4, 'def c'),
    EOF(5),
  ),
  client(packet(0, hex('17 07000000 00 01000000'))),
  store(packet(1, '\x01'), packet(2, 'def'), EOF(3), packet(4, hex('00 00 01 61')), EOF(5)),
  client(packet(0, hex('17 07000000 01 01000000'))),
  store(packet(1, '\x01'), packet(2, 'def'), EOF(3, '4200')),
  client(packet(0, hex('1c 07000000 0a000000')), packet(0, hex('19 07000000')), packet(0, '\x0e')),
  store(packet(1, hex('00 00 01 61')), EOF(2), OK(1)),
  client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t")),
  store(packet(1, hex('fb'), 'f')),
  client(packet(2, '\x03not a query'), packet(3, 'x'.repeat(300)), packet(4)),
  store(packet(5, hex('ff ffff 01'), 'progress'), OK(6)),
  client(query('nonsense')),
  store(packet(1, hex('ff 2804'), '#42000no')),
  client(packet(0, '\x01')),
];

export const DIALOGUES: Readonly<Record<string, Dialogue>> = {
  Redis: {
    open: (ear) => new RedisConversation(ear),
    turns: REDIS,
    toStore: said(REDIS, 'client'),
    toClient: said(REDIS, 'store'),
    told: [
      'setup HELLO ?',
      'setup CLIENT SETNAME ?',
      'reply to HELLO ?',
      'reply to CLIENT SETNAME ?',
      'work PING',
      'work SET ? ? NX PX ?',
      'reply to PING',
      'reply to SET ? ? NX PX ?',
      'work MULTI',
      'work GET ?',
      'work EXEC',
      'reply to MULTI',
      'reply to GET ?',
      'reply to EXEC',
      'work EVAL e0e1f9fa 0',
      'work HGETALL ?',
      'reply to EVAL e0e1f9fa 0',
      'reply to HGETALL ?',
      'work GET ?',
      'setup SUBSCRIBE ?',
      'left alone: SUBSCRIBE ?',
      'reply to GET ?',
    ],
  },
  PostgreSQL: {
    open: (ear) => new PostgresConversation(ear),
    turns: POSTGRES,
    toStore: said(POSTGRES.slice(2), 'client'),
    toClient: Buffer.concat([Buffer.from('NN'), said(POSTGRES, 'store')]),
    told: [
      'setup startup',
      'reply to startup',
      'work SELECT ?, …',
      'reply to SELECT ?, …',
      'setup PREPARE: SELECT $1',
      'reply to PREPARE: SELECT $1',
      'work SELECT $1',
      'reply to SELECT $1',
      'work UPDATE t SET n = ?',
      'work SELECT $1',
      'reply to UPDATE t SET n = ?',
      'reply to SELECT $1',
      'work nonsense',
      'work SELECT $1',
      'work COMMIT',
      'reply to nonsense',
      'reply to SELECT $1',
      'reply to COMMIT',
      'work SELECT $1',
      'reply to SELECT $1',
      'work COPY t FROM STDIN',
      'reply to COPY t FROM STDIN',
      'setup CLOSE',
      'reply to CLOSE',
    ],
  },
  'MySQL and MariaDB': {
    open: (ear) => new MysqlConversation(ear),
    turns: MYSQL,
    toStore: said([client(login('0022 0000')), ...MYSQL.slice(2)], 'client'),
    toClient: said([store(greeting('dff7', 'fffb')), ...MYSQL.slice(1)], 'store'),
    told: [
      'setup login',
      'reply to login',
      'setup SET NAMES utf8',
      'reply to SET NAMES utf8',
      'work SELECT ?, …',
      'reply to SELECT ?, …',
      'work CALL p()',
      'reply to CALL p()',
      'setup PREPARE: SELECT ?',
      'reply to PREPARE: SELECT ?',
      'work SELECT ?',
      'reply to SELECT ?',
      'work SELECT ?',
      'reply to SELECT ?',
      'work FETCH: SELECT ?',
      'setup CLOSE',
      'idle PING',
      'reply to FETCH: SELECT ?',
      'reply to PING',
      'work LOAD DATA LOCAL INFILE ? INTO TABLE t',
      'reply to LOAD DATA LOCAL INFILE ? INTO TABLE t',
      'work nonsense',
      'reply to nonsense',
    ],
  },
};
