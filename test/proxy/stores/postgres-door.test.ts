import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor } from '../../../harness/proxy/stores/door.ts';
import type { Door, DoorEvent } from '../../../harness/proxy/stores/types.ts';
import { findPostgres, startPostgres, type Postgres } from '../../support/postgres.ts';

const bin = findPostgres();
const title =
  bin === undefined
    ? 'a door before a real PostgreSQL: PostgreSQL is not installed'
    : 'a door before a real PostgreSQL';

describe.skipIf(bin === undefined)(title, () => {
  let postgres: Postgres;
  let log = '';
  let door: Door;
  let events: DoorEvent[];
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    postgres = await startPostgres({
      settings: ['log_statement=all', 'log_line_prefix=@'],
      onLog: (text) => (log += text),
      hba: ['hostssl all strict 127.0.0.1/32 trust', 'host all strict 127.0.0.1/32 reject'],
    });
    const direct = await connect(postgres.url);
    await direct.query('CREATE TABLE points (id text PRIMARY KEY, n int NOT NULL); CREATE ROLE strict LOGIN');
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    door = await openDoor({ kind: 'postgres', upstream: new URL(postgres.url).host });
    events = [];
    door.onEvent((event) => events.push(event));
    await (await connect(postgres.url)).query("DELETE FROM points; INSERT INTO points VALUES ('a', 0)");
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.end()));
    await door.close();
  });

  async function connect(url = throughDoor(), options: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, ...options });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  }

  function throughDoor(): string {
    return postgres.url.replace(/:\d+\//, `:${door.port}/`);
  }

  const ADD = 'UPDATE points SET n = n + 1 WHERE id = $1';
  const read = async (): Promise<number> => {
    const { rows } = await (await connect(postgres.url)).query<{ n: number }>('SELECT n FROM points');
    return rows[0]?.n ?? Number.NaN;
  };

  test('statements are counted from the window on, and named without their literals', async () => {
    const client = await connect();
    const window = door.begin();
    await client.query('BEGIN');
    await client.query("SELECT n FROM points WHERE id = 'secret' /* secret */ FOR UPDATE");
    await client.query(ADD, ['secret']);
    await client.query({ name: 'again', text: 'SELECT n FROM points WHERE id = $1', values: ['secret'] });
    await client.query({ name: 'again', text: 'SELECT n FROM points WHERE id = $1', values: ['secret'] });
    await client.query('COMMIT');
    await client.query('SELECT 1');
    expect(window.counted.map(({ index, name }) => `${index} ${name}`)).toEqual([
      '1 BEGIN',
      '2 SELECT n FROM points WHERE id = ? FOR UPDATE',
      '3 UPDATE points SET n = n + ? WHERE id = $1',
      '4 SELECT n FROM points WHERE id = $1',
      '5 SELECT n FROM points WHERE id = $1',
      '6 COMMIT',
    ]);
    expect(window.uncounted.map(({ name, role }) => `${role} ${name}`)).toEqual(['idle SELECT ?']);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('cut before a statement: it is not done, and its transaction neither', async () => {
    const client = await connect();
    const stand = door.begin().stand({ kind: 'cut-before', at: ({ name }) => name === 'COMMIT' });
    await client.query('BEGIN');
    await client.query(ADD, ['a']);
    await expect(client.query('COMMIT')).rejects.toThrow('terminated');
    await stand.done;
    expect(await read()).toBe(0);
  });

  test.each([['simple'], ['extended']])('cut after a %s statement: it is done', async (kind) => {
    const client = await connect();
    const stand = door.begin().stand({ kind: 'cut-after', at: 1 });
    const add =
      kind === 'simple'
        ? client.query("UPDATE points SET n = n + 1 WHERE id = 'a'")
        : client.query(ADD, ['a']);
    await expect(add).rejects.toThrow('terminated');
    expect((await stand.replied)?.index).toBe(1);
    expect(await read()).toBe(1);
  });

  test('a held statement is read when it is released: neither its parse nor its snapshot is older', async () => {
    const [first, second] = [await connect(), await connect()];
    const window = door.begin();
    const stand = window.stand({ kind: 'hold-message', at: 1 });
    const held = first.query<{ n: number }>('SELECT n FROM points WHERE id = $1', ['a']);
    await stand.reached;
    await second.query(ADD, ['a']);
    stand.release();
    expect((await held).rows[0]?.n).toBe(1);
    expect(await window.quiet({ quietMs: 1, withinMs: 5000 })).toBe(true);
  });

  test('a held reply keeps its transaction open for nobody but the client', async () => {
    const client = await connect();
    const stand = door.begin().stand({ kind: 'hold-reply', at: 1 });
    const heard = client.query(ADD, ['a']);
    await stand.replied;
    expect(await read()).toBe(1);
    stand.release();
    expect((await heard).rowCount).toBe(1);
  });

  test('every statement that log_statement shows is one message, and no other is', async () => {
    const client = await connect();
    await client.query('SELECT 1');
    const shown = (): number => (log.match(/^@LOG: {2}(?:statement|execute [^:]*): /gm) ?? []).length;
    const messages = (): number =>
      events.filter((event) => event.type === 'message' && event.message.name !== 'startup').length;
    await expect.poll(shown).toBeGreaterThan(2);
    const before = { shown: shown(), messages: messages() };
    for (let turn = 0; turn < 100; turn++) {
      await client.query('BEGIN');
      await client.query(ADD, ['a']);
      await client.query({
        name: `p${turn % 7}`,
        text: `SELECT ${turn % 7}, $1::text`,
        values: ['x'.repeat(turn)],
      });
      await client.query('SELECT 5; SELECT 6');
      await client.query('SELECT generate_series(1, 1000)');
      await client.query('nonsense').catch(() => {});
      await client.query('ROLLBACK');
    }
    await client.query('SELECT 7');
    // What cannot be parsed is not logged as a statement.
    const counted = messages() - before.messages - 100;
    expect(counted).toBe(601);
    await expect.poll(() => shown() - before.shown).toBe(counted);
  });

  test('SSL and GSS are answered with no, COPY passes both ways, pgbench pipelines', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `${n}\tvalue ${n}`).join('\n');
    const copied = await run(
      'psql',
      [throughDoor(), '-X', '-At', '-q'],
      [
        'CREATE TABLE copied (n int, t text);',
        '\\copy copied FROM pstdin',
        lines,
        '\\.',
        '\\copy (SELECT * FROM copied ORDER BY n) TO pstdout',
      ],
    );
    expect(copied.stdout.trimEnd()).toBe(lines);
    const before = door.counts.work;
    const folder = await mkdtemp(join(tmpdir(), 'onceproof-pgbench-'));
    const script = join(folder, 'script.sql');
    const lead = "\\startpipeline\nUPDATE points SET n = n + 1 WHERE id = 'a';\n";
    await writeFile(script, `${lead}SELECT n FROM points;\n\\endpipeline\n`);
    const args = ['-n', '-M', 'prepared', '-t', '50', '-f', script, throughDoor()];
    const pipelined = await run('pgbench', args, []);
    await rm(folder, { recursive: true });
    expect(pipelined.stdout).toContain('number of transactions actually processed: 50/50');
    expect(door.counts.work - before).toBe(100);
    expect(await read()).toBe(50);
  });

  test('a client that insists on TLS is refused with that reason', async () => {
    await expect(connect(throughDoor(), { ssl: true })).rejects.toThrow('does not support SSL');
    await expect.poll(() => door.refusal?.code).toBe('client-insists-on-tls');
  });

  test('a PostgreSQL that turns an address away insists on TLS only if it would speak it', async () => {
    await expect(connect(throughDoor().replace('test@', 'strict@'))).rejects.toThrow('no encryption');
    expect(door.refusal).toBeUndefined();
    const reason = 'SFATAL\0C28000\0Mno pg_hba.conf entry for host "127.0.0.1", no encryption\0\0';
    const error = Buffer.from(`E\0\0\0\0${reason}`);
    error.writeInt32BE(reason.length + 4, 1);
    const strict = createServer((client) =>
      client
        .on('error', () => {})
        .on('data', (bytes) => {
          if (bytes.length === 8) client.write('S');
          else client.end(error);
        }),
    ).listen(0, '127.0.0.1');
    await once(strict, 'listening');
    await door.close();
    door = await openDoor({
      kind: 'postgres',
      upstream: `127.0.0.1:${(strict.address() as AddressInfo).port}`,
    });
    await expect(connect()).rejects.toThrow('no encryption');
    await expect.poll(() => door.refusal?.code).toBe('store-insists-on-tls');
    strict.close();
  });
});

async function run(
  program: string,
  args: readonly string[],
  lines: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(join(bin ?? '', program), args, { timeout: 30_000 });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdin.end(`${lines.join('\n')}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said.stderr}`);
  return said;
}
