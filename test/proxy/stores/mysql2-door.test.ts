/** A driver of Node's own making through the door: logins, prepared and several statements, packets beyond the longest. */

import { createHash, randomBytes } from 'node:crypto';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor } from '../../../harness/proxy/stores/door.ts';
import type { Door } from '../../../harness/proxy/stores/types.ts';
import { mariadbClient, NO_MARIADB, startMariadb, type Mariadb } from '../../support/mariadb.ts';

const title = `mysql2 through a door before a real MariaDB${NO_MARIADB === undefined ? '' : `: ${NO_MARIADB}`}`;

describe.skipIf(NO_MARIADB !== undefined)(title, () => {
  let mariadb: Mariadb;
  let door: Door;
  const connections: Connection[] = [];

  beforeAll(async () => {
    mariadb = await startMariadb();
    await mariadbClient(
      mariadb.port,
      `CREATE USER native@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING PASSWORD('secret');
       GRANT ALL ON test.* TO native@'127.0.0.1';
       CREATE TABLE points (id varchar(20) PRIMARY KEY, n int NOT NULL, body longblob)`,
    );
  });
  afterAll(() => mariadb.stop());
  beforeEach(async () => {
    await mariadbClient(mariadb.port, "DELETE FROM points; INSERT INTO points VALUES ('a', 0, NULL)");
    door = await openDoor({ kind: 'mysql', upstream: `127.0.0.1:${mariadb.port}` });
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.destroy();
    await door.close();
  });

  async function connect(more: object = {}): Promise<Connection> {
    const options = { host: '127.0.0.1', port: door.port, user: 'test', database: 'test', ...more };
    const connection = await createConnection(options);
    connection.on('error', () => {});
    connections.push(connection);
    return connection;
  }
  const names = (counted: readonly { readonly name: string }[]) => counted.map(({ name }) => name);

  test('a password is checked by mysql_native_password, and a wrong one is refused by the store', async () => {
    const client = await connect({ user: 'native', password: 'secret' });
    const [rows] = await client.query<RowDataPacket[]>('SELECT n FROM points');
    expect(rows).toEqual([{ n: 0 }]);
    await expect(connect({ user: 'native', password: 'guessed' })).rejects.toThrow(/Access denied/);
    expect(door.refusal).toBeUndefined();
  });

  test('a store that switches to a plugin that the driver lacks fails as it does without the door', async ({
    skip,
  }) => {
    await mariadbClient(mariadb.port, "INSTALL SONAME 'auth_ed25519'").catch(() => '');
    const made = await mariadbClient(
      mariadb.port,
      "CREATE OR REPLACE USER modern@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('secret')",
    ).catch(() => undefined);
    if (made === undefined) skip('this MariaDB has no plugin ed25519');
    const outcome = async (port: number): Promise<string> =>
      await connect({ user: 'modern', password: 'secret', database: undefined, port }).then(
        () => 'connected',
        (error: Error) => error.message,
      );
    expect(await outcome(door.port)).toBe(await outcome(mariadb.port));
    expect(door.refusal).toBeUndefined();
  });

  test('a client that wants TLS is refused with that reason', async () => {
    await expect(connect({ ssl: { rejectUnauthorized: false } })).rejects.toThrow(/secure connection/);
  });

  test('a prepared statement is met at its execution, each time', async () => {
    const client = await connect();
    const window = door.begin();
    for (const n of [1, 2]) await client.execute('UPDATE points SET n = ? WHERE id = ?', [n, 'a']);
    expect(names(window.counted)).toEqual(Array(2).fill('UPDATE points SET n = ? WHERE id = ?'));
    expect(names(window.uncounted)).toEqual(['PREPARE: UPDATE points SET n = ? WHERE id = ?']);
    const stand = window.stand({ kind: 'cut-after', at: 3 });
    await expect(client.execute('UPDATE points SET n = ? WHERE id = ?', [3, 'a'])).rejects.toThrow();
    await stand.done;
    expect(await mariadbClient(mariadb.port, 'SELECT n FROM points')).toBe('3\n');
  });

  test('several statements in one message are one message, and answered whole before it is cut', async () => {
    const client = await connect({ multipleStatements: true });
    const window = door.begin();
    const both = "UPDATE points SET n = n + 1 WHERE id = 'a'; SELECT n FROM points";
    const [results] = await client.query<RowDataPacket[][]>(both);
    expect(results[1]).toEqual([{ n: 1 }]);
    expect(window.counted).toHaveLength(1);
    const stand = window.stand({ kind: 'hold-reply', at: 2 });
    const waiting = client.query<RowDataPacket[][]>(both);
    expect((await stand.replied)?.index).toBe(2);
    expect(await mariadbClient(mariadb.port, 'SELECT n FROM points')).toBe('2\n');
    stand.release();
    expect((await waiting)[0][1]).toEqual([{ n: 2 }]);
  });

  test('a value beyond the longest packet, 16 MB, passes both ways as one message each', async () => {
    const client = await connect();
    const window = door.begin();
    const body = randomBytes(20 * 1024 * 1024 + 7);
    await client.query('UPDATE points SET body = ?', [body]);
    const [rows] = await client.query<RowDataPacket[]>('SELECT body FROM points');
    const came = (rows[0]?.['body'] as Buffer | undefined) ?? Buffer.alloc(0);
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect([came.length, digest(came)]).toEqual([body.length, digest(body)]);
    expect(window.counted).toHaveLength(2);
    expect(await window.quiet({ quietMs: 10, withinMs: 5000 })).toBe(true);
  });
});
