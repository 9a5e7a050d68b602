/** Laws of the parsers behind a door: the pieces in which bytes come change neither the bytes nor the messages. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation, Ear } from '../harness/proxy/stores/conversation.ts';
import { nameStatement } from '../harness/proxy/stores/sql-names.ts';
import { prop } from './support/prop.ts';
import { DIALOGUES, type Dialogue } from './support/dialogues.ts';

/** Cuts over all protocols; `npm run prove` asks for a million. */
const CUTS = Number(process.env['ONCEPROOF_DOOR_CUTS'] ?? 20_000);

/** Everything that a conversation did with a dialogue. */
interface Heard {
  readonly toStore: Buffer;
  readonly toClient: Buffer;
  readonly told: readonly string[];
  /** Where each message stands among the bytes for the store, and each reply ends among those for the client. */
  readonly places: readonly string[];
}

/** Plays both sides' turns, each turn in the pieces that `cut` makes of it. */
function play({ open, turns }: Dialogue, cut: (bytes: Buffer) => Buffer[]): Heard {
  const told: string[] = [];
  const places: string[] = [];
  const toStore: Buffer[] = [];
  const toClient: Buffer[] = [];
  const ear: Ear = {
    message: ({ start, end, name, role, hasReply }) => {
      told.push(`${role} ${name}`);
      places.push(`${start} to ${end}, answered: ${hasReply}`);
    },
    reply: ({ start, name }, end) => {
      told.push(`reply to ${name}`);
      places.push(`${start} answered at ${end}`);
    },
    answer: (bytes) => toClient.push(bytes),
    leaveAlone: (reason) => told.push(`left alone: ${reason}`),
    refuse: ({ code }) => told.push(`refused: ${code}`),
  };
  const conversation: Conversation = open(ear);
  for (const [side, bytes] of turns) {
    for (const piece of cut(bytes)) {
      // A parser may write into what it is given, which is the socket's own.
      const given = Buffer.from(piece);
      if (side === 'client') toStore.push(Buffer.from(conversation.client(given)));
      else toClient.push(Buffer.from(conversation.store(given)));
    }
  }
  return { toStore: Buffer.concat(toStore), toClient: Buffer.concat(toClient), told, places };
}

/** Whether two plays are the same; in strings, since comparing bytes one by one is slow. */
function textOf({ toStore, toClient, told, places }: Heard): string {
  return JSON.stringify([toStore.toString('latin1'), toClient.toString('latin1'), told, places]);
}

const whole = (bytes: Buffer): Buffer[] => [bytes];

describe.each(Object.entries(DIALOGUES))('the parser of %s', (_name, dialogue) => {
  const expected = play(dialogue, whole);

  test('hears in whole turns what was said', () => {
    expect(expected.told).toEqual(dialogue.told);
    expect(expected.toStore.equals(dialogue.toStore)).toBe(true);
    expect(expected.toClient.equals(dialogue.toClient)).toBe(true);
  });

  test('hears the same when it comes byte by byte', () => {
    const bytewise = play(dialogue, (bytes) => Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(textOf(bytewise)).toBe(textOf(expected));
  });

  test('hears the same when it is split at any one byte', () => {
    const longest = Math.max(...dialogue.turns.map(([, bytes]) => bytes.length));
    for (let at = 1; at < longest; at++)
      expect(textOf(play(dialogue, (bytes) => [bytes.subarray(0, at), bytes.subarray(at)]))).toBe(
        textOf(expected),
      );
  });

  const perRun = 20;
  const runs = Math.ceil(CUTS / perRun / Object.keys(DIALOGUES).length);
  prop(
    'hears the same in any pieces',
    [fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: perRun, maxLength: perRun })],
    (sizes) => {
      let turn = 0;
      const cut = (bytes: Buffer): Buffer[] => {
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length;) {
          const size = sizes[turn++ % sizes.length] ?? 1;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        return pieces;
      };
      expect(textOf(play(dialogue, cut))).toBe(textOf(expected));
    },
    { runs },
  );
});

describe('names of statements', () => {
  /** What must never be seen: marked, so that it is found in a name however it is cut. */
  const secret = fc.string({ minLength: 0, maxLength: 12 }).map((text) => `zq${text.replace(/\0/g, '')}zq`);

  prop(
    'no literal is ever in a name, in any way of writing one',
    [fc.array(fc.tuple(secret, fc.nat(5)), { minLength: 1, maxLength: 4 })],
    (literals) => {
      const postgres = literals.map(([text, way]) => WRITTEN.postgres[way % WRITTEN.postgres.length]?.(text));
      const mysql = literals.map(([text, way]) => WRITTEN.mysql[way % WRITTEN.mysql.length]?.(text));
      expect(nameStatement(`SELECT ${postgres.join(', ')} FROM t`, 'postgres')).not.toContain('zq');
      expect(nameStatement(`SELECT ${mysql.join(', ')} FROM t`, 'mysql')).not.toContain('zq');
    },
    { runs: 1000 },
  );

  test.each([
    ['UPDATE p SET n = n - 100 WHERE id = $1', 'UPDATE p SET n = n - ? WHERE id = $1'],
    ["INSERT INTO t (a, b) VALUES ('x''y', -1.5e3)", 'INSERT INTO t (a, b) VALUES (?, -?)'],
    ['select  1\n  -- note\n from "T a";', 'select ? from "T a"'],
    ['/* a /* nested */ note */ COMMIT', 'COMMIT'],
    ["SELECT $tag$ it's $$ $tag$, $1", 'SELECT ?, $1'],
    ['SET app.user = bob', 'SET app.user = ?'],
    ['SELECT * FROM t1 WHERE c2 IN (1, 2, 3)', 'SELECT * FROM t1 WHERE c2 IN (?, …)'],
    ["SELECT 'a\\' OR b = 'c'", 'SELECT ? …'],
    ["SELECT E'a\\'b', c", 'SELECT ?, c'],
    ["SELECT 'never ended", 'SELECT ?'],
    [' ; ', '(empty)'],
  ])('%s', (statement, name) => {
    expect(nameStatement(statement, 'postgres')).toBe(name);
  });
});

const quoted = (text: string): string => text.replaceAll("'", "''");
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
const WRITTEN: Readonly<Record<'postgres' | 'mysql', readonly ((text: string) => string)[]>> = {
  postgres: [
    (text) => `'${quoted(text)}'`,
    (text) => `E'${escaped(text)}'`,
    (text) => `$q$${text.replaceAll('$', '')}$q$`,
    (text) => `/* ${text.replaceAll('*', '').replaceAll('/', '')} */ 1`,
  ],
  mysql: [
    (text) => `'${escaped(text)}'`,
    (text) => `'${quoted(text).replaceAll('\\', '')}'`,
    (text) => `"${text.replaceAll('\\', '').replaceAll('"', '""')}"`,
    (text) => `/* ${text.replaceAll('*', '')} */ 1`,
    (text) => `_utf8'${quoted(text).replaceAll('\\', '')}'`,
  ],
};
