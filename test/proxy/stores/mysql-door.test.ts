import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor } from '../../../harness/proxy/stores/door.ts';
import type { Door, DoorEvent } from '../../../harness/proxy/stores/types.ts';
import { mariadbClient, NO_MARIADB, startMariadb, type Mariadb } from '../../support/mariadb.ts';

const title = `a door before a real MariaDB${NO_MARIADB === undefined ? '' : `: ${NO_MARIADB}`}`;

describe.skipIf(NO_MARIADB !== undefined)(title, () => {
  let mariadb: Mariadb;
  let door: Door;
  let events: DoorEvent[];

  const direct = (sql: string): Promise<string> => mariadbClient(mariadb.port, sql);
  const through = (sql: string, ...args: string[]): Promise<string> => mariadbClient(door.port, sql, args);

  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());
  beforeEach(async () => {
    await direct('CREATE OR REPLACE TABLE points (id varchar(20) PRIMARY KEY, n int NOT NULL)');
    await direct("INSERT INTO points VALUES ('a', 0)");
    door = await openDoor({ kind: 'mysql', upstream: `127.0.0.1:${mariadb.port}` });
    events = [];
    door.onEvent((event) => events.push(event));
  });
  afterEach(() => door.close());

  const ADD = "UPDATE points SET n = n + 1 WHERE id = 'a';";
  const read = async (): Promise<string> => (await direct('SELECT n FROM points')).trim();

  test('statements are counted from the window on, and named without their literals', async () => {
    const window = door.begin();
    await through(
      `BEGIN; SELECT n FROM points WHERE id = "secret" /* secret */ FOR UPDATE; ${ADD}
       PREPARE again FROM 'SELECT n FROM points WHERE id = ?'; SET @x = 'secret'; EXECUTE again USING @x; COMMIT; SELECT 1;`,
    );
    expect(window.counted.map(({ index, name }) => `${index} ${name}`)).toEqual([
      '1 BEGIN',
      '2 SELECT n FROM points WHERE id = ? FOR UPDATE',
      '3 UPDATE points SET n = n + ? WHERE id = ?',
      '4 PREPARE again FROM ?',
      '5 SET @x = ?',
      '6 EXECUTE again USING @x',
      '7 COMMIT',
    ]);
    expect(window.uncounted.map(({ name, role }) => `${role} ${name}`)).toContain('idle SELECT ?');
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(door.refusal).toBeUndefined();
  });

  test('cut before a statement: its transaction is not done; cut after it: it is', async () => {
    const before = door.begin().stand({ kind: 'cut-before', at: ({ name }) => name === 'COMMIT' });
    await expect(through(`BEGIN; ${ADD} COMMIT;`)).rejects.toThrow('mariadb ended with 1');
    await before.done;
    expect(await read()).toBe('0');
    const after = door.begin().stand({ kind: 'cut-after', at: ({ name }) => name === 'COMMIT' });
    await expect(through(`BEGIN; ${ADD} COMMIT;`)).rejects.toThrow('mariadb ended with 1');
    await after.done;
    expect(await read()).toBe('1');
  });

  test('a statement is held while another connection works, and goes on when it is released', async () => {
    const window = door.begin();
    const stand = window.stand({ kind: 'hold-message', at: 1 });
    const held = through('SELECT n FROM points');
    await stand.reached;
    await through(ADD);
    stand.release();
    expect((await held).trim()).toBe('1');
    expect(await window.quiet({ quietMs: 1, withinMs: 5000 })).toBe(true);
  });

  test('every statement in the log is one message, and no other is: results, errors, many results, files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onceproof-infile-'));
    const file = join(folder, 'rows');
    await writeFile(file, Array.from({ length: 3000 }, (_, n) => `k${n}\t${n}`).join('\n'));
    const log = join(mariadb.folder, 'general.log');
    const shown = async (): Promise<number> =>
      ((await readFile(log, 'utf8')).match(/^.*?\t *\d+ Query\t/gm) ?? []).length;
    const before = await shown();
    const statements = [
      `LOAD DATA LOCAL INFILE '${file}' INTO TABLE points;`,
      'SELECT * FROM points;',
      ADD,
      'CREATE OR REPLACE PROCEDURE two() SELECT 1 UNION SELECT 2;',
      'CALL two();',
      'SELECT REPEAT("x", 20000000);',
      'nonsense;',
      'SHOW WARNINGS;',
    ];
    const said = await through(
      statements.join('\n').repeat(3).replaceAll('INTO TABLE', 'IGNORE INTO TABLE'),
      '--force',
      '--local-infile=1',
    );
    expect(said.length).toBeGreaterThan(60_000_000);
    await rm(folder, { recursive: true });
    const names = events.flatMap((event) => (event.type === 'message' ? [event.message.name] : []));
    expect(names.filter((name) => name === 'CALL two()')).toHaveLength(3);
    expect(names.filter((name) => name !== 'login')).toHaveLength((await shown()) - before);
    expect(events.filter(({ type }) => type === 'left-alone')).toEqual([]);
    // Each was answered, the last as the first: nothing was lost count of.
    const answers = events.filter(({ type }) => type === 'reply');
    expect(answers).toHaveLength(names.length);
    expect(await read()).toContain('2999');
  });

  test('a client that insists on TLS is refused with that reason', async () => {
    await expect(through('SELECT 1', '--ssl', '--ssl-verify-server-cert')).rejects.toThrow('SSL');
    await expect(through('SELECT 1', '--skip-ssl')).resolves.toBe('1\n');
  });
});
